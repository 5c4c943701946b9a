// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "dsp/control.hpp"
#include "stemwire/units.hpp"

namespace stemwire::dsp {

/// A noise gate: opens when any channel reaches the threshold, closes when all of them have been below threshold − hysteresis for the hold
/// time. The gain of all channels is the same, and moves exponentially (one pole) between 1 and the range. Guarantee: wait-free.
class Gate {
public:
    struct Controls {
        double threshold_db;
        double hysteresis_db;
        double range_db;   ///< gain while closed; gain_off: silence
        double attack_s;   ///< time constants: 63 % of the way
        double hold_s;
        double release_s;
        friend bool operator==(const Controls&, const Controls&) = default;
    };

    void prepare(double rate_hz, const Controls& controls) noexcept
    {
        rate_hz_ = rate_hz;
        controls_ = {};
        set(controls);
        settle();
    }

    void set(const Controls& controls) noexcept
    {
        if (controls == controls_) return;
        controls_ = controls;
        opens_at_ = static_cast<float>(decibels_to_linear(controls.threshold_db));
        closes_below_ = static_cast<float>(decibels_to_linear(controls.threshold_db - controls.hysteresis_db));
        closed_gain_ = decibels_to_linear(controls.range_db);
        keep_attack_ = one_pole_keep(controls.attack_s, rate_hz_);
        keep_release_ = one_pole_keep(controls.release_s, rate_hz_);
        hold_frames_ = seconds_to_frames(controls.hold_s, rate_hz_);
    }

    /// In place. `key`: what opens it; empty: the channels themselves.
    void process(std::span<float* const> channels, std::span<const float* const> key, std::uint32_t frames) noexcept
    {
        const std::span<const float* const> heard = key.empty() ? std::span<const float* const>(channels) : key;
        for (std::uint32_t i = 0; i < frames; ++i) {
            float level = 0.0f;
            for (const float* samples : heard) level = std::max(level, std::abs(samples[i]));
            const auto gain = static_cast<float>(next_gain(level));
            for (float* samples : channels) samples[i] *= gain;
        }
    }

    void process(std::span<float* const> channels, std::uint32_t frames) noexcept { process(channels, {}, frames); }

    /// As it is after a long silence: closed.
    void settle() noexcept
    {
        open_ = false;
        gain_ = closed_gain_;
    }

private:
    static constexpr double close_enough = 1e-6;  // −120 dB from where it is going

    double next_gain(float level) noexcept
    {
        if (level >= (open_ ? closes_below_ : opens_at_)) {
            open_ = true;
            left_ = hold_frames_;
        } else if (open_ && left_ > 0) {
            --left_;
        } else {
            open_ = false;
        }
        const double target = open_ ? 1.0 : closed_gain_;
        gain_ = target + (open_ ? keep_attack_ : keep_release_) * (gain_ - target);
        if (std::abs(gain_ - target) < close_enough) gain_ = target;
        return gain_;
    }

    double rate_hz_ = 48000.0;
    Controls controls_{};
    float opens_at_ = 0.0f;
    float closes_below_ = 0.0f;
    double closed_gain_ = 0.0;
    double keep_attack_ = 0.0;
    double keep_release_ = 0.0;
    Frames hold_frames_ = 0;

    bool open_ = false;
    Frames left_ = 0;  ///< of the hold
    double gain_ = 0.0;
};

}  // namespace stemwire::dsp
