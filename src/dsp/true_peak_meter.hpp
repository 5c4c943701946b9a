// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dsp/kernels/kernels.hpp"

namespace stemwire::dsp {

/// The largest true peak of all channels of a signal so far, as meters show it: fourfold oversampling by the short filter that ITU-R BS.1770-4, annex 2
/// suggests. (TruePeak, which limits, is stricter near half the rate, where meters read low.) One thread at a time.
/// Guarantee of all but the constructor: wait-free, no allocation.
class TruePeakMeter {
public:
    explicit TruePeakMeter(std::size_t channels);

    /// Planar, `[channel][frame]`.
    void add(std::span<const float* const> channels, std::uint32_t frames) noexcept;
    /// The signal is over, and silence follows: without this the points between its last few frames are not in it.
    void finish() noexcept;
    /// Forgets all that it heard.
    void clear() noexcept;
    /// Linear, of full scale.
    [[nodiscard]] float peak() const noexcept { return peak_; }

private:
    static constexpr std::uint32_t piece_frames = 64;
    /// The last meter_taps samples, then the new ones.
    using History = std::array<float, meter_taps + piece_frames>;

    void add_piece(History& history, const float* samples, std::uint32_t frames) noexcept;

    std::vector<History> channels_;
    float largest_gain_;  ///< that the filter can have for any signal
    float peak_ = 0.0f;
};

}  // namespace stemwire::dsp
