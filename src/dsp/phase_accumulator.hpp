// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include "stemwire/units.hpp"

namespace stemwire::dsp {

/// The phase of an oscillator as a function of the frame: whole turns are 2⁶⁴, so that it wraps by itself, never drifts, and is the
/// same to the bit however the frames are reached. A change of frequency turns the line where it is: no step. Guarantee: wait-free.
class PhaseAccumulator {
public:
    /// As if this frequency had been there since frame 0, at phase 0.
    void start(double turns_per_frame) noexcept
    {
        step_ = to_turns(turns_per_frame);
        frame_ = 0;
        phase_ = 0;
    }

    /// From `frame` on at another frequency, without a step in the phase.
    void turn(double turns_per_frame, Frames frame) noexcept
    {
        const std::uint64_t step = to_turns(turns_per_frame);
        if (step == step_) return;
        phase_ = phase_at(frame);
        frame_ = frame;
        step_ = step;
    }

    /// The sine of the phase at a frame.
    [[nodiscard]] double sine(Frames frame) const noexcept
    {
        return std::sin(2.0 * std::numbers::pi * 0x1p-64 * static_cast<double>(static_cast<std::int64_t>(phase_at(frame))));
    }

private:
    static std::uint64_t to_turns(double turns_per_frame) noexcept { return static_cast<std::uint64_t>(turns_per_frame * 0x1p64); }
    [[nodiscard]] std::uint64_t phase_at(Frames frame) const noexcept { return phase_ + step_ * (frame - frame_); }

    std::uint64_t step_ = 0;   ///< 2⁻⁶⁴ turns per frame
    std::uint64_t phase_ = 0;  ///< 2⁻⁶⁴ turns, at frame_
    Frames frame_ = 0;
};

}  // namespace stemwire::dsp
