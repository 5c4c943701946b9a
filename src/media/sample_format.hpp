// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace stemwire::media {

/// A sample as an integer of so many bits, rounded and clipped. What is not finite is silence. Written so that compilers make vectors of
/// it.
[[nodiscard]] inline std::int32_t to_integer(float sample, int bits, float dither = 0.0f) noexcept
{
    const auto full = static_cast<float>(1 << (bits - 1));
    const float finite = std::abs(sample) <= std::numeric_limits<float>::max() ? sample : 0.0f;
    const float scaled = finite * full + dither;
    const float above = scaled < -full ? -full : scaled;
    const float clipped = above > full - 1.0f ? full - 1.0f : above;
    return static_cast<std::int32_t>(clipped + (clipped < 0.0f ? -0.5f : 0.5f));
}

/// Makes integers of a stream of channels. 16 bits get triangular dither of ±1 step, the difference of two uniform numbers (Lipshitz,
/// Wannamaker and Vanderkooy 1992; xorshift32, Marsaglia 2003), from a generator for each channel with a fixed seed: the same audio gives
/// the same file, however it is cut.
class Quantizer {
public:
    Quantizer(int bits, std::size_t channels) : bits_(bits), states_(bits == 16 ? channels : 0)
    {
        for (std::size_t channel = 0; channel < states_.size(); ++channel)
            states_[channel] = 0x9e3779b9u * static_cast<std::uint32_t>(2 * channel + 1);
    }

    /// The next frames of one channel.
    void convert(std::size_t channel, const float* in, std::uint32_t frames, std::int32_t* out) noexcept
    {
        const int bits = bits_;  // else every store might change it
        if (states_.empty()) {
            for (std::uint32_t frame = 0; frame < frames; ++frame) out[frame] = to_integer(in[frame], bits);
            return;
        }
        std::uint32_t state = states_[channel];
        for (std::uint32_t frame = 0; frame < frames; ++frame) out[frame] = to_integer(in[frame], bits, dither(state));
        states_[channel] = state;
    }

private:
    /// In steps of the format; the two numbers are the halves of one.
    static float dither(std::uint32_t& state) noexcept
    {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return (static_cast<float>(state >> 16) - static_cast<float>(state & 0xffffu)) * 0x1p-16f;
    }

    int bits_;
    std::vector<std::uint32_t> states_;  ///< never 0
};

}  // namespace stemwire::media
