// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>

namespace stemwire::dsp {

/// Frames between two looks of a unit at values that change while it plays (filter coefficients, taps); the steps lie on multiples of this,
/// counted from the first frame ever, so that blocks of any size see the same. 0.7 ms at 48 kHz: 30 steps in a ramp.
inline constexpr std::uint32_t control_frames = 32;

/// What a one-pole average keeps from frame to frame so that it goes 63 % of the way in this time. Guarantee: wait-free.
[[nodiscard]] inline double one_pole_keep(double seconds, double rate_hz) noexcept
{
    return std::exp(-1.0 / (seconds * rate_hz));
}

}  // namespace stemwire::dsp
