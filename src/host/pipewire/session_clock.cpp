// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/session_clock.hpp"

#include <algorithm>

#include "rt/trace.hpp"

namespace stemwire::host {

namespace {

const rt::trace::Name xrun_mark = rt::trace::name("host", "xrun", "clock");

}  // namespace

Frames SessionClock::enter(const spa_io_clock& clock) noexcept
{
    const bool anew = anew_.load(std::memory_order_relaxed) && anew_.exchange(false, std::memory_order_acquire);
    if (begun_ && !anew && clock.id == id_ && clock.position == position_) return begin_;
    begin_ += begun_ ? advance(clock, anew) : 0;
    if (shared_.map != nullptr) follow_map(clock);
    begun_ = true;
    id_ = clock.id;
    position_ = clock.position;
    duration_ = clock.duration;
    driver_.store(clock.id, std::memory_order_relaxed);
    rate_hz_.store(clock.rate.num != 0 ? clock.rate.denom / clock.rate.num : 0, std::memory_order_relaxed);
    quantum_.store(static_cast<std::uint32_t>(clock.duration), std::memory_order_relaxed);
    end_.store(begin_ + duration_, std::memory_order_release);
    return begin_;
}

/// Who follows counts as the map says; who leads says how it counts, and begins with what a leader before it said. While the map is being written, or is of another
/// driver, each counts on by itself.
void SessionClock::follow_map(const spa_io_clock& clock) noexcept
{
    const auto map = shared_.map->try_get();
    const bool known = map && map->driver == clock.id && clock.position >= map->position;
    const Frames frame = known ? map->frame + (clock.position - map->position) : begin_;
    if (known && (shared_.role == SharedClock::Role::follows || !begun_)) begin_ = begun_ ? std::max(begin_, frame) : frame;
    if (shared_.role == SharedClock::Role::leads && (!known || frame != begin_)) shared_.map->set({clock.id, clock.position, begin_});
}

Frames SessionClock::advance(const spa_io_clock& clock, bool anew) noexcept
{
    // A driver that starts again after a stop may be anywhere: more than a second away is another beginning, not lost cycles.
    const std::uint64_t second = clock.rate.denom;
    const std::uint64_t moved = clock.position - position_;
    const bool other_beginning = anew || clock.id != id_ || clock.position < position_ || moved > duration_ + second;
    if (other_beginning || moved <= duration_) return duration_;
    missed(begin_ + duration_, begin_ + moved);
    return moved;
}

void SessionClock::missed(Frames from, Frames to) noexcept
{
    from = std::max(from, counted_);
    if (from >= to) return;
    counted_ = to;
    if (rt::trace::on()) rt::trace::instant(xrun_mark, from);
    xruns_.fetch_add(std::max<std::uint64_t>((to - from) / std::max<std::uint64_t>(duration_, 1), 1), std::memory_order_relaxed);
}

}  // namespace stemwire::host
