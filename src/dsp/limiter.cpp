// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/limiter.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "stemwire/units.hpp"

namespace stemwire::dsp {

namespace {

constexpr double reduction_unit = 0x1p-30;  // of the whole numbers that are averaged: −180 dB
constexpr double no_reduction = 0x1p-24;    // below this a gain is 1 in a float
// −0.08 dB: aimed at once the ceiling is passed, as a gain that moves adds a little between samples, and meters with short filters read a
// little more.
constexpr double margin = 0.991;
// Frames on each side of a peak that are reduced as much as the peak is: a value between samples is made of those around it.
constexpr std::size_t spread = 4;

}  // namespace

void Limiter::MovingSum::settle() noexcept
{
    std::ranges::fill(values_, 0);
    sum_ = 0;
    at_ = 0;
}

std::int64_t Limiter::MovingSum::next(std::int64_t value) noexcept
{
    sum_ += value - values_[at_];
    values_[at_] = value;
    at_ = at_ + 1 == values_.size() ? 0 : at_ + 1;
    return sum_;
}

void Limiter::prepare(double rate_hz, std::size_t channels, double lookahead_s, const Controls& controls)
{
    rate_hz_ = rate_hz;
    lookahead_ = std::max<std::size_t>(spread + 2, seconds_to_frames(lookahead_s, rate_hz));
    true_peaks_.assign(channels, {});
    // Both averages together see `ramp` values; the maximum sees the spread and one more on each side, as a peak lies between two samples.
    const std::size_t ramp = lookahead_ - spread;
    const std::size_t half = (ramp + 1) / 2;
    first_.prepare(half);
    second_.prepare(ramp + 1 - half);
    held_.prepare(ramp + 2 * (spread + 1));
    scale_ = reduction_unit / static_cast<double>(half * (ramp + 1 - half));
    delayed_.assign(channels, std::vector<float>(latency(), 0.0f));
    ceiling_.prepare(rate_hz, 1.0f);
    controls_ = {};
    set(controls);
    settle();
}

void Limiter::set(const Controls& controls) noexcept
{
    if (controls == controls_) return;
    controls_ = controls;
    keep_release_ = one_pole_keep(controls.release_s, rate_hz_);
    ceiling_.set_target(static_cast<float>(decibels_to_linear(controls.ceiling_db)));
}

void Limiter::settle() noexcept
{
    ceiling_.jump(ceiling_.target());
    for (TruePeak& true_peak : true_peaks_) true_peak.settle();
    held_.settle();
    first_.settle();
    second_.settle();
    for (auto& samples : delayed_) std::ranges::fill(samples, 0.0f);
    released_ = 0.0;
}

void Limiter::process(std::span<float* const> channels, std::uint32_t frames) noexcept
{
    Piece piece;
    find_peaks(channels, frames, piece);
    for (std::uint32_t i = 0; i < frames; ++i) {
        const double ceiling = ceiling_.at(i);
        const double wanted = piece[i] > ceiling ? 1.0 - margin * ceiling / piece[i] : 0.0;
        piece[i] = wanted == 0.0 && is_idle() ? 1.0f : static_cast<float>(1.0 - smooth(wanted));
    }
    ceiling_.advance(frames);
    apply(channels, piece, frames);
}

void Limiter::find_peaks(std::span<float* const> channels, std::uint32_t frames, Piece& peaks) noexcept
{
    peaks.fill(0.0f);
    const float lowest_ceiling = std::min(ceiling_.value(), ceiling_.at(frames));
    for (std::size_t channel = 0; channel < channels.size(); ++channel)
        true_peaks_[channel].process(channels[channel], peaks.data(), frames, lowest_ceiling);
}

double Limiter::smooth(double reduction) noexcept
{
    const double held = held_.next(reduction);
    released_ = std::max(held, held + keep_release_ * (released_ - held));
    if (released_ < no_reduction) released_ = 0.0;
    const double units = released_ / reduction_unit;
    auto whole = static_cast<std::int64_t>(units);
    whole += static_cast<double>(whole) < units;  // upwards; std::ceil is a call where the processor may lack the instruction
    return scale_ * static_cast<double>(second_.next(first_.next(whole)));
}

void Limiter::apply(std::span<float* const> channels, const Piece& gain, std::uint32_t frames) noexcept
{
    std::size_t at = at_;
    for (std::size_t channel = 0; channel < channels.size(); ++channel) {
        auto& delayed = delayed_[channel];
        at = at_;
        for (std::uint32_t i = 0; i < frames; ++i) {
            const float sample = std::exchange(delayed[at], channels[channel][i]);
            channels[channel][i] = sample * gain[i];
            at = at + 1 == delayed.size() ? 0 : at + 1;
        }
    }
    at_ = at;
}

}  // namespace stemwire::dsp
