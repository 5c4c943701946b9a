// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stemwire::bench {

using Signal = std::vector<float>;

/// What is convolved: one channel (1 path), two straight through (2 paths), or from every one of n to every one of n (n * n paths: 4 are true stereo).
struct Case {
    double impulse_seconds;
    double rate_hz;
    std::uint32_t block;
    std::size_t paths;

    [[nodiscard]] std::size_t taps() const { return static_cast<std::size_t>(impulse_seconds * rate_hz); }
    [[nodiscard]] std::size_t channels() const { return paths == 2 ? 2 : static_cast<std::size_t>(std::lround(std::sqrt(paths))); }
    [[nodiscard]] std::size_t input_of(std::size_t path) const { return paths == 2 ? path : path / channels(); }
    [[nodiscard]] std::size_t output_of(std::size_t path) const { return path % channels(); }
};

/// One impulse for each path: noise that dies away by 60 dB over its length, with the energy 1.
[[nodiscard]] std::vector<Signal> halls(const Case& what);

/// Channels of noise so loud that what comes out of such halls peaks below full scale.
[[nodiscard]] std::vector<Signal> noises(std::size_t channels, std::size_t frames);

/// The first frames of output 0, as many as the inputs have, in double precision.
[[nodiscard]] std::vector<double> exact_output(const Case& what, const std::vector<Signal>& impulses, const std::vector<Signal>& in);

}  // namespace stemwire::bench
