// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <vector>

#include "dsp/biquad.hpp"
#include "dsp/ramp.hpp"
#include "nodes/effects/unit.hpp"

namespace stemwire::nodes {

namespace {

/// One filter. Its frequency and Q move in equal ratios, its gain in equal steps of dB, and every control step has coefficients of its own.
class Band {
public:
    Band(const Settings& settings, const LiveParameters& live, const std::string& address)
        : shape_(*dsp::parse_filter_shape(settings.text("type"))), frequency_hz_(live.at(address + ".frequency")),
          gain_db_(live.at(address + ".gain")), q_(live.at(address + ".q")), enabled_(live.at(address + ".enabled"))
    {
    }

    void prepare(double rate_hz, std::size_t channels)
    {
        rate_hz_ = rate_hz;
        states_.assign(channels, {});
        dry_.assign(channels, {});
        for (dsp::Ramp* ramp : {&frequency_octave_, &gain_ramp_, &q_octave_, &wet_}) ramp->prepare(rate_hz, 0.0f);
        follow();
        settle();
    }

    void follow() noexcept
    {
        wet_.set_target(enabled_.get() != 0.0 ? 1.0f : 0.0f);
        follow(frequency_octave_, static_cast<float>(std::log2(frequency_hz_.get())));
        follow(gain_ramp_, static_cast<float>(gain_db_.get()));
        follow(q_octave_, static_cast<float>(std::log2(q_.get())));
    }

    /// Takes the coefficients of a control step.
    void begin_step() noexcept
    {
        if (stale_) design();
    }

    /// True where it does nothing but filter.
    [[nodiscard]] bool is_plain() const noexcept { return !wet_.moves() && !wet_.is_off(); }
    [[nodiscard]] dsp::FilterBand filter() noexcept { return {&coefficients_, states_.data()}; }

    /// Where it is not plain: fades in or out, or is off.
    void process(std::span<float* const> channels, std::uint32_t frames) noexcept
    {
        if (wet_.is_off()) {
            std::ranges::fill(states_, dsp::BiquadState{});
            return;
        }
        for (std::size_t channel = 0; channel < channels.size(); ++channel)
            std::copy_n(channels[channel], frames, dry_[channel].begin());
        dsp::filter(coefficients_, states_, channels, frames);
        fade(channels, frames);
    }

    void advance(std::uint32_t frames) noexcept
    {
        for (dsp::Ramp* ramp : {&frequency_octave_, &gain_ramp_, &q_octave_, &wet_}) ramp->advance(frames);
    }

    void settle() noexcept
    {
        for (dsp::Ramp* ramp : {&frequency_octave_, &gain_ramp_, &q_octave_, &wet_}) ramp->jump(ramp->target());
        if (stale_) design();
        std::ranges::fill(states_, dsp::BiquadState{});
    }

    [[nodiscard]] Frames tail() const noexcept
    {
        if (enabled_.get() == 0.0) return 0;
        return dsp::ring_frames(dsp::design_biquad(shape_, frequency_hz_.get(), gain_db_.get(), q_.get(), rate_hz_));
    }

private:
    void follow(dsp::Ramp& ramp, float target) noexcept
    {
        ramp.set_target(target);
        stale_ = stale_ || ramp.moves();
    }

    void design() noexcept
    {
        coefficients_ =
            dsp::design_biquad(shape_, std::exp2(frequency_octave_.value()), gain_ramp_.value(), std::exp2(q_octave_.value()), rate_hz_);
        stale_ = frequency_octave_.moves() || gain_ramp_.moves() || q_octave_.moves();
    }

    void fade(std::span<float* const> channels, std::uint32_t frames) const noexcept
    {
        for (std::size_t channel = 0; channel < channels.size(); ++channel)
            for (std::uint32_t i = 0; i < frames; ++i)
                channels[channel][i] = dry_[channel][i] + wet_.at(i) * (channels[channel][i] - dry_[channel][i]);
    }

    dsp::FilterShape shape_;
    const LiveValue& frequency_hz_;
    const LiveValue& gain_db_;
    const LiveValue& q_;
    const LiveValue& enabled_;

    double rate_hz_ = 48000.0;
    dsp::Ramp frequency_octave_;
    dsp::Ramp gain_ramp_;
    dsp::Ramp q_octave_;
    dsp::Ramp wet_;
    bool stale_ = true;  ///< the coefficients are not those of the ramps' values
    dsp::BiquadCoefficients coefficients_;
    std::vector<dsp::BiquadState> states_;                      ///< [channel]
    std::vector<std::array<float, dsp::control_frames>> dry_;  ///< [channel]
};

class Equalizer final : public EffectUnit {
public:
    Equalizer(const Settings& settings, const LiveParameters& live, const std::string& address)
    {
        for (const auto& [number, band] : settings["bands"].records) bands_.emplace_back(band, live, address + ".bands." + number);
        plain_.reserve(bands_.size());
    }

    Expected<void> prepare(const Preparation& preparation, std::size_t channels) override
    {
        for (Band& band : bands_) band.prepare(preparation.rate_hz, channels);
        return {};
    }

    void follow() noexcept override
    {
        for (Band& band : bands_) band.follow();
    }

    void process(std::span<float* const> channels, std::uint32_t frames, bool step) noexcept override
    {
        for (Band& band : bands_) {
            if (step) band.begin_step();
            if (band.is_plain()) {
                plain_.push_back(band.filter());
            } else {
                filter_plain(channels, frames);
                band.process(channels, frames);
            }
        }
        filter_plain(channels, frames);
        for (Band& band : bands_) band.advance(frames);
    }

    void settle() noexcept override
    {
        for (Band& band : bands_) band.settle();
    }

    [[nodiscard]] Frames tail() const noexcept override
    {
        Frames frames = 0;
        for (const Band& band : bands_) frames += band.tail();
        return frames;
    }

private:
    /// The plain bands that have come together: in one go.
    void filter_plain(std::span<float* const> channels, std::uint32_t frames) noexcept
    {
        if (!plain_.empty()) dsp::filter(plain_, channels, frames);
        plain_.clear();
    }

    std::vector<Band> bands_;
    std::vector<dsp::FilterBand> plain_;
};

}  // namespace

std::unique_ptr<EffectUnit> make_equalizer(const Settings& settings, const LiveParameters& live, const std::string& address)
{
    return std::make_unique<Equalizer>(settings, live, address);
}

}  // namespace stemwire::nodes
