// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "dsp/compressor.hpp"
#include "dsp/echo.hpp"
#include "dsp/gate.hpp"
#include "dsp/limiter.hpp"
#include "dsp/pan_law.hpp"
#include "dsp/ramp.hpp"
#include "nodes/effects/unit.hpp"

namespace stemwire::nodes {

namespace {

// A one-pole decay of a gain reduction of up to 120 dB is below 10⁻⁵ dB after ln(120 / 10⁻⁵) time constants.
constexpr double time_constants_to_forget = 16.3;

Frames frames_to_forget(double seconds, double rate_hz)
{
    return seconds_to_frames(seconds * time_constants_to_forget, rate_hz);
}

/// A unit that follows its live values by an engine's controls, and does nothing else.
template <class Engine>
class ControlledUnit : public EffectUnit {
public:
    void follow() noexcept override { engine_.set(controls()); }
    void process(std::span<float* const> channels, std::uint32_t frames, bool step) noexcept override
    {
        if constexpr (requires { engine_.process(channels, key_, frames); }) engine_.process(channels, key_, frames);
        else if constexpr (requires { engine_.process(channels, frames, step); }) engine_.process(channels, frames, step);
        else engine_.process(channels, frames);
    }
    void settle() noexcept override { engine_.settle(); }

protected:
    [[nodiscard]] virtual typename Engine::Controls controls() const noexcept = 0;

    double rate_hz_ = 48000.0;
    Engine engine_;
    std::span<const float* const> key_;  ///< what the engine listens to; empty: its own channels
};

/// One that may listen to something else than what goes through it.
template <class Engine>
class KeyedUnit : public ControlledUnit<Engine> {
public:
    explicit KeyedUnit(const Settings& settings) : listens_(settings.flag("sidechain")) {}
    void hear(std::span<const float* const> sidechain) noexcept final
    {
        if (listens_) this->key_ = sidechain;
    }

private:
    bool listens_;
};

class CompressorUnit final : public KeyedUnit<dsp::Compressor> {
public:
    CompressorUnit(const Settings& settings, const LiveParameters& live, const std::string& address)
        : KeyedUnit(settings), detector_(settings.text("detector") == "rms" ? dsp::Compressor::Detector::rms : dsp::Compressor::Detector::peak),
          link_(settings.flag("link")), threshold_(live.at(address + ".threshold")), ratio_(live.at(address + ".ratio")),
          attack_(live.at(address + ".attack")), release_(live.at(address + ".release")), knee_(live.at(address + ".knee")),
          makeup_(live.at(address + ".makeup")), mix_(live.at(address + ".mix"))
    {
    }

    Expected<void> prepare(const Preparation& preparation, std::size_t channels) override
    {
        rate_hz_ = preparation.rate_hz;
        engine_.prepare(rate_hz_, channels, detector_, link_, controls());
        return {};
    }
    [[nodiscard]] Frames memory() const noexcept override
    {
        return frames_to_forget(attack_.get() + release_.get() + averaging_seconds, rate_hz_);
    }

private:
    static constexpr double averaging_seconds = 0.01;  // of the detector `rms`

    [[nodiscard]] dsp::Compressor::Controls controls() const noexcept override
    {
        return {threshold_.get(), ratio_.get(), attack_.get(), release_.get(), knee_.get(), makeup_.get(), mix_.get()};
    }

    dsp::Compressor::Detector detector_;
    bool link_;
    const LiveValue& threshold_;
    const LiveValue& ratio_;
    const LiveValue& attack_;
    const LiveValue& release_;
    const LiveValue& knee_;
    const LiveValue& makeup_;
    const LiveValue& mix_;
};

class LimiterUnit final : public ControlledUnit<dsp::Limiter> {
public:
    LimiterUnit(const Settings& settings, const LiveParameters& live, const std::string& address)
        : lookahead_s_(settings.number("lookahead")), ceiling_(live.at(address + ".ceiling")), release_(live.at(address + ".release"))
    {
    }

    Expected<void> prepare(const Preparation& preparation, std::size_t channels) override
    {
        rate_hz_ = preparation.rate_hz;
        engine_.prepare(rate_hz_, channels, lookahead_s_, controls());
        return {};
    }
    [[nodiscard]] std::uint32_t latency() const noexcept override { return engine_.latency(); }
    [[nodiscard]] Frames memory() const noexcept override { return latency() + frames_to_forget(release_.get(), rate_hz_); }

private:
    [[nodiscard]] dsp::Limiter::Controls controls() const noexcept override { return {ceiling_.get(), release_.get()}; }

    double lookahead_s_;
    const LiveValue& ceiling_;
    const LiveValue& release_;
};

class GateUnit final : public KeyedUnit<dsp::Gate> {
public:
    GateUnit(const Settings& settings, const LiveParameters& live, const std::string& address)
        : KeyedUnit(settings), threshold_(live.at(address + ".threshold")), hysteresis_(live.at(address + ".hysteresis")), range_(live.at(address + ".range")),
          attack_(live.at(address + ".attack")), hold_(live.at(address + ".hold")), release_(live.at(address + ".release"))
    {
    }

    Expected<void> prepare(const Preparation& preparation, std::size_t) override
    {
        rate_hz_ = preparation.rate_hz;
        engine_.prepare(rate_hz_, controls());
        return {};
    }
    [[nodiscard]] Frames memory() const noexcept override
    {
        return seconds_to_frames(hold_.get(), rate_hz_) + frames_to_forget(release_.get(), rate_hz_);
    }

private:
    [[nodiscard]] dsp::Gate::Controls controls() const noexcept override
    {
        return {threshold_.get(), hysteresis_.get(), range_.get(), attack_.get(), hold_.get(), release_.get()};
    }

    const LiveValue& threshold_;
    const LiveValue& hysteresis_;
    const LiveValue& range_;
    const LiveValue& attack_;
    const LiveValue& hold_;
    const LiveValue& release_;
};

class DelayUnit final : public ControlledUnit<dsp::Echo> {
public:
    DelayUnit(const LiveParameters& live, const std::string& address)
        : time_(live.at(address + ".time")), feedback_(live.at(address + ".feedback")), mix_(live.at(address + ".mix"))
    {
    }

    Expected<void> prepare(const Preparation& preparation, std::size_t channels) override
    {
        rate_hz_ = preparation.rate_hz;
        engine_.prepare(rate_hz_, channels, time_.parameter().maximum, controls(), !preparation.offline);
        return {};
    }
    [[nodiscard]] Frames tail() const noexcept override { return dsp::echo_tail(controls(), rate_hz_); }
    /// Not heard is not forgotten: the mix may be turned up while the echoes go on.
    [[nodiscard]] Frames memory() const noexcept override { return dsp::echo_tail({time_.get(), feedback_.get(), 1.0}, rate_hz_); }

private:
    [[nodiscard]] dsp::Echo::Controls controls() const noexcept override { return {time_.get(), feedback_.get(), mix_.get()}; }

    const LiveValue& time_;
    const LiveValue& feedback_;
    const LiveValue& mix_;
};

class GainUnit final : public EffectUnit {
public:
    GainUnit(const LiveParameters& live, const std::string& address) : gain_db_(live.at(address + ".gain")) {}

    Expected<void> prepare(const Preparation& preparation, std::size_t) override
    {
        gain_.prepare(preparation.rate_hz, wanted());
        return {};
    }
    void follow() noexcept override { gain_.set_target(wanted()); }
    void process(std::span<float* const> channels, std::uint32_t frames, bool) noexcept override
    {
        for (float* samples : channels) gain_.apply(samples, samples, frames);
        gain_.advance(frames);
    }
    void settle() noexcept override { gain_.jump(gain_.target()); }

private:
    [[nodiscard]] float wanted() const noexcept { return static_cast<float>(decibels_to_linear(gain_db_.get())); }

    const LiveValue& gain_db_;
    dsp::Ramp gain_;
};

/// Hard clipping: out = drive × in, kept within ± ceiling.
class ClipUnit final : public EffectUnit {
public:
    ClipUnit(const LiveParameters& live, const std::string& address)
        : drive_db_(live.at(address + ".drive")), ceiling_db_(live.at(address + ".ceiling"))
    {
    }

    Expected<void> prepare(const Preparation& preparation, std::size_t) override
    {
        drive_.prepare(preparation.rate_hz, factor(drive_db_));
        ceiling_.prepare(preparation.rate_hz, factor(ceiling_db_));
        return {};
    }
    void follow() noexcept override
    {
        drive_.set_target(factor(drive_db_));
        ceiling_.set_target(factor(ceiling_db_));
    }
    void process(std::span<float* const> channels, std::uint32_t frames, bool) noexcept override
    {
        for (float* samples : channels)
            for (std::uint32_t i = 0; i < frames; ++i) {
                const float ceiling = ceiling_.at(i);
                samples[i] = std::clamp(samples[i] * drive_.at(i), -ceiling, ceiling);
            }
        drive_.advance(frames);
        ceiling_.advance(frames);
    }
    void settle() noexcept override
    {
        drive_.jump(drive_.target());
        ceiling_.jump(ceiling_.target());
    }

private:
    static float factor(const LiveValue& gain_db) noexcept { return static_cast<float>(decibels_to_linear(gain_db.get())); }

    const LiveValue& drive_db_;
    const LiveValue& ceiling_db_;
    dsp::Ramp drive_;
    dsp::Ramp ceiling_;
};

/// The balance of the first two channels; a mono signal has none.
class BalanceUnit final : public EffectUnit {
public:
    BalanceUnit(const LiveParameters& live, const std::string& address) : pan_(live.at(address + ".pan")) {}

    Expected<void> prepare(const Preparation& preparation, std::size_t) override
    {
        const dsp::PanGains gains = dsp::balance(pan_.get());
        left_.prepare(preparation.rate_hz, static_cast<float>(gains.left));
        right_.prepare(preparation.rate_hz, static_cast<float>(gains.right));
        return {};
    }
    void follow() noexcept override
    {
        const dsp::PanGains gains = dsp::balance(pan_.get());
        left_.set_target(static_cast<float>(gains.left));
        right_.set_target(static_cast<float>(gains.right));
    }
    void process(std::span<float* const> channels, std::uint32_t frames, bool) noexcept override
    {
        if (channels.size() >= 2) {
            left_.apply(channels[0], channels[0], frames);
            right_.apply(channels[1], channels[1], frames);
        }
        left_.advance(frames);
        right_.advance(frames);
    }
    void settle() noexcept override
    {
        left_.jump(left_.target());
        right_.jump(right_.target());
    }

private:
    const LiveValue& pan_;
    dsp::Ramp left_;
    dsp::Ramp right_;
};

}  // namespace

std::unique_ptr<EffectUnit> make_unit(const Settings& settings, const LiveParameters& live, const std::string& address, std::size_t channels)
{
    const std::string_view kind = settings.unit();
    if (kind == "eq") return make_equalizer(settings, live, address);
    if (kind == "compressor") return std::make_unique<CompressorUnit>(settings, live, address);
    if (kind == "limiter") return std::make_unique<LimiterUnit>(settings, live, address);
    if (kind == "gate") return std::make_unique<GateUnit>(settings, live, address);
    if (kind == "delay") return std::make_unique<DelayUnit>(live, address);
    if (kind == "clip") return std::make_unique<ClipUnit>(live, address);
    if (kind == "balance") return std::make_unique<BalanceUnit>(live, address);
    if (kind == "lv2") return make_lv2_unit(settings, live, address, channels);
    return std::make_unique<GainUnit>(live, address);
}

}  // namespace stemwire::nodes
