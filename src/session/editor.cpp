// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/editor.hpp"

#include <algorithm>
#include <utility>

#include "session/edit_plan.hpp"
#include "session/fuse_groups.hpp"

namespace stemwire::session {

namespace {

/// Sources are expected to be ready for a place that playing will have reached after this long; else it is tried with twice the time.
constexpr double first_lead_seconds = 0.25;
constexpr double longest_lead_seconds = 8;

}  // namespace

Editor::~Editor()
{
    if (built_.valid()) built_.wait();
}

void Editor::edit(preset::Preset next)
{
    next_ = std::move(next);
    heard_next_ = instance_.live_snapshot();
}

void Editor::tick()
{
    using namespace std::chrono_literals;
    if (built_.valid() && built_.wait_for(0s) == std::future_status::ready) finish(built_.get());
    if (edit_) try_to_apply();
    if (next_ && !building_) begin(*std::exchange(next_, std::nullopt));
}

void Editor::begin(preset::Preset next)
{
    for (const std::string& message : fixed_while_running(instance_.preset(), next)) callbacks_.say(message);
    if (const auto error = fuse_error(next)) return callbacks_.say(to_string(*error));
    building_ = next;
    heard_ = heard_next_;
    built_ = std::async(std::launch::async, [this, next = next, origins = origins_of(instance_.preset(), next)]() mutable { return instance_.build(std::move(next), origins); });
}

void Editor::finish(Built built)
{
    if (!built) {
        building_.reset();
        for (const Error& error : built.error()) callbacks_.say(to_string(error));
        return callbacks_.say("the edit cannot be taken over; what plays goes on");
    }
    edit_ = std::move(*built);
    cued_.reset();
    lead_ = seconds_to_frames(first_lead_seconds, instance_.rate_hz());
}

void Editor::cue_sources(const Cue& cue)
{
    meets_at_ = time_.clock() + lead_;
    const TransportSegment then = instance_.transport().at(meets_at_);
    cued_ = cue;
    cued_->begin = then.rolling ? then.unrolled : cue.start;
    edit_->cue(*cued_);
}

void Editor::try_to_apply()
{
    if (!edit_->must_be_cued()) return apply(0);
    const std::optional<Cue> cue = time_.cue();
    if (!cue) return;
    if (!cued_ || cued_->epoch != cue->epoch) return cue_sources(*cue);
    if (!edit_->cued(cue->epoch)) return;
    if (!instance_.transport().at(time_.clock()).rolling) return apply(0);
    if (time_.clock() + time_.ahead() <= meets_at_) return apply(meets_at_);
    lead_ = std::min(2 * lead_, seconds_to_frames(longest_lead_seconds, instance_.rate_hz()));
    cue_sources(*cue);
}

void Editor::apply(Frames at_clock)
{
    instance_.apply(std::move(edit_), at_clock, heard_);
    building_.reset();
    callbacks_.applied();
}

void Editor::begin_again()
{
    if (built_.valid()) built_.wait();
    built_ = {};
    edit_.reset();
    if (!next_) {
        next_ = std::move(building_);
        heard_next_ = heard_;
    }
    building_.reset();
}

}  // namespace stemwire::session
