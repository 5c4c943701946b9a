// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "stemwire/units.hpp"

namespace stemwire::dsp {

/// Scatters the bits of a counter: the output function of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014, figure 16).
[[nodiscard]] constexpr std::uint64_t scatter(std::uint64_t bits) noexcept
{
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
    return bits ^ (bits >> 31);
}

/// Uniform random numbers as a function of a counter alone: any frame, in any order, with no state. Guarantee: wait-free.
class CounterNoise {
public:
    /// Streams of one seed have nothing to do with each other.
    explicit constexpr CounterNoise(std::uint64_t seed = 0, std::uint64_t stream = 0) noexcept
        : key_(scatter(scatter(seed + golden) + stream * golden))
    {
    }

    /// −2³¹ … 2³¹ − 1.
    [[nodiscard]] constexpr std::int32_t integer(std::uint64_t counter) const noexcept
    {
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(scatter(key_ + counter * golden) >> 32));
    }

    /// Flat over the whole band, RMS 1, between −√3 and √3.
    [[nodiscard]] double at(Frames frame) const noexcept { return integer(frame) * (0x1p-31 * std::numbers::sqrt3); }

private:
    static constexpr std::uint64_t golden = 0x9e3779b97f4a7c15u;  // 2⁶⁴ / φ: SplitMix64's increment
    std::uint64_t key_;
};

/// Noise whose power falls by 3 dB an octave, within ±0.5 dB from 20 Hz to 20 kHz at 48 kHz; RMS 1. The sum of rows of white noise, each of
/// which changes half as often as the one before (Voss and Clarke, J. Acoust. Soc. Am. 63, 1978), never two of the slower ones on one frame
/// (McCartney's arrangement). Every row's number is a function of the frame, and so is their sum. Guarantee: wait-free.
class PinkNoise {
public:
    explicit PinkNoise(std::uint64_t seed = 0, std::uint64_t stream = 0) noexcept
    {
        for (std::uint64_t row = 0; row < rows; ++row) noise_[row] = CounterNoise(seed, (stream + 1) * rows + row);
    }

    [[nodiscard]] double at(Frames frame) noexcept
    {
        const bool goes_on = frame == next_;
        next_ = frame + 1;
        if (!goes_on) return restart(frame);
        change(0, frame);
        // Row k changes where (frame + 2^(k−1)) is a multiple of 2^k: where the frame has k − 1 trailing zeros.
        if (const auto row = static_cast<std::size_t>(std::countr_zero(frame)) + 1; row < rows) change(row, frame);
        return sum();
    }

private:
    static constexpr std::size_t rows = 16;  // the slowest changes every 2¹⁵ frames: 0.7 s at 48 kHz
    // Sampled and held noise lacks power in the uppermost octaves; the power of the two fastest rows that makes up for it was found by
    // minimising the deviation of Σ power · (sin(πf2^k) / sin(πf))² / 2^k from 1/f over 20 Hz … 20 kHz.
    static constexpr double fast_power = 1.28;

    static Frames count(std::size_t row, Frames frame) noexcept { return row == 0 ? frame : (frame + (Frames{1} << (row - 1))) >> row; }

    void change(std::size_t row, Frames frame) noexcept
    {
        const std::int32_t value = noise_[row].integer(count(row, frame));
        (row < 2 ? fast_ : slow_) += std::int64_t{value} - value_[row];
        value_[row] = value;
    }

    double restart(Frames frame) noexcept
    {
        for (std::size_t row = 0; row < rows; ++row) change(row, frame);
        return sum();
    }

    [[nodiscard]] double sum() const noexcept
    {
        return fast_scale_ * static_cast<double>(fast_) + slow_scale_ * static_cast<double>(slow_);
    }

    double slow_scale_ = 0x1p-31 * std::sqrt(3.0 / (2.0 * fast_power + (rows - 2)));  ///< a uniform number has a power of 1/3
    double fast_scale_ = slow_scale_ * std::sqrt(fast_power);
    std::array<CounterNoise, rows> noise_;
    std::array<std::int32_t, rows> value_{};
    std::int64_t fast_ = 0;  ///< whole numbers: no rounding that would depend on where it began
    std::int64_t slow_ = 0;
    Frames next_ = endless;
};

}  // namespace stemwire::dsp
