// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace stemwire::media {

/// Triangular dither of ±1 step, the difference of two uniform numbers, from a generator with a fixed seed (Lipshitz, Wannamaker and
/// Vanderkooy 1992; xorshift32, Marsaglia 2003): rendering twice gives the same file.
class Dither {
public:
    /// In steps of the format.
    [[nodiscard]] float next() noexcept
    {
        const float first = uniform();
        return first - uniform();
    }

private:
    float uniform() noexcept
    {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        return static_cast<float>(state_ >> 8) * 0x1p-24f;
    }
    std::uint32_t state_ = 0x9e3779b9u;
};

/// A sample as an integer of so many bits, rounded and clipped. What is not finite is silence.
[[nodiscard]] inline std::int32_t to_integer(float sample, int bits, float dither = 0.0f) noexcept
{
    const auto full = static_cast<float>(1 << (bits - 1));
    const float scaled = std::isfinite(sample) ? sample * full + dither : 0.0f;
    return static_cast<std::int32_t>(std::lrint(std::clamp(scaled, -full, full - 1.0f)));
}

}  // namespace stemwire::media
