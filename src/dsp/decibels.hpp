// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

namespace stemwire::dsp {

inline constexpr float decibels_per_octave_of_power = 3.01029996f;  // 10 log10(2)
inline constexpr float octaves_per_decibel = 0.166096405f;          // of amplitude: log2(10) / 20

/// Whole numbers as they are in a float, or lane by lane in a vector of floats.
template <class Value, class Whole>
[[nodiscard]] inline Value to_value(Whole whole) noexcept
{
    if constexpr (std::is_same_v<Value, float>) return static_cast<float>(whole);
    else return __builtin_convertvector(whole, Value);
}

/// log2 of a positive normal number within 10⁻⁶, without a branch; of a float and its bits, or of vectors of them. From the series of
/// artanh (Abramowitz and Stegun 4.1.27) on √½ … √2, where its fifth term is below 2⁻²⁴. Guarantee: wait-free.
template <class Value, class Whole>
[[nodiscard]] inline Value log2_of(Value x) noexcept
{
    constexpr std::int32_t root_half = 0x3f3504f3;  // √½
    const Whole bits = std::bit_cast<Whole>(x) - root_half;
    const Whole mantissa = (bits & 0x007fffff) + root_half;
    const Value m = std::bit_cast<Value>(mantissa);
    const Value s = (m - 1.0f) / (m + 1.0f);
    const Value s2 = s * s;
    const Value series = s * (2.88539008f + s2 * (0.961796694f + s2 * (0.577078016f + s2 * 0.412198583f)));  // 2 / ln 2 · 1, ⅓, ⅕, ⅐
    return to_value<Value>(bits >> 23) + series;
}

/// 2^x within 2 · 10⁻⁷ of itself for −120 … 120, exactly 1 at 0, without a branch: 2^whole from the exponent's bits, the rest from the
/// series of exp (Abramowitz and Stegun 4.2.1). Guarantee: wait-free.
template <class Value, class Whole>
[[nodiscard]] inline Value exp2_of(Value x) noexcept
{
    constexpr float to_whole = 12582912.0f;  // 1.5 · 2²³: adding it rounds to a whole number
    const Value shifted = x + to_whole;
    const Value f = (x - (shifted - to_whole)) * 0.693147181f;
    const Value series = 1.0f + f * (1.0f + f * (0.5f + f * (1.0f / 6 + f * (1.0f / 24 + f * (1.0f / 120 + f * (1.0f / 720))))));
    const Whole whole = std::bit_cast<Whole>(shifted) - std::bit_cast<std::int32_t>(to_whole);
    return std::bit_cast<Value>(std::bit_cast<Whole>(series) + (whole << 23));
}

}  // namespace stemwire::dsp
