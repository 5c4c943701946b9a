// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/echo.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <new>

namespace stemwire::dsp {

namespace {

constexpr double fade_seconds = 0.050;
constexpr double quiet = 1e-5;  // −100 dB

Frames delay_frames(double time_s, double rate_hz)
{
    return std::max<Frames>(1, seconds_to_frames(time_s, rate_hz));
}

}  // namespace

Frames echo_tail(const Echo::Controls& controls, double rate_hz) noexcept
{
    if (controls.mix == 0.0) return 0;
    const double echoes = controls.feedback > 0.0 ? std::ceil(std::log(quiet) / std::log(controls.feedback)) : 0.0;
    return delay_frames(controls.time_s, rate_hz) * (1 + static_cast<Frames>(echoes));
}

void Echo::prepare(double rate_hz, std::size_t channels, double longest_s, const Controls& controls, bool realtime)
{
    rate_hz_ = rate_hz;
    const auto length = std::bit_ceil(delay_frames(longest_s, rate_hz) + 1);
    mask_ = length - 1;
    lines_.clear();
    for (std::size_t channel = 0; channel < channels; ++channel) {
        auto& line = lines_.emplace_back(static_cast<float*>(std::calloc(length, sizeof(float))));
        if (!line) throw std::bad_alloc();
        if (realtime) std::fill_n(line.get(), length, 0.0f);
    }
    fade_frames_ = static_cast<std::uint32_t>(delay_frames(fade_seconds, rate_hz));
    feedback_.prepare(rate_hz, 0.0f);
    mix_.prepare(rate_hz, 0.0f);
    set(controls);
    settle();
}

void Echo::set(const Controls& controls) noexcept
{
    wanted_delay_ = std::min<std::uint64_t>(delay_frames(controls.time_s, rate_hz_), mask_);
    feedback_.set_target(static_cast<float>(controls.feedback));
    mix_.set_target(static_cast<float>(controls.mix));
}

void Echo::settle() noexcept
{
    written_ = 0;
    delay_ = wanted_delay_;
    faded_ = fade_frames_;
    feedback_.jump(feedback_.target());
    mix_.jump(mix_.target());
}

void Echo::process(std::span<float* const> channels, std::uint32_t frames, bool step) noexcept
{
    if (step && faded_ >= fade_frames_ && wanted_delay_ != delay_) {
        old_delay_ = delay_;
        delay_ = wanted_delay_;
        faded_ = 0;
    }
    for (std::size_t channel = 0; channel < channels.size(); ++channel) process_channel(lines_[channel].get(), channels[channel], frames);
    written_ += frames;
    faded_ = std::min(fade_frames_, faded_ + frames);
    feedback_.advance(frames);
    mix_.advance(frames);
}

void Echo::process_channel(float* line, float* samples, std::uint32_t frames) const noexcept
{
    const float fade_step = 1.0f / static_cast<float>(fade_frames_);
    for (std::uint32_t i = 0; i < frames; ++i) {
        const std::uint64_t at = written_ + i;
        float echo = tap(line, at, delay_);
        if (faded_ + i < fade_frames_) {
            const float old = tap(line, at, old_delay_);
            echo = old + (echo - old) * (static_cast<float>(faded_ + i) * fade_step);
        }
        line[at & mask_] = samples[i] + feedback_.at(i) * echo;
        samples[i] += mix_.at(i) * (echo - samples[i]);
    }
}

}  // namespace stemwire::dsp
