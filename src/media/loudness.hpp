// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dsp/biquad.hpp"
#include "stemwire/layout.hpp"

namespace stemwire::media {

/// Integrated loudness of a signal by EBU R 128 (ITU-R BS.1770-4): K-weighted, in blocks of 400 ms every 100 ms, gated at −70 LUFS and then
/// at 10 LU below the mean. One thread at a time; not realtime.
class LoudnessMeter {
public:
    LoudnessMeter(double rate_hz, const ChannelLayout& layout);

    /// Planar, `[channel][frame]`.
    void add(std::span<const float* const> channels, std::uint32_t frames);
    /// LUFS of all that was added; −∞ where it is silent or shorter than 400 ms.
    [[nodiscard]] double integrated_lufs() const;

private:
    void add_piece(std::uint32_t frames);
    [[nodiscard]] double mean_above(double least) const;

    std::vector<double> weights_;  ///< [channel]
    std::array<dsp::BiquadCoefficients, 2> curve_;
    std::array<std::vector<dsp::BiquadState>, 2> states_;  ///< [filter][channel]
    std::vector<std::vector<float>> weighted_;             ///< [channel][frame] of one piece
    std::vector<float*> planes_;
    std::uint32_t step_frames_;
    std::uint32_t step_filled_ = 0;
    double step_energy_ = 0.0;
    std::vector<double> steps_;  ///< the mean square of each whole 100 ms, all channels by their weight
};

}  // namespace stemwire::media
