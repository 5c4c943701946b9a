// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/generator/signals.hpp"

#include <algorithm>
#include <vector>

#include "dsp/exponential_sweep.hpp"
#include "dsp/noise.hpp"
#include "dsp/phase_accumulator.hpp"

namespace stemwire::nodes {

namespace {

class Sine final : public Signal {
public:
    explicit Sine(const LiveValue& frequency_hz) : frequency_hz_(frequency_hz) {}

    void prepare(double rate_hz) override
    {
        rate_hz_ = rate_hz;
        goes_on_ = false;
    }

    /// Phase 0 is at the timeline's frame 0; only a change of frequency within an epoch bends it.
    void begin(const TransportSegment& segment) noexcept override
    {
        const double wanted = frequency_hz_.get() / rate_hz_;
        turns_per_frame_ = wanted < 0.5 ? wanted : 0.0;
        if (goes_on_ && segment.epoch == epoch_) phase_.turn(turns_per_frame_, segment.unrolled);
        else phase_.start(turns_per_frame_);
        epoch_ = segment.epoch;
        goes_on_ = true;
    }

    void play(Frames unrolled, std::size_t, float* out, std::uint32_t frames) noexcept override
    {
        for (std::uint32_t i = 0; i < frames; ++i) out[i] = turns_per_frame_ > 0.0 ? static_cast<float>(phase_.sine(unrolled + i)) : 0.0f;
    }

private:
    const LiveValue& frequency_hz_;
    double rate_hz_ = 0.0;
    double turns_per_frame_ = 0.0;
    dsp::PhaseAccumulator phase_;
    Epoch epoch_ = 0;
    bool goes_on_ = false;
};

/// A noise of its own for each channel.
template <class Generator>
class Noise final : public Signal {
public:
    Noise(std::uint64_t seed, std::size_t channels)
    {
        for (std::size_t channel = 0; channel < channels; ++channel) noise_.emplace_back(seed, channel);
    }

    void prepare(double) override {}

    void play(Frames unrolled, std::size_t channel, float* out, std::uint32_t frames) noexcept override
    {
        for (std::uint32_t i = 0; i < frames; ++i) out[i] = static_cast<float>(noise_[channel].at(unrolled + i));
    }

private:
    std::vector<Generator> noise_;  ///< [channel]
};

class Impulse final : public Signal {
public:
    explicit Impulse(double interval_s) : interval_s_(interval_s) {}

    void prepare(double rate_hz) override
    {
        interval_ = interval_s_ > 0.0 ? std::max<Frames>(1, seconds_to_frames(interval_s_, rate_hz)) : endless;
    }

    void play(Frames unrolled, std::size_t, float* out, std::uint32_t frames) noexcept override
    {
        for (std::uint32_t i = 0; i < frames; ++i) out[i] = (unrolled + i) % interval_ == 0 ? 1.0f : 0.0f;
    }

private:
    double interval_s_;
    Frames interval_ = endless;
};

class Sweep final : public Signal {
public:
    explicit Sweep(const Settings& settings)
        : from_hz_(settings.number("from")), to_hz_(settings.number("to")), seconds_(settings.number("duration"))
    {
    }

    void prepare(double rate_hz) override
    {
        rate_hz_ = rate_hz;
        sweep_ = dsp::ExponentialSweep(from_hz_, to_hz_, seconds_, rate_hz);
    }

    void play(Frames unrolled, std::size_t, float* out, std::uint32_t frames) noexcept override
    {
        for (std::uint32_t i = 0; i < frames; ++i) out[i] = static_cast<float>(sweep_.at(static_cast<double>(unrolled + i) / rate_hz_));
    }

private:
    double from_hz_;
    double to_hz_;
    double seconds_;
    double rate_hz_ = 1.0;
    dsp::ExponentialSweep sweep_{from_hz_, to_hz_, seconds_, rate_hz_};
};

}  // namespace

std::unique_ptr<Signal> make_signal(const Settings& settings, const LiveParameters& live, std::size_t channels)
{
    const std::string& name = settings.text("signal");
    const auto seed = static_cast<std::uint64_t>(settings.number("seed"));
    if (name == "sine") return std::make_unique<Sine>(live.at("frequency"));
    if (name == "white") return std::make_unique<Noise<dsp::CounterNoise>>(seed, channels);
    if (name == "pink") return std::make_unique<Noise<dsp::PinkNoise>>(seed, channels);
    if (name == "impulse") return std::make_unique<Impulse>(settings.number("interval"));
    if (name == "sweep") return std::make_unique<Sweep>(settings);
    return nullptr;
}

}  // namespace stemwire::nodes
