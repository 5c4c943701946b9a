// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dsp/biquad.hpp"
#include "dsp/control.hpp"
#include "dsp/mix.hpp"

namespace stemwire::dsp {

/// Taps of each of the three phases between two samples. White noise through the limiter, driven 12 dB over its ceiling, passes it by 0.36
/// dB with 48 taps,
/// 0.17 dB with 96 and 0.02 dB with 192 (sixteenfold oversampling, 256 taps).
inline constexpr std::uint32_t true_peak_taps = 192;
/// Taps of a good resampler, and of a meter (ITU-R BS.1770-4 annex 2): what lies near half the rate they play otherwise than an ideal
/// filter, and may so peak higher.
inline constexpr std::uint32_t ordinary_taps = 48;
inline constexpr std::uint32_t meter_taps = 12;
/// Frames by which a true peak is known after its sample.
inline constexpr std::uint32_t true_peak_latency = true_peak_taps / 2;
/// Samples that may be read beyond the last, whatever they are.
inline constexpr std::uint32_t true_peak_slack = 32;

/// A filter for the values ¼, ½, ¾ of the way from one sample to the next, folded in its middle: that for ¾ is that for ¼ read backwards,
/// so that both are made of the sum and the difference of two samples as far from the middle; element 0 is for the newest and the oldest.
template <std::uint32_t taps>
struct FoldedFilter {
    float even[taps / 2];    ///< of the sums, for ¼ and ¾
    float odd[taps / 2];     ///< of the differences, newer less older: added for ¼, taken away for ¾
    float middle[taps / 2];  ///< of the sums, for ½
};

/// The middles of all three lie at the same sample.
struct TruePeakFilter {
    FoldedFilter<true_peak_taps> nearly_ideal;
    FoldedFilter<ordinary_taps> ordinary;
    FoldedFilter<meter_taps> meter;
};

/// How a compressor's gain follows a level: equation 4 of Giannoulis, Massberg and Reiss (see Compressor).
struct GainCurve {
    float threshold_db;
    float knee_db;  ///< above 0
    float slope;    ///< 1 − 1 / ratio
};

/// The inner loops, compiled once for each instruction set. What they promise stands where they are used.
struct Kernels {
    const char* name;
    void (*mix)(const MixTerm* terms, std::size_t count, float* out, std::uint32_t frames) noexcept;
    void (*mix_pair)(const PairTerm* terms, std::size_t count, float* first, float* second, std::uint32_t frames) noexcept;
    void (*mix_measured)(const MixTerm* terms, std::size_t count, Level* levels, float* out, std::uint32_t frames) noexcept;
    void (*mix_pair_measured)(const PairTerm* terms, std::size_t count, Level* levels, float* first, float* second,
                              std::uint32_t frames) noexcept;
    void (*measure)(const MixTerm* terms, std::size_t count, Level* levels, std::uint32_t frames) noexcept;
    /// control_frames powers become the reductions in dB that the curve wants, which are not negative; returns the largest.
    float (*wanted_reductions)(float* power_to_db, const GainCurve& curve) noexcept;
    /// control_frames reductions of 0 … 700 dB become gains.
    void (*gains_of_reductions)(float* db_to_gain) noexcept;
    void (*filter)(const FilterBand* bands, std::size_t count, float* const* channels, std::size_t channel_count,
                   std::uint32_t frames) noexcept;
    /// At most control_frames; reads true_peak_taps samples before and true_peak_slack beyond the end. `last`: the point before the first,
    /// by the nearly ideal filter; what is no number is not known yet. Becomes the last of this piece.
    void (*true_peaks)(const float* samples, const TruePeakFilter& filter, float* peaks, std::uint32_t frames, float& last) noexcept;
};

/// Those that this processor can run: first the portable one, which is the oracle of the others, last the fastest.
[[nodiscard]] std::span<const Kernels* const> usable_kernels() noexcept;
/// The fastest. Guarantee: wait-free after the program's start.
[[nodiscard]] const Kernels& best_kernels() noexcept;

}  // namespace stemwire::dsp
