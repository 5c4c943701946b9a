// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

namespace stemwire::dsp {

/// Linear gains of the two sides.
struct PanGains {
    double left;
    double right;
};

/// Constant power, −3 dB on both sides at centre: cos and sin of an angle that goes from 0 to π/2 (Roads, The Computer Music Tutorial,
/// 1996, p. 458). `pan` −1 (left) … +1 (right); the ends are exact. Guarantee: wait-free.
[[nodiscard]] inline PanGains constant_power(double pan) noexcept
{
    if (pan <= -1.0) return {1.0, 0.0};
    if (pan >= 1.0) return {0.0, 1.0};
    const double angle = (pan + 1.0) * std::numbers::pi / 4.0;
    return {std::cos(angle), std::sin(angle)};
}

/// Balance of a signal that has both sides: 0 dB at centre, and the side that the pan turns away from falls linearly to nothing.
/// `pan` −1 … +1. Guarantee: wait-free.
[[nodiscard]] inline PanGains balance(double pan) noexcept
{
    return {std::min(1.0, 1.0 - pan), std::min(1.0, 1.0 + pan)};
}

}  // namespace stemwire::dsp
