// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/render_length.hpp"

#include <algorithm>

namespace stemwire::session {

namespace {

constexpr float quiet = 1e-5f;  // −100 dB of full scale
constexpr double quiet_seconds = 1.0;
constexpr double longest_echo_seconds = 60.0;

}  // namespace

RenderLength::RenderLength(const Instance& instance, std::optional<Frames> wanted)
    : instance_(instance), nominal_(wanted), feedback_(!wanted && graph::feeds_back(instance.graph()))
{
}

std::optional<Frames> RenderLength::end() const
{
    auto last = instance_.end();
    for (const media::DecodedStream* input : inputs_) {
        const auto input_end = input->end();
        if (!last || !input_end) return std::nullopt;
        last = *last == endless ? *input_end : std::max(*last, *input_end);
    }
    return last;
}

std::optional<Frames> RenderLength::total()
{
    const std::lock_guard lock(mutex_);
    if (!nominal_) nominal_ = end();
    if (feedback_ && nominal_ != endless) return std::nullopt;
    return nominal_;
}

void RenderLength::heard(Frames done, std::uint32_t frames, float peak)
{
    const std::lock_guard lock(mutex_);
    quiet_frames_ = peak < quiet ? quiet_frames_ + frames : 0;
    if (!feedback_ || !nominal_ || done < *nominal_) return;
    const double rate_hz = instance_.rate_hz();
    const bool silent = static_cast<double>(quiet_frames_) >= quiet_seconds * rate_hz;
    if (!silent && static_cast<double>(done - *nominal_) < longest_echo_seconds * rate_hz) return;
    nominal_ = done;
    feedback_ = false;
}

RenderWindow::Part RenderWindow::part(Frames clock, std::uint32_t frames) const
{
    const auto total = length_.total();
    const Frames stop = !total || *total == endless ? endless : *total + latency_;
    const Frames from = std::max(clock, latency_);
    const Frames to = std::min(clock + frames, stop);
    const bool more = clock + frames < stop;
    if (to <= from) return {0, 0, more};
    return {static_cast<std::uint32_t>(from - clock), static_cast<std::uint32_t>(to - from), more};
}

}  // namespace stemwire::session
