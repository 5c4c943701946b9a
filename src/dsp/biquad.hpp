// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "stemwire/units.hpp"

namespace stemwire::dsp {

enum class FilterShape { lowpass, highpass, lowshelf, highshelf, peak, notch, bandpass, allpass };

/// `lowpass`, `highpass`, …: the names of the shapes.
[[nodiscard]] std::optional<FilterShape> parse_filter_shape(std::string_view name) noexcept;

/// The highest frequency of a filter, as a part of the rate: the bilinear transform bends what lies above beyond recognition.
inline constexpr double highest_filter_frequency = 0.49;

/// H(z) = (b0 + b1 z⁻¹ + b2 z⁻²) / (1 + a1 z⁻¹ + a2 z⁻²). In double precision: at 20 Hz and 192 kHz the poles are 5 · 10⁻⁴ from 1.
struct BiquadCoefficients {
    double b0 = 1.0;
    double b1 = 0.0;
    double b2 = 0.0;
    double a1 = 0.0;
    double a2 = 0.0;
};

/// Robert Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients" (W3C note, 2021), with Q for every shape; the
/// bandpass has 0 dB at its peak. `gain_db` is of peak and shelves. A frequency above 0.49 of the rate is taken as that. Guarantee:
/// wait-free.
[[nodiscard]] BiquadCoefficients design_biquad(FilterShape shape, double frequency_hz, double gain_db, double q, double rate_hz) noexcept;

/// Frames until an impulse's ring is 100 dB below its beginning, from the radius of the larger pole. Guarantee: wait-free.
[[nodiscard]] Frames ring_frames(const BiquadCoefficients& coefficients) noexcept;

/// What a filter remembers of one channel: the last two samples that went in and that came out.
struct BiquadState {
    double x1 = 0.0;
    double x2 = 0.0;
    double y1 = 0.0;
    double y2 = 0.0;
};

/// One of several filters in a row.
struct FilterBand {
    const BiquadCoefficients* coefficients;
    BiquadState* states;  ///< [channel]
};

/// Filters one piece of every channel in place, by one band after the other, in double precision from the first to the last. Uses
/// the widest vectors of the processor, across channels. Guarantee: wait-free.
void filter(std::span<const FilterBand> bands, std::span<float* const> channels, std::uint32_t frames) noexcept;

/// The same with one band: `states[channel]`. Guarantee: wait-free.
void filter(const BiquadCoefficients& coefficients, std::span<BiquadState> states, std::span<float* const> channels,
            std::uint32_t frames) noexcept;

}  // namespace stemwire::dsp
