// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "rt/published.hpp"
#include "stemwire/transport.hpp"

namespace stemwire::rt {

/// Where the timeline that all programs of a server share is when a cycle begins.
struct GraphPlace {
    bool rolling = false;
    Frames frame = 0;
};

/// Whether rolling begins at `start` in a cycle of so many frames that is at `frame`, after one in which the graph stood, or rolled elsewhere. PipeWire counts
/// the first cycle from 1.4 on, and before when it goes on after a stop: there its timeline is a cycle further on than it stood.
[[nodiscard]] constexpr bool starts_at(Frames start, Frames frame, std::uint32_t frames, bool rolled_before) noexcept
{
    return frame == start || (!rolled_before && frame > start && frame - start <= frames);
}

/// What the transport does from one clock frame on. Plain data: it may as well stand in memory that processes share.
struct TransportChange {
    /// What moves the timeline. `exactly` and `joining` follow the graph's: a new epoch begins in the cycle `starts_at` its cue.start, or in one whose frame
    /// is cue.start or behind it, and goes on while the graph's timeline does; until then the epoch before goes on while it can, and else all is silent.
    enum class Mover : std::uint8_t { session, exactly, joining };

    Frames at_clock = 0;
    Cue cue{};
    bool rolling = false;  ///< false: the timeline stands still at cue.start
    Mover mover = Mover::session;
};

/// Maps the graph's clock to the timeline. Control schedules a change for a clock frame a little ahead; every node, on
/// whichever thread, computes the same cycle from the same frames.
class TransportSchedule {
public:
    /// From `change.at_clock` on; until then what was in force at `now_clock` goes on. One caller at a time; wait-free.
    void schedule(const TransportChange& change, Frames now_clock) noexcept
    {
        const Pair pair = pair_.get();
        pair_.set({now_clock >= pair.next.at_clock ? pair.next : pair.current, change});
    }

    /// The cycle that begins at `clock`, where the graph's own timeline is at `graph`. `last` is the caller's own memory of the schedule, used while a
    /// change is being published. Guarantee: wait-free.
    struct Memory;
    [[nodiscard]] TransportCycle cycle(Frames clock, std::uint32_t frames, Memory& last, const GraphPlace& graph = {}) const noexcept;

    [[nodiscard]] TransportChange next() const noexcept { return pair_.get().next; }
    /// Timeline frame that is heard at this clock frame. Not for the realtime side.
    [[nodiscard]] TransportSegment at(Frames clock) const noexcept;

private:
    struct Pair {
        TransportChange current;
        TransportChange next;
    };
    static bool follow(Frames clock, std::uint32_t frames, Memory& last, const GraphPlace& graph) noexcept;

    Published<Pair> pair_;
};

struct TransportSchedule::Memory {
    Pair pair{};

    // Of what follows the graph's timeline.
    std::optional<Epoch> epoch{};  ///< the latest that played
    bool goes_on = false;          ///< that epoch, if the graph's frame is the one that is expected
    Frames expected = 0;
    Frames offset = 0;             ///< of its frames from the clock's, while it rolls: it stays where cycles were lost
    bool rolling = false;
    bool graph_rolled = false;     ///< whether we did or not
};

/// Folds an unrolled timeline frame into the loop. Guarantee: wait-free.
[[nodiscard]] inline Frames fold_into_loop(const Cue& cue, Frames unrolled) noexcept
{
    if (!cue.loops() || unrolled < cue.loop_to || cue.start >= cue.loop_to) return unrolled;
    return cue.loop_from + (unrolled - cue.loop_from) % (cue.loop_to - cue.loop_from);
}

namespace detail {

[[nodiscard]] inline TransportSegment segment_of(const TransportChange& change, Frames clock, std::uint32_t offset, std::uint32_t frames) noexcept
{
    const bool begun = clock >= change.at_clock;
    const Frames unrolled = change.cue.start + (change.rolling && begun ? clock - change.at_clock : 0);
    return {offset, frames, change.rolling && begun, change.cue.epoch, unrolled, fold_into_loop(change.cue, unrolled)};
}

}  // namespace detail

/// Whether an epoch plays in this cycle, which is then the memory's. One that lost its place never plays again: what it had decoded is gone.
inline bool TransportSchedule::follow(Frames clock, std::uint32_t frames, Memory& last, const GraphPlace& graph) noexcept
{
    const bool rolled_before = std::exchange(last.graph_rolled, graph.rolling);
    last.goes_on = last.goes_on && (graph.frame == last.expected || (last.rolling && graph.frame - clock == last.offset));
    if (!graph.rolling) return false;
    const auto begin = [&](const TransportChange& change) {
        if (change.mover == TransportChange::Mover::session || clock < change.at_clock || last.epoch == change.cue.epoch) return false;
        const Frames start = change.cue.start;
        if (change.mover == TransportChange::Mover::exactly ? !starts_at(start, graph.frame, frames, rolled_before) : graph.frame < start) return false;
        last.epoch = change.cue.epoch;
        return true;
    };
    const bool played_next = last.epoch == last.pair.next.cue.epoch;
    last.goes_on = begin(last.pair.next) || last.goes_on || (!played_next && begin(last.pair.current));
    return last.goes_on;
}

inline TransportCycle TransportSchedule::cycle(Frames clock, std::uint32_t frames, Memory& last, const GraphPlace& graph) const noexcept
{
    if (const auto pair = pair_.try_get()) last.pair = *pair;
    const auto& [current, next] = last.pair;
    TransportCycle cycle{.clock = clock};
    if (next.mover != TransportChange::Mover::session) {
        last.rolling = follow(clock, frames, last, graph);
        last.expected = graph.frame + (last.rolling ? frames : 0);
        last.offset = graph.frame - clock;
        cycle.segment[cycle.segment_count++] = {0, frames, last.rolling, last.epoch.value_or(next.cue.epoch), graph.frame, graph.frame};
        return cycle;
    }
    const auto add = [&](const TransportChange& change, std::uint32_t offset, std::uint32_t count) {
        if (count > 0) cycle.segment[cycle.segment_count++] = detail::segment_of(change, clock + offset, offset, count);
    };
    const Frames until_next = next.at_clock > clock ? next.at_clock - clock : 0;
    const auto before = static_cast<std::uint32_t>(std::min<Frames>(until_next, frames));
    add(current, 0, before);
    add(next, before, frames - before);
    return cycle;
}

inline TransportSegment TransportSchedule::at(Frames clock) const noexcept
{
    const Pair pair = pair_.get();
    return detail::segment_of(clock >= pair.next.at_clock ? pair.next : pair.current, clock, 0, 1);
}

}  // namespace stemwire::rt
