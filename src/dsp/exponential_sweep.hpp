// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <numbers>

namespace stemwire::dsp {

/// A sine whose frequency goes from one to another by the same ratio every second (Farina, AES 108th Convention, 2000, equation 10), or
/// down. A function of time; 0 before its begin, after its end, and where the frequency is above half the rate. Guarantee: wait-free.
class ExponentialSweep {
public:
    /// `from_hz` ≠ `to_hz`.
    ExponentialSweep(double from_hz, double to_hz, double seconds, double rate_hz) noexcept
        : from_hz_(from_hz), seconds_(seconds), growth_(std::log(to_hz / from_hz) / seconds), highest_ratio_(rate_hz / 2.0 / from_hz)
    {
    }

    [[nodiscard]] double at(double second) const noexcept
    {
        if (second < 0.0 || second >= seconds_) return 0.0;
        const double ratio_minus_1 = std::expm1(growth_ * second);
        if (ratio_minus_1 + 1.0 > highest_ratio_) return 0.0;
        return std::sin(2.0 * std::numbers::pi * from_hz_ / growth_ * ratio_minus_1);
    }

private:
    double from_hz_;
    double seconds_;
    double growth_;         ///< of the logarithm of the frequency, per second
    double highest_ratio_;  ///< of a frequency that the rate can carry to the first
};

}  // namespace stemwire::dsp
