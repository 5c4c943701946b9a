// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/graph_follower.hpp"

#include <algorithm>
#include <utility>

namespace stemwire::session {

namespace {

using namespace std::chrono_literals;

/// Sources are expected to be ready for a place that rolling will have reached after this long; else it is tried with twice the time.
constexpr double first_lead_seconds = 0.25;
constexpr double longest_lead_seconds = 8;
/// After this long what is ready joins in; what is missing is silent and counted.
constexpr auto cue_patience = 10s;
/// JACK waits for its slowest client for two seconds, PipeWire for five.
constexpr auto graph_patience = 8s;
/// A server may lose what it is asked, while clients and drivers come and go: then it is asked again. Longer than two of the longest cycles; and not for
/// ever, since a server that waits for slow clients begins to wait anew.
constexpr auto first_patience = 500ms;
constexpr int most_asked = 3;
/// Where the cycle was missed in which the transport jumped, it is seen this much further on at most.
constexpr double longest_gap_seconds = 1;
/// A place that no transport comes to.
constexpr Frames nowhere = endless;

}  // namespace

Frames GraphFollower::place_at(Frames clock) const
{
    const auto seen = graph_.seen();
    if (!seen) return next_.cue.start != nowhere ? next_.cue.start : 0;
    return seen->frame + (seen->rolling && clock > seen->clock ? clock - seen->clock : 0);
}

bool GraphFollower::rolling() const noexcept
{
    const auto seen = graph_.seen();
    return seen && seen->rolling;
}

Frames GraphFollower::played() const
{
    return played_ + (plays_ ? stage_.clock() - std::min(stage_.clock(), current_.at_clock) : 0);
}

void GraphFollower::reset(double rate_hz, double, std::optional<TimeRange>)
{
    played_ = seconds_to_frames(static_cast<double>(played()) / rate_hz_, rate_hz);
    rate_hz_ = rate_hz;
    plays_ = false;
    for (Done& done : under_way_.waiting) wish_.waiting.push_back(std::move(done));
    if (!wish_.rolling) wish_.rolling = under_way_.rolling;
    if (!wish_.frame) wish_.frame = under_way_.frame;
    under_way_ = {};
    request_ = Request::none;
    heard_ = 0;
    rolled_ = false;
    cue(place_at(stage_.clock()), Mover::exactly, Clock::now());
    current_ = {.at_clock = stage_.clock(), .cue = {.epoch = cue_.epoch, .start = nowhere}, .mover = Mover::exactly};
    schedule(current_);
}

void GraphFollower::adopt(double rate_hz, const rt::TransportChange& playing, std::optional<TimeRange>)
{
    rate_hz_ = rate_hz;
    current_ = next_ = playing;
    cue_ = playing.cue;
    if (playing.rolling) cue_.begin = stage_.schedule.at(stage_.clock() + stage_.ahead()).unrolled;
    stage_.cue(cue_);
}

void GraphFollower::start(Done done)
{
    wish_.rolling = true;
    wish_.waiting.push_back(std::move(done));
}

void GraphFollower::pause(Done done)
{
    wish_.rolling = false;
    wish_.waiting.push_back(std::move(done));
}

void GraphFollower::seek(double seconds, Done done)
{
    wish_.frame = seconds_to_frames(std::max(0.0, seconds), rate_hz_);
    wish_.waiting.push_back(std::move(done));
}

void GraphFollower::loop(std::optional<TimeRange> range, Done done)
{
    if (done) done(range ? failure("the transport of the graph, which is followed, has no loop") : Expected<void>{});
}

void GraphFollower::tick(Clock::time_point now)
{
    const auto seen = graph_.seen();
    if (!seen || seen->moves == 0) {
        if (request_ == Request::none && asked()) begin_request(now);
        if (request_ != Request::none && now - request_began_ > graph_patience) answer(failure("the server is away, or nothing drives it"));
        return;
    }
    if (seen->moves != heard_) hear(*seen, now);
    advance(*seen, now);
    if (request_ == Request::none && asked()) begin_request(now);
    if (request_ != Request::none) ask(*seen, now);
}

/// The graph's transport was started, stopped, or moved.
void GraphFollower::hear(const host::GraphTransport& seen, Clock::time_point now)
{
    heard_ = seen.moves;
    const bool rolled_before = std::exchange(rolled_, seen.rolling);
    played_ += std::exchange(plays_, false) ? seen.since_clock - std::min(seen.since_clock, current_.at_clock) : 0;
    current_.rolling = false;
    const bool placed = next_.mover == Mover::exactly && next_.cue.epoch == cue_.epoch;
    if (seen.rolling) {
        const bool there = rt::starts_at(next_.cue.start, seen.since_frame, seen.since_length, rolled_before);
        if (placed && there && seen.since_clock >= next_.at_clock) return play(seen.since_clock - (seen.since_frame - cue_.start));
        lead_ = seconds_to_frames(first_lead_seconds, rate_hz_);
        return join(now);
    }
    const bool cued_there = mover_ == Mover::exactly && cue_.start == seen.frame && (placed || phase_ == Phase::cueing);
    const bool goes_elsewhere = under_way_.frame && cue_.start == *under_way_.frame;
    if (!cued_there && !goes_elsewhere) cue(seen.frame, Mover::exactly, now);
}

void GraphFollower::play(Frames at_clock)
{
    plays_ = true;
    phase_ = Phase::ready;
    current_ = {.at_clock = at_clock, .cue = cue_, .rolling = true, .mover = Mover::joining};
    schedule(current_);
}

void GraphFollower::cue(Frames start, Mover mover, Clock::time_point now)
{
    cue_ = {.epoch = cue_.epoch + 1, .start = start};
    mover_ = mover;
    stage_.cue(cue_);
    phase_ = Phase::cueing;
    phase_began_ = now;
}

void GraphFollower::join(Clock::time_point now)
{
    cue(place_at(stage_.clock() + lead_), Mover::joining, now);
}

void GraphFollower::advance(const host::GraphTransport& seen, Clock::time_point now)
{
    if (phase_ == Phase::placing) {
        if (mover_ == Mover::exactly && stage_.clock() > next_.at_clock) phase_ = Phase::ready;
        if (mover_ == Mover::joining && seen.rolling && seen.frame >= cue_.start && seen.clock >= next_.at_clock) play(seen.clock - (seen.frame - cue_.start));
    }
    if (phase_ != Phase::cueing) return;
    const bool late = now - phase_began_ > cue_patience;
    if (!stage_.cued(cue_.epoch) && !late) return;
    const Frames soon = stage_.clock() + stage_.ahead();
    if (mover_ == Mover::joining && place_at(soon) > cue_.start && !late) {
        lead_ = std::min(2 * lead_, seconds_to_frames(longest_lead_seconds, rate_hz_));
        return join(now);
    }
    schedule({.at_clock = soon, .cue = cue_, .mover = mover_});
    phase_ = Phase::placing;
}

void GraphFollower::schedule(const rt::TransportChange& change)
{
    next_ = change;
    stage_.schedule.schedule(change, stage_.clock());
}

/// Where it shall go is cued while the old goes on.
void GraphFollower::begin_request(Clock::time_point now)
{
    under_way_ = std::exchange(wish_, {});
    request_ = Request::preparing;
    request_began_ = now;
    if (under_way_.frame) cue(*under_way_.frame, Mover::exactly, now);
}

void GraphFollower::ask(const host::GraphTransport& seen, Clock::time_point now)
{
    const bool there = went_there(seen);
    const bool moves = !under_way_.rolling || seen.rolling == *under_way_.rolling;
    if (request_ == Request::asked) {
        if (there && moves && (!seen.rolling || plays_)) return answer({});
        if (now - request_began_ > graph_patience) return answer(failure("the graph's transport does not follow: another program holds it, or nothing drives the graph"));
        if (asked_ < most_asked && now > ask_again_) request(!there, !moves, now);
        return;
    }
    const bool only_stops = !under_way_.frame && !under_way_.rolling.value_or(true);
    if (phase_ != Phase::ready && !only_stops) return;
    request_ = Request::asked;
    request_began_ = now;
    asked_ = 0;
    request(under_way_.frame.has_value(), under_way_.rolling.has_value(), now);
    if (!under_way_.rolling) under_way_.rolling = seen.rolling;
}

void GraphFollower::request(bool locate, bool roll, Clock::time_point now)
{
    ask_again_ = now + first_patience * (1 << asked_++);
    auto done = locate ? graph_.locate(*under_way_.frame) : Expected<void>{};
    if (done && roll) done = graph_.roll(*under_way_.rolling);
    if (!done) answer(done);
}

bool GraphFollower::went_there(const host::GraphTransport& seen) const
{
    if (!under_way_.frame || seen.since_frame == *under_way_.frame) return true;
    const Frames further = seen.since_frame - *under_way_.frame;
    return seen.rolling && seen.since_frame > *under_way_.frame && further <= seconds_to_frames(longest_gap_seconds, rate_hz_);
}

void GraphFollower::answer(const Expected<void>& result)
{
    request_ = Request::none;
    const Wish answered = std::exchange(under_way_, {});
    for (const Done& done : answered.waiting)
        if (done) done(result);
}

}  // namespace stemwire::session
