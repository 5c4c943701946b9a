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

/// The weights for the value ¼, ½, ¾ of the way from one sample to the next, from the newest sample on. The middles of all filters lie at
/// the same sample.
struct TruePeakFilter {
    float taps[3][true_peak_taps];
    float ordinary[3][ordinary_taps];
    float meter[3][meter_taps];
};

/// The inner loops, compiled once for each instruction set. What they promise stands where they are used.
struct Kernels {
    const char* name;
    void (*mix)(const MixTerm* terms, std::size_t count, float* out, std::uint32_t frames) noexcept;
    void (*mix_pair)(const PairTerm* terms, std::size_t count, float* first, float* second, std::uint32_t frames) noexcept;
    void (*measure)(const MixTerm* terms, std::size_t count, Level* levels, std::uint32_t frames) noexcept;
    void (*filter)(const FilterBand* bands, std::size_t count, float* const* channels, std::size_t channel_count,
                   std::uint32_t frames) noexcept;
    /// At most control_frames; reads true_peak_taps samples before and true_peak_slack beyond the end.
    void (*true_peaks)(const float* samples, const TruePeakFilter& filter, float* peaks, std::uint32_t frames) noexcept;
};

/// Those that this processor can run: first the portable one, which is the oracle of the others, last the fastest.
[[nodiscard]] std::span<const Kernels* const> usable_kernels() noexcept;
/// The fastest. Guarantee: wait-free after the program's start.
[[nodiscard]] const Kernels& best_kernels() noexcept;

}  // namespace stemwire::dsp
