// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "dsp/kernels/kernels.hpp"

namespace stemwire::dsp {

/// The true peak of one channel around every sample: the largest magnitude of the band-limited signal from there to the next sample. Found
/// by fourfold oversampling (ITU-R BS.1770-4, annex 2) with three filters: one that is nearly ideal, and a parabola through its largest
/// point and the neighbours, without which a tone near half the rate could read 0.7 dB low; and those of an ordinary resampler and of a
/// meter, which are less than ideal but are what will play and read the signal. Guarantee of process and settle: wait-free.
class TruePeak {
public:
    TruePeak();

    /// peaks[i] = max(peaks[i], the peak at the sample true_peak_latency before samples[i]); at most control_frames. Where nothing in reach
    /// can pass `floor`, the peaks stay as they are.
    void process(const float* samples, float* peaks, std::uint32_t frames, float floor) noexcept;
    /// Forgets the past: it was silence.
    void settle() noexcept
    {
        history_.fill(0.0f);
        last_ = unknown;
    }

private:
    static constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

    /// The last true_peak_taps samples, then the new ones.
    std::array<float, true_peak_taps + control_frames + true_peak_slack> history_{};
    float largest_gain_ = 1.0f;  ///< that the filter can have for any signal
    float last_ = unknown;       ///< point that was found between two samples
};

/// The sum of the magnitudes of a phase's taps, of the phase where it is largest.
template <std::uint32_t count>
[[nodiscard]] float largest_gain_of(const FoldedFilter<count>& filter)
{
    float quarter = 0.0f;
    float half = 0.0f;
    for (std::size_t tap = 0; tap < count / 2; ++tap) {
        quarter += std::abs(filter.even[tap] + filter.odd[tap]) + std::abs(filter.even[tap] - filter.odd[tap]);
        half += 2.0f * std::abs(filter.middle[tap]);
    }
    return std::max(quarter, half);
}

/// The filters between samples: sincs under Kaiser windows (Kaiser 1974), and under a Hann window as libebur128 has it.
[[nodiscard]] const TruePeakFilter& true_peak_filter() noexcept;

}  // namespace stemwire::dsp
