// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/jack/frame_clock.hpp"

#include <algorithm>

namespace stemwire::host {

namespace {

constexpr std::uint32_t jack_driver = 0;  // JACK has one clock; only the map of several processes asks for its number
constexpr std::uint64_t anchored = std::uint64_t{1} << 32;
/// 6 hours at 48 kHz: a map is of use for half of what 32 bits count.
constexpr std::uint32_t map_lasts = 1u << 30;

std::uint64_t make_anchor(Frames frame, std::uint32_t frame_time) noexcept
{
    return anchored | static_cast<std::uint32_t>(static_cast<std::uint32_t>(frame) - frame_time);
}

Frames at(const ClockMap& map, std::uint32_t frame_time) noexcept
{
    const auto ahead = static_cast<std::int32_t>(frame_time - static_cast<std::uint32_t>(map.position));
    return map.frame + static_cast<Frames>(std::int64_t{ahead});
}

}  // namespace

Frames FrameClock::enter(std::uint32_t frame_time, std::uint32_t frames, Frames seen, std::uint32_t longest_gap) noexcept
{
    const auto map = read_map();
    const bool adopts = map && (shared_.role == SharedClock::Role::follows || anchor_.load(std::memory_order_acquire) == 0);
    const Frames begin = adopts ? adopt(at(*map, frame_time), frame_time, seen) : count(frame_time, seen, longest_gap);
    const bool map_holds = map && at(*map, frame_time) == begin && frame_time - static_cast<std::uint32_t>(map->position) < map_lasts;
    if (shared_.map != nullptr && shared_.role == SharedClock::Role::leads && !map_holds) publish(begin, frame_time);
    raise_end(begin + frames);
    return begin;
}

Frames FrameClock::count(std::uint32_t frame_time, Frames seen, std::uint32_t longest_gap) noexcept
{
    Frames begin = seen;
    std::uint64_t anchor = anchor_.load(std::memory_order_acquire);
    // The second time, the anchor is this cycle's own.
    for (int attempt = 0; attempt < 2; ++attempt) {
        const Frames end = end_.load(std::memory_order_acquire);
        const auto ahead = static_cast<std::int32_t>(frame_time + static_cast<std::uint32_t>(anchor) - static_cast<std::uint32_t>(end));
        begin = end + static_cast<Frames>(std::int64_t{ahead});
        const bool goes_on = ahead <= static_cast<std::int64_t>(longest_gap) && static_cast<std::int64_t>(begin) >= static_cast<std::int64_t>(seen);
        if (anchor != 0 && goes_on) break;
        if (!anchor_.compare_exchange_strong(anchor, make_anchor(end, frame_time), std::memory_order_acq_rel)) continue;
        begin = end;
        break;
    }
    return std::max(begin, seen);
}

std::optional<ClockMap> FrameClock::read_map() const noexcept
{
    if (shared_.map == nullptr) return std::nullopt;
    const auto map = shared_.map->try_get();
    return map && map->driver == jack_driver ? map : std::nullopt;
}

Frames FrameClock::adopt(Frames frame, std::uint32_t frame_time, Frames seen) noexcept
{
    raise_end(frame);
    anchor_.store(make_anchor(frame, frame_time), std::memory_order_release);
    return std::max(frame, seen);
}

/// One client is enough; the others of this cycle would say the same.
void FrameClock::publish(Frames begin, std::uint32_t frame_time) noexcept
{
    if (publishing_.exchange(true, std::memory_order_acquire)) return;
    shared_.map->set({jack_driver, frame_time, begin});
    publishing_.store(false, std::memory_order_release);
}

void FrameClock::raise_end(Frames end) noexcept
{
    Frames now = end_.load(std::memory_order_relaxed);
    while (now < end && !end_.compare_exchange_weak(now, end, std::memory_order_acq_rel)) {}
}

void FrameClock::restart() noexcept
{
    anchor_.store(0, std::memory_order_release);
    // The server that comes back counts from anywhere: who follows must not take its frames for the old one's.
    if (shared_.map != nullptr && shared_.role == SharedClock::Role::leads) shared_.map->set({});
}

}  // namespace stemwire::host
