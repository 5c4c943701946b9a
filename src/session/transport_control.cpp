// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/transport_control.hpp"

#include <algorithm>

namespace stemwire::session {

namespace {

using namespace std::chrono_literals;

/// Sources are expected to be ready for a place that playing will have reached after this long; else it is tried with twice the time.
constexpr double first_lead_seconds = 0.25;
constexpr double longest_lead_seconds = 8;
/// After this long a change is made with what there is; what is missing is silent and counted.
constexpr auto cue_patience = 10s;
/// When the clock stands still, nobody is kept waiting for longer.
constexpr auto frame_patience = 5s;

}  // namespace

Cue TransportControl::make_cue(Epoch epoch, Frames start) const
{
    Cue cue{.epoch = epoch, .start = start};
    if (loop_) {
        cue.loop_from = frames(loop_->first);
        cue.loop_to = frames(loop_->second);
    }
    return cue;
}

/// Where playing goes on that has come to a place behind the loop's end.
Frames TransportControl::into_loop(Frames position) const
{
    return loop_ && position >= frames(loop_->second) ? frames(loop_->first) : position;
}

void TransportControl::reset(double rate_hz, double position_seconds, std::optional<TimeRange> loop)
{
    played_ = seconds_to_frames(static_cast<double>(played()) / rate_hz_, rate_hz);
    rate_hz_ = rate_hz;
    rolling_ = false;
    loop_ = loop;
    for (Done& done : under_way_.waiting) wish_.waiting.push_back(std::move(done));
    if (!wish_.rolling) wish_.rolling = under_way_.rolling;
    if (!wish_.loop) wish_.loop = under_way_.loop;
    if (!wish_.seconds) wish_.seconds = under_way_.seconds;
    under_way_ = {};
    cue_ = make_cue(++epoch_, frames(position_seconds));
    current_ = {.at_clock = stage_.clock(), .cue = cue_, .rolling = false};
    stage_.schedule.schedule(current_, stage_.clock());
    stage_.cue(cue_);
    phase_ = Phase::idle;
}

void TransportControl::adopt(double rate_hz, const rt::TransportChange& playing, std::optional<TimeRange> loop)
{
    rate_hz_ = rate_hz;
    loop_ = loop;
    current_ = playing;
    rolling_ = playing.rolling;
    rolling_since_ = stage_.clock();
    cue_ = playing.cue;
    epoch_ = cue_.epoch;
    if (rolling_) cue_.begin = stage_.schedule.at(stage_.clock() + stage_.ahead()).unrolled;
    stage_.cue(cue_);
}

void TransportControl::start(Done done)
{
    wish_.rolling = true;
    wish_.waiting.push_back(std::move(done));
}

void TransportControl::pause(Done done)
{
    wish_.rolling = false;
    wish_.waiting.push_back(std::move(done));
}

void TransportControl::seek(double seconds, Done done)
{
    wish_.seconds = std::max(0.0, seconds);
    wish_.waiting.push_back(std::move(done));
}

void TransportControl::loop(std::optional<TimeRange> range, Done done)
{
    wish_.loop = range;
    wish_.waiting.push_back(std::move(done));
}

void TransportControl::tick(Clock::time_point now)
{
    switch (phase_) {
    case Phase::idle:
        if (asked()) begin(now);
        break;
    case Phase::cueing: try_to_schedule(now); break;
    case Phase::scheduled: wait_for_frame(now); break;
    }
}

/// What is under way is never given up for what is asked for meanwhile: a hand on the seek bar would starve what plays, and never be heard.
void TransportControl::begin(Clock::time_point now)
{
    under_way_ = std::exchange(wish_, {});
    const bool jump = under_way_.seconds || under_way_.loop;
    if (under_way_.loop) loop_ = *under_way_.loop;
    lead_ = frames(first_lead_seconds);
    const bool will_roll = under_way_.rolling.value_or(rolling_);
    if (jump) return cue_again(now);
    if (rolling_ && !will_roll) return stop_here();
    if (rolling_ == will_roll) {
        answer({});
        phase_ = Phase::idle;
        return;
    }
    // It stands, and where it stands has been cued.
    phase_ = Phase::cueing;
    phase_began_ = now;
    meets_at_.reset();
    try_to_schedule(now);
}

void TransportControl::stop_here()
{
    const Frames at_clock = stage_.clock() + stage_.ahead();
    cue_ = current_.cue;
    cue_.start = stage_.schedule.at(at_clock).timeline;
    schedule(at_clock, false);
}

void TransportControl::cue_again(Clock::time_point now)
{
    const bool goes_on = rolling_ && under_way_.rolling.value_or(true) && !under_way_.seconds;
    meets_at_.reset();
    Frames start = under_way_.seconds ? frames(*under_way_.seconds) : position();
    if (goes_on) {
        meets_at_ = stage_.clock() + lead_;
        start = into_loop(stage_.schedule.at(*meets_at_).timeline);
    } else if (under_way_.loop && !under_way_.seconds) start = into_loop(start);
    cue_ = make_cue(++epoch_, start);
    stage_.cue(cue_);
    phase_ = Phase::cueing;
    phase_began_ = now;
}

void TransportControl::try_to_schedule(Clock::time_point now)
{
    const bool late = now - phase_began_ > cue_patience;
    if (!stage_.cued(epoch_) && !late) return;
    const bool will_roll = under_way_.rolling.value_or(rolling_);
    if (!meets_at_) return schedule_at_once(will_roll);
    const Frames soon = stage_.clock() + stage_.ahead();
    if (soon > *meets_at_ && !late) {
        lead_ = std::min(2 * lead_, frames(longest_lead_seconds));
        return cue_again(now);
    }
    schedule(std::max(soon, *meets_at_), will_roll);
}

void TransportControl::schedule_at_once(bool rolling)
{
    const auto publish = [&] { schedule(stage_.clock(), rolling); };
    if (!stage_.at_once(publish)) schedule(stage_.clock() + stage_.ahead(), rolling);
}

void TransportControl::schedule(Frames at_clock, bool rolling)
{
    next_ = {.at_clock = at_clock, .cue = cue_, .rolling = rolling};
    stage_.schedule.schedule(next_, stage_.clock());
    phase_ = Phase::scheduled;
    phase_began_ = Clock::now();
}

void TransportControl::wait_for_frame(Clock::time_point now)
{
    if (stage_.clock() > next_.at_clock) return take_over();
    if (now - phase_began_ > frame_patience) answer(failure("the graph stands still: nothing drives it"));
}

void TransportControl::take_over()
{
    const bool paused = rolling_ && !next_.rolling;
    if (rolling_) played_ += next_.at_clock - std::min(next_.at_clock, rolling_since_);
    rolling_ = next_.rolling;
    rolling_since_ = next_.at_clock;
    const bool same_epoch = next_.cue.epoch == current_.cue.epoch;
    current_ = next_;
    phase_ = Phase::idle;
    answer({});
    under_way_ = {};
    // What was decoded behind the place is not what a start needs: it begins with the very first frame.
    if (paused && same_epoch) {
        cue_ = make_cue(++epoch_, position());
        current_.cue = cue_;
        stage_.schedule.schedule(current_, stage_.clock());
        stage_.cue(cue_);
    }
}

void TransportControl::answer(const Expected<void>& result)
{
    for (Done& done : std::exchange(under_way_.waiting, {}))
        if (done) done(result);
}

}  // namespace stemwire::session
