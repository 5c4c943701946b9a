// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stemwire::bench {

using Signal = std::vector<float>;

/// What is convolved: two channels, straight through (2 paths) or true stereo (4).
struct Case {
    double impulse_seconds;
    double rate_hz;
    std::uint32_t block;
    std::size_t paths;

    [[nodiscard]] std::size_t taps() const { return static_cast<std::size_t>(impulse_seconds * rate_hz); }
    [[nodiscard]] std::size_t input_of(std::size_t path) const { return paths == 2 ? path : path / 2; }
    [[nodiscard]] std::size_t output_of(std::size_t path) const { return path % 2; }
};

/// One impulse for each path: noise that dies away by 60 dB over its length, with the energy 1.
[[nodiscard]] std::vector<Signal> halls(const Case& what);

/// Two channels of noise so loud that what comes out of such halls peaks below full scale.
[[nodiscard]] std::vector<Signal> two_channels(std::size_t frames);

/// The first frames of output 0, as many as the inputs have, in double precision.
[[nodiscard]] std::vector<double> exact_output(const Case& what, const std::vector<Signal>& impulses, const std::vector<Signal>& in);

}  // namespace stemwire::bench
