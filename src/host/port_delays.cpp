// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/port_delays.hpp"

#include <algorithm>

namespace stemwire::host {

namespace {

std::vector<std::uint32_t> for_all_ports(std::size_t ports, std::span<const std::uint32_t> frames)
{
    std::vector<std::uint32_t> all(frames.begin(), frames.end());
    all.resize(ports, 0);
    return all;
}

}  // namespace

PortDelays::PortDelays(std::size_t ports, std::span<const std::uint32_t> frames, std::uint32_t max_frames, std::uint32_t fade_frames)
    : ports_(ports), max_frames_(max_frames), fade_frames_(fade_frames), wanted_(for_all_ports(ports, frames)), active_(make(wanted_).release()), delays_(active_->longest > 0)
{
}

PortDelays::~PortDelays()
{
    delete active_;
    delete next_;
}

std::unique_ptr<PortDelays::Lines> PortDelays::make(std::span<const std::uint32_t> frames) const
{
    auto made = std::make_unique<Lines>();
    made->delayed.resize(ports_);
    for (std::size_t port = 0; port < ports_; ++port) {
        made->lines.emplace_back(frames[port]);
        made->longest = std::max(made->longest, frames[port]);
        if (frames[port] > 0) made->delayed[port].resize(max_frames_);
    }
    return made;
}

void PortDelays::change(std::span<const std::uint32_t> frames)
{
    handover_.collect();
    auto wanted = for_all_ports(ports_, frames);
    if (wanted == wanted_) return;
    wanted_ = std::move(wanted);
    // Every port gets a buffer: where one line has no delay the fade still needs somewhere to go.
    auto next = make(wanted_);
    for (auto& buffer : next->delayed) buffer.resize(max_frames_);
    handover_.offer(std::move(next));
}

void PortDelays::begin() noexcept
{
    if (next_ != nullptr) return;
    next_ = handover_.take();
    fed_ = 0;
    delays_ = delays_ || next_ != nullptr;
}

const float* PortDelays::run(Lines& lines, std::size_t port, const float* in, std::uint32_t frames) noexcept
{
    if (lines.lines[port].delay() == 0) return in;
    lines.lines[port].process(in, lines.delayed[port].data(), frames);
    return lines.delayed[port].data();
}

const float* PortDelays::delay(std::size_t port, const float* in, std::uint32_t frames) noexcept
{
    const float* now = run(*active_, port, in, frames);
    if (next_ == nullptr) return now;
    const float* then = run(*next_, port, in, frames);
    float* out = next_->delayed[port].data();
    fade(now, then, out, frames);
    return out;
}

/// `out` may be `to`.
void PortDelays::fade(const float* from, const float* to, float* out, std::uint32_t frames) const noexcept
{
    const std::uint32_t begin = next_->longest;
    for (std::uint32_t i = 0; i < frames; ++i) {
        const std::uint32_t at = fed_ + i;
        const float weight = at < begin ? 0.0f : std::min(1.0f, static_cast<float>(at - begin) / static_cast<float>(fade_frames_));
        out[i] = from[i] + (to[i] - from[i]) * weight;
    }
}

void PortDelays::end(std::uint32_t frames) noexcept
{
    if (next_ == nullptr) return;
    fed_ += frames;
    if (fed_ < next_->longest + fade_frames_ || !handover_.retire(active_)) return;
    active_ = next_;
    next_ = nullptr;
    delays_ = active_->longest > 0;
}

}  // namespace stemwire::host
