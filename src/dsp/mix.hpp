// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

namespace stemwire::dsp {

/// A linear gain over the coming frames: at frame i it is target + slope · min(position + i, 0). `position` is −(frames that the
/// ramp still lasts), a whole number, and `slope` is 0 where there is no ramp: the end of a ramp is exactly its target.
struct GainLine {
    float target = 0.0f;
    float slope = 0.0f;
    float position = 0.0f;
};

struct alignas(16) MixTerm {
    const float* samples;
    GainLine gain;
};

/// out[i] = Σ gain(i) · samples[i] over the terms, in their order; zeros where there is none. `out` may be one of the inputs. The
/// result is the same however the frames are cut into calls, as long as the lines go on where they were: to the bit while gains stand, and
/// while they move but for their rounding, less than −130 dB of full scale where they are less than 1. It differs between processors in the
/// last bits (fused multiply-add). Uses the widest vectors of the processor. Guarantee: wait-free.
void mix(std::span<const MixTerm> terms, float* out, std::uint32_t frames) noexcept;

/// One input of two outputs, with a gain to each; a gain of 0 costs nothing.
struct PairTerm {
    const float* samples;
    GainLine gains[2];
};

/// `mix` for two outputs, which are no inputs: every term is loaded once. Guarantee: wait-free.
void mix_pair(std::span<const PairTerm> terms, float* first, float* second, std::uint32_t frames) noexcept;

/// Peak and energy of a piece of one channel.
struct Level {
    float peak = 0.0f;         ///< largest magnitude, full scale 1
    float sum_squares = 0.0f;  ///< over the frames; of a signal that is not finite it is not finite either

    [[nodiscard]] bool is_silent() const noexcept { return peak == 0.0f && sum_squares == 0.0f; }
};

/// The level of several channels together: the largest peak, and all squares.
[[nodiscard]] inline Level operator+(const Level& a, const Level& b) noexcept
{
    return {a.peak > b.peak ? a.peak : b.peak, a.sum_squares + b.sum_squares};
}

/// The level behind a gain of samples whose level is `before`. While the gain moves it is an estimate: the squares are taken to be spread
/// evenly, and the peak to lie where the gain is largest. Guarantee: wait-free.
[[nodiscard]] Level level_behind(const GainLine& gain, const Level& before, std::uint32_t frames) noexcept;

/// As above, and levels[k] becomes the level of term k's samples as they are, without its gain, in the same pass: cheaper than measure.
/// No output is an input. Guarantee: wait-free.
void mix(std::span<const MixTerm> terms, Level* levels, float* out, std::uint32_t frames) noexcept;
void mix_pair(std::span<const PairTerm> terms, Level* levels, float* first, float* second, std::uint32_t frames) noexcept;

/// levels[k]: the level of gain(i) · samples[i] of term k; several at once cost less than each by itself. Guarantee: wait-free.
void measure(std::span<const MixTerm> terms, Level* levels, std::uint32_t frames) noexcept;
/// The level of gain(i) · samples[i]. Guarantee: wait-free.
[[nodiscard]] Level measure(const MixTerm& term, std::uint32_t frames) noexcept;
/// The level of the samples as they are. Guarantee: wait-free.
[[nodiscard]] Level measure(const float* samples, std::uint32_t frames) noexcept;

}  // namespace stemwire::dsp
