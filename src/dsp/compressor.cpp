// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/compressor.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/kernels/kernels.hpp"
#include "stemwire/units.hpp"

namespace stemwire::dsp {

namespace {

constexpr double rms_seconds = 0.010;
// Taken off every frame, so that a decay ends: a reduction is 10⁻⁶ dB too small at most, with a release of 5 s at 192 kHz.
constexpr double least_step_db = 1e-12;
constexpr float narrowest_knee_db = 1e-3f; // keeps the parabola finite: no one hears the difference from a hard knee

GainCurve curve_of(const Compressor::Controls& controls)
{
    return {static_cast<float>(controls.threshold_db), std::max(narrowest_knee_db, static_cast<float>(controls.knee_db)),
            static_cast<float>(1.0 - 1.0 / controls.ratio)};
}

}  // namespace

void Compressor::prepare(double rate_hz, std::size_t channels, Detector detector, bool link, const Controls& controls)
{
    rate_hz_ = rate_hz;
    detector_ = detector;
    link_ = link;
    keep_power_ = one_pole_keep(rms_seconds, rate_hz);
    makeup_.prepare(rate_hz, 1.0f);
    mix_.prepare(rate_hz, 1.0f);
    envelopes_.assign(link ? 1 : channels, {});
    controls_ = {};
    set(controls);
    settle();
}

void Compressor::set(const Controls& controls) noexcept
{
    if (controls == controls_) return;
    controls_ = controls;
    keep_attack_ = one_pole_keep(controls.attack_s, rate_hz_);
    keep_release_ = one_pole_keep(controls.release_s, rate_hz_);
    makeup_.set_target(static_cast<float>(decibels_to_linear(controls.makeup_db)));
    mix_.set_target(static_cast<float>(controls.mix));
}

void Compressor::settle() noexcept
{
    makeup_.jump(makeup_.target());
    mix_.jump(mix_.target());
    std::ranges::fill(envelopes_, Envelope{});
}

void Compressor::process(std::span<float* const> channels, std::span<const float* const> key, std::uint32_t frames) noexcept
{
    Piece piece;
    const std::size_t together = link_ ? channels.size() : 1;
    for (std::size_t first = 0; first < channels.size(); first += together) {
        const auto group = channels.subspan(first, together);
        Envelope& envelope = envelopes_[link_ ? 0 : first];
        square(key.empty() ? std::span<const float* const>(group) : key, frames, piece);
        if (detector_ == Detector::rms) average(envelope, piece, frames);
        if (!reduce(envelope, piece, frames)) piece.fill(1.0f);
        apply(group, piece, frames);
    }
    makeup_.advance(frames);
    mix_.advance(frames);
}

void Compressor::square(std::span<const float* const> channels, std::uint32_t frames, Piece& power) const noexcept
{
    power.fill(0.0f);
    for (const float* samples : channels)
        for (std::uint32_t i = 0; i < frames; ++i) power[i] = std::max(power[i], samples[i] * samples[i]);
}

void Compressor::average(Envelope& envelope, Piece& power, std::uint32_t frames) const noexcept
{
    for (std::uint32_t i = 0; i < frames; ++i) {
        envelope.power = power[i] + keep_power_ * (envelope.power - power[i]);
        power[i] = static_cast<float>(envelope.power);
    }
}

bool Compressor::reduce(Envelope& envelope, Piece& power_to_gain, std::uint32_t frames) const noexcept
{
    const float most_db = best_kernels().wanted_reductions(power_to_gain.data(), curve_of(controls_));
    if (most_db == 0.0f && envelope.held_db == 0.0 && envelope.reduction_db == 0.0) return false;
    auto [power, held_db, reduction_db] = envelope;
    for (std::uint32_t i = 0; i < frames; ++i) {
        // What does not wait for the frame before comes first: the loop takes as long as the rest.
        const double wanted_db = power_to_gain[i];
        const double towards_db = (1.0 - keep_release_) * wanted_db - least_step_db;
        held_db = std::max(wanted_db, towards_db + keep_release_ * held_db);
        reduction_db = std::max(0.0, (1.0 - keep_attack_) * held_db - least_step_db + keep_attack_ * reduction_db);
        power_to_gain[i] = static_cast<float>(reduction_db);
    }
    envelope = {power, held_db, reduction_db};
    best_kernels().gains_of_reductions(power_to_gain.data());
    return true;
}

void Compressor::apply(std::span<float* const> channels, const Piece& gain, std::uint32_t frames) const noexcept
{
    Piece factor;
    for (std::uint32_t i = 0; i < frames; ++i) factor[i] = 1.0f + mix_.at(i) * (gain[i] * makeup_.at(i) - 1.0f);
    for (float* samples : channels)
        for (std::uint32_t i = 0; i < frames; ++i) samples[i] *= factor[i];
}

}  // namespace stemwire::dsp
