// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace stemwire {

/// A count of frames, or a position on a clock or a timeline. A frame is one sample of every channel.
using Frames = std::uint64_t;

/// A tail or a duration that never ends.
inline constexpr Frames endless = std::numeric_limits<Frames>::max();

/// The largest quantum that a node is ever asked to process, in frames (PipeWire's default clock.max-quantum).
inline constexpr std::uint32_t largest_quantum = 8192;

/// The gain of `off`, in dB.
inline constexpr double gain_off = -std::numeric_limits<double>::infinity();

/// Gain in dB to a linear factor; `gain_off` gives exactly 0. Guarantee: wait-free.
[[nodiscard]] inline double decibels_to_linear(double gain_db) noexcept
{
    return gain_db == gain_off ? 0.0 : std::pow(10.0, gain_db / 20.0);
}

/// Linear factor to dB; 0 gives `gain_off`. Guarantee: wait-free.
[[nodiscard]] inline double linear_to_decibels(double factor) noexcept
{
    return 20.0 * std::log10(std::abs(factor));
}

/// Seconds to the nearest whole frame. Guarantee: wait-free.
[[nodiscard]] inline Frames seconds_to_frames(double seconds, double rate_hz) noexcept
{
    return static_cast<Frames>(std::llround(seconds * rate_hz));
}

}  // namespace stemwire
