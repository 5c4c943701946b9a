// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>

namespace stemwire::dsp {

inline constexpr float decibels_per_octave_of_power = 3.01029996f;  // 10 log10(2)
inline constexpr float octaves_per_decibel = 0.166096405f;          // of amplitude: log2(10) / 20

/// log2 of a positive normal number within 10⁻⁶, without a branch, so that loops over it become vectors. From the series of artanh
/// (Abramowitz and Stegun 4.1.27) on √½ … √2, where its fifth term is below 2⁻²⁴. Guarantee: wait-free.
[[nodiscard]] inline float fast_log2(float x) noexcept
{
    constexpr std::int32_t root_half = 0x3f3504f3;  // √½
    const std::int32_t bits = std::bit_cast<std::int32_t>(x) - root_half;
    const std::int32_t mantissa = (bits & 0x007fffff) + root_half;
    const float m = std::bit_cast<float>(mantissa);
    const float s = (m - 1.0f) / (m + 1.0f);
    const float s2 = s * s;
    const float series = s * (2.88539008f + s2 * (0.961796694f + s2 * (0.577078016f + s2 * 0.412198583f)));  // 2 / ln 2 · 1, ⅓, ⅕, ⅐
    return static_cast<float>(bits >> 23) + series;
}

/// 2^x within 2 · 10⁻⁷ of itself for −120 … 120, exactly 1 at 0, without a branch: 2^whole from the exponent's bits, the rest from the
/// series of exp (Abramowitz and Stegun 4.2.1). Guarantee: wait-free.
[[nodiscard]] inline float fast_exp2(float x) noexcept
{
    constexpr float to_whole = 12582912.0f;  // 1.5 · 2²³: adding it rounds to a whole number
    const float shifted = x + to_whole;
    const float f = (x - (shifted - to_whole)) * 0.693147181f;
    const float series = 1.0f + f * (1.0f + f * (0.5f + f * (1.0f / 6 + f * (1.0f / 24 + f * (1.0f / 120 + f * (1.0f / 720))))));
    const std::int32_t whole = std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(to_whole);
    return std::bit_cast<float>(std::bit_cast<std::int32_t>(series) + (whole << 23));
}

}  // namespace stemwire::dsp
