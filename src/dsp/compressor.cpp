// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/compressor.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/decibels.hpp"
#include "stemwire/units.hpp"

namespace stemwire::dsp {

namespace {

constexpr double rms_seconds = 0.010;
constexpr double inaudible_db = 1e-6;      // a reduction below this is none
constexpr float least_power = 1e-30f;      // keeps the logarithm finite: −300 dB
constexpr float narrowest_knee_db = 1e-3f; // keeps the parabola finite: no one hears the difference from a hard knee

/// The reduction in dB for a level: equation 4, written without branches.
struct GainComputer {
    explicit GainComputer(const Compressor::Controls& controls)
        : threshold_db(static_cast<float>(controls.threshold_db)),
          knee_db(std::max(narrowest_knee_db, static_cast<float>(controls.knee_db))), slope(static_cast<float>(1.0 - 1.0 / controls.ratio))
    {
    }

    float operator()(float level_db) const
    {
        const float into_knee_db = level_db - threshold_db + knee_db / 2.0f;
        const float inside_db = std::min(std::max(into_knee_db, 0.0f), knee_db);
        const float beyond_db = std::max(into_knee_db - knee_db, 0.0f);
        return slope * (inside_db * inside_db / (2.0f * knee_db) + beyond_db);
    }

    float threshold_db, knee_db, slope;
};

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

void Compressor::process(std::span<float* const> channels, std::uint32_t frames) noexcept
{
    Piece piece;
    const std::size_t together = link_ ? channels.size() : 1;
    for (std::size_t first = 0; first < channels.size(); first += together) {
        const auto group = channels.subspan(first, together);
        Envelope& envelope = envelopes_[link_ ? 0 : first];
        square(group, frames, piece);
        if (detector_ == Detector::rms) average(envelope, piece, frames);
        if (!reduce(envelope, piece, frames)) piece.fill(1.0f);
        apply(group, piece, frames);
    }
    makeup_.advance(frames);
    mix_.advance(frames);
}

void Compressor::square(std::span<float* const> channels, std::uint32_t frames, Piece& power) const noexcept
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
    const GainComputer computer(controls_);
    Piece& wanted_db = power_to_gain;
    float most_db = 0.0f;
    for (std::uint32_t i = 0; i < frames; ++i) {
        wanted_db[i] = computer(decibels_per_octave_of_power * fast_log2(std::max(power_to_gain[i], least_power)));
        most_db = std::max(most_db, wanted_db[i]);
    }
    if (most_db == 0.0f && envelope.held_db == 0.0 && envelope.reduction_db == 0.0) return false;
    const auto audible = [](double reduction_db) { return reduction_db > inaudible_db ? reduction_db : 0.0; };
    for (std::uint32_t i = 0; i < frames; ++i) {
        const double wanted = wanted_db[i];
        envelope.held_db = audible(std::max(wanted, wanted + keep_release_ * (envelope.held_db - wanted)));
        envelope.reduction_db = audible(envelope.held_db + keep_attack_ * (envelope.reduction_db - envelope.held_db));
        power_to_gain[i] = static_cast<float>(-envelope.reduction_db);
    }
    for (std::uint32_t i = 0; i < frames; ++i) power_to_gain[i] = fast_exp2(octaves_per_decibel * power_to_gain[i]);
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
