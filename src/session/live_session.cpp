// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/live_session.hpp"

#include <utility>

#include "session/live/session.hpp"
#include "session/live_status.hpp"

namespace stemwire::session {

/// What processes goes first, and what it processes last.
LiveSession::~LiveSession()
{
    stop_processing();
}

void LiveSession::stop_processing()
{
    served_by_.reset();
    if (isolation_) isolation_->end();
    host_.reset();
}

/// Files are made whole while there is still somebody to hear what went wrong.
void LiveSession::leave()
{
    stop_processing();
    for (host::NodeRunner* runner : instance_->runners()) runner->node().finish();
    say_messages();
}

void LiveSession::fail(Error error)
{
    if (!failure_) failure_ = LiveFailure{{std::move(error)}};
    host_->quit();
}

void LiveSession::say_messages()
{
    for (const std::string& message : instance_->take_messages()) request_.say(message);
}

void LiveSession::say_what_was_missed() const
{
    const auto xruns = host_->xruns();
    if (xruns + instance_->missing_frames() > 0) request_.say("xruns: " + std::to_string(xruns) + ", " + missed_frames(*instance_));
}

SessionStatus LiveSession::status() const
{
    SessionStatus status = live_status(*instance_, hosted_, *host_);
    status.session = preset_.name;
    status.state = phase_ == Phase::starting ? TransportState::starting : transport_->rolling() ? TransportState::playing : TransportState::stopped;
    status.frame = transport_->position();
    status.seconds = transport_->seconds();
    status.loop_seconds = transport_->loop_seconds();
    status.latest_xruns = xruns_.latest();
    return status;
}

tl::expected<void, LiveFailure> run_live(const preset::Preset& preset, const LiveRequest& request)
{
    return LiveSession(preset, request).run();
}

}  // namespace stemwire::session
