// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/true_peak_meter.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/mix.hpp"
#include "dsp/true_peak.hpp"

namespace stemwire::dsp {

namespace {

/// The largest magnitude of the three points behind each of the frames, half the filter's length late.
template <std::uint32_t most_frames>
float peak_between(const float* fresh, std::uint32_t frames)
{
    const FoldedFilter<meter_taps>& filter = true_peak_filter().meter;
    std::array<float, most_frames> even{};
    std::array<float, most_frames> odd{};
    std::array<float, most_frames> middle{};
    for (std::ptrdiff_t tap = 0; tap < static_cast<std::ptrdiff_t>(meter_taps / 2); ++tap)
        for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(most_frames); ++i) {
            const auto at = static_cast<std::size_t>(i);
            const float newer = fresh[i - tap];
            const float older = fresh[i - (static_cast<std::ptrdiff_t>(meter_taps) - 1) + tap];
            even[at] += filter.even[tap] * (newer + older);
            odd[at] += filter.odd[tap] * (newer - older);
            middle[at] += filter.middle[tap] * (newer + older);
        }
    float peak = 0.0f;
    for (std::size_t i = 0; i < frames; ++i) peak = std::max({peak, std::abs(even[i] + odd[i]), std::abs(even[i] - odd[i]), std::abs(middle[i])});
    return peak;
}

}  // namespace

TruePeakMeter::TruePeakMeter(std::size_t channels) : channels_(channels), largest_gain_(std::max(1.0f, largest_gain_of(true_peak_filter().meter)))
{
    clear();
}

void TruePeakMeter::add_piece(History& history, const float* samples, std::uint32_t frames) noexcept
{
    float* fresh = history.data() + meter_taps;
    std::copy_n(samples, frames, fresh);
    const float in_reach = measure(history.data(), meter_taps + frames).peak;
    if (in_reach * largest_gain_ > peak_) peak_ = std::max({peak_, measure(fresh, frames).peak, peak_between<piece_frames>(fresh, frames)});
    std::copy_n(history.data() + frames, meter_taps, history.data());
}

void TruePeakMeter::add(std::span<const float* const> channels, std::uint32_t frames) noexcept
{
    for (std::size_t channel = 0; channel < channels_.size(); ++channel)
        for (std::uint32_t done = 0; done < frames; done += piece_frames)
            add_piece(channels_[channel], channels[channel] + done, std::min(frames - done, piece_frames));
}

void TruePeakMeter::finish() noexcept
{
    constexpr std::array<float, meter_taps> silence{};
    for (History& history : channels_) add_piece(history, silence.data(), meter_taps);
}

void TruePeakMeter::clear() noexcept
{
    for (History& history : channels_) history.fill(0.0f);
    peak_ = 0.0f;
}

}  // namespace stemwire::dsp
