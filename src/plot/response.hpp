// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

namespace stemwire::plot {

/// What a linear node does to a sine of one frequency.
struct ResponsePoint {
    double frequency_hz;
    double gain_db;    ///< −∞ where nothing passes
    double phase_deg;  ///< −180 … 180; no number where nothing passes
};

/// The transfer function of an impulse response, with `latency` frames of it taken off: pure delay turns no phase.
class Response {
public:
    /// `impulse`: from the frame on at which the impulse went in.
    Response(std::span<const float> impulse, std::uint32_t latency, double rate_hz);

    /// At one frequency from 0 to half the rate, exact but for the straight line between bins that are at most 1.5 Hz apart.
    [[nodiscard]] ResponsePoint at(double frequency_hz) const;
    /// From low to high in `columns` equal ratios. Where several bins fall into one, its valley and its hill too.
    [[nodiscard]] std::vector<ResponsePoint> over(double low_hz, double high_hz, std::size_t columns) const;

private:
    [[nodiscard]] ResponsePoint bin(std::size_t index) const;

    std::vector<std::complex<double>> bins_;  ///< 0 … half the rate
    double bin_hz_;
};

}  // namespace stemwire::plot
