// SPDX-License-Identifier: GPL-3.0-or-later
// What a session does as its time goes on: it starts, runs, prepares again for another clock, and ends with a fade.
#include "session/live/session.hpp"

#include <algorithm>
#include <cmath>

#include "session/live_status.hpp"

namespace stemwire::session {

namespace {

using namespace std::chrono_literals;

/// While starting, and while nothing is on its way.
constexpr auto quickest = 1ms;
constexpr auto slow = 50ms;
constexpr double fade_seconds = 0.05;
/// How far ahead of the clock a change is scheduled, so that every node hears of it in time: the longer of a time and some cycles.
constexpr double schedule_ahead_seconds = 0.01;
constexpr std::uint32_t schedule_ahead_quanta = 3;
/// The same of what is published as soon as it is computed, to nodes of this process alone: it takes microseconds, and the cycle after the next has it.
constexpr double publish_ahead_seconds = 0.005;
constexpr std::uint32_t publish_ahead_quanta = 1;
/// What has left us is still on its way through the graph and the device.
constexpr double drain_seconds = 0.1;
/// After this long a start goes on with what there is, and says what is missing.
constexpr auto start_patience = 10s;
/// When the graph stands still, an end doesn't wait for its fade longer than this.
constexpr auto fade_patience = 500ms;

}  // namespace

void LiveSession::enter(Phase phase)
{
    phase_ = phase;
    phase_began_ = Clock::now();
    pace_.set(phase == Phase::starting ? quickest : quick);
}

void LiveSession::tick()
{
    switch (phase_) {
    case Phase::starting: tick_starting(); break;
    case Phase::running: tick_running(); break;
    case Phase::preparing_again: tick_preparing_again(); break;
    case Phase::fading:
        if (host_->clock() >= fade_ends_at_ || Clock::now() - phase_began_ > fade_patience) host_->quit();
        break;
    }
    if (members_) members_->tick(*instance_);
    if (isolation_) isolation_->tick();
    const bool calm = phase_ == Phase::running && !transport_->busy() && !editor_->busy() && !(watcher_ && watcher_->pending());
    pace_.set(calm ? slow : phase_ == Phase::starting ? quickest : quick);
}

void LiveSession::tick_starting()
{
    if (follows()) return tick_joining();
    if (members_) members_->tick(*instance_);
    if (host_->settled()) follow_latencies();
    const bool ready = host_->settled() && instance_->cued(transport_->epoch());
    if (!ready && Clock::now() - phase_began_ < start_patience) return;
    check_clock();
    if (phase_ != Phase::starting) return;
    if (!ready) request_.say("starting without " + not_ready(*instance_, hosted_, *host_, transport_->epoch()));
    if (running_since_ == Clock::time_point()) running_since_ = Clock::now();
    enter(Phase::running);
    if (roll_) transport_->start({});
    else if (!transport_->rolling() && (follows_graph() || !transport_->busy())) request_.say(waits_for());
    if (follows_graph() && preset_.transport.loop_seconds) request_.say("the graph's transport, which is followed, has no loop: that of the preset is not played");
    transport_->tick();
    say_where();
}

std::string LiveSession::waits_for() const
{
    if (follows_graph()) return "follows the graph's transport, which stands still (stemwire start sets it going, for all programs)";
    return "autostart is off: the transport stands still (stemwire start sets it going)";
}

/// What all sources play, if no change is on its way.
std::optional<Cue> LiveSession::settled_cue() const
{
    const rt::TransportChange change = instance_->transport().next();
    if (!follows()) return transport_->busy() ? std::nullopt : std::optional(change.cue);
    return change.cue.epoch == followed_ && host_->clock() > change.at_clock ? std::optional(change.cue) : std::nullopt;
}

/// Who follows is in time as soon as it is on the graph: the transport goes its way meanwhile.
void LiveSession::tick_joining()
{
    if (!host_->settled() && Clock::now() - phase_began_ < start_patience) return;
    check_clock();
    if (phase_ != Phase::starting) return;
    enter(Phase::running);
    follow_cue();
    say_where();
}

void LiveSession::follow_cue()
{
    Cue cue = members_->latest_cue().cue;
    if (cue.epoch == followed_ || cue.epoch == 0) return;
    followed_ = cue.epoch;
    // Of an epoch that plays already, only what is still to come.
    const TransportSegment soon = instance_->transport().at(host_->clock() + ahead());
    if (soon.rolling && soon.epoch == cue.epoch) cue.begin = soon.unrolled;
    instance_->cue(cue);
}

Frames LiveSession::ahead() const
{
    return std::max<Frames>(frames(schedule_ahead_seconds), Frames{schedule_ahead_quanta} * host_->server().quantum);
}

Frames LiveSession::transport_ahead() const
{
    if (members_ || follows_graph()) return ahead();
    return std::max<Frames>(frames(publish_ahead_seconds), Frames{publish_ahead_quanta} * host_->server().quantum);
}

bool LiveSession::at_end() const
{
    const rt::TransportChange& playing = transport_->current();
    const auto end = instance_->end();
    if (!playing.rolling || playing.cue.loops() || !end || *end == endless) return false;
    const auto& latencies = instance_->alignment().external_latency;
    const std::uint32_t latency = latencies.empty() ? 0 : std::ranges::max(latencies);
    const Frames length = *end > playing.cue.start ? *end - playing.cue.start : 0;
    return host_->clock() >= playing.at_clock + length + latency + frames(drain_seconds);
}

bool LiveSession::played_enough() const
{
    if (!request_.duration_seconds) return false;
    const double seconds = std::max(0.0, *request_.duration_seconds - fade_seconds);
    // Nobody may ever set a transport going that does not start by itself; what is live is heard all the same.
    if (!preset_.transport.autostart) return std::chrono::duration<double>(Clock::now() - running_since_).count() >= seconds;
    return transport_->rolling() && transport_->played() >= frames(seconds);
}

void LiveSession::tick_running()
{
    check_clock();
    if (phase_ != Phase::running) return;
    if (follows()) follow_cue();
    else transport_->tick();
    editor_->tick();
    look_at_file();
    if (request_.exit_at_end && at_end()) return host_->quit();
    if (played_enough()) fade_and_quit();
}

void LiveSession::check_clock()
{
    const host::ServerInfo server = host_->server();
    const bool other_rate = server.rate_hz > 0 && server.rate_hz != instance_->rate_hz();
    if (!other_rate && server.quantum <= instance_->longest_cycle()) return;
    request_.say(other_rate ? "the server runs at " + std::to_string(std::lround(server.rate_hz)) + " Hz now: preparing again"
                            : "the quantum is " + std::to_string(server.quantum) + " now, longer than what is offloaded may take: preparing again");
    if (phase_ == Phase::running && !follows()) {
        position_seconds_ = transport_->seconds();
        roll_ = transport_->rolling();
    }
    for (host::NodeRunner* runner : instance_->runners()) runner->suspend();
    fade_ends_at_ = host_->clock() + ahead();
    enter(Phase::preparing_again);
}

void LiveSession::tick_preparing_again()
{
    // A cycle that had begun before the suspension must be over.
    if (host_->clock() < fade_ends_at_ && Clock::now() - phase_began_ < fade_patience) return;
    editor_->begin_again();
    if (auto errors = prepare_nodes(); !errors.empty()) return fail(errors.front());
    if (follows()) followed_ = 0;
    else transport_->reset(instance_->rate_hz(), position_seconds_, transport_->loop_seconds());
    if (auto graph = wanted()) static_cast<void>(host_->update(std::move(*graph)));
    enter(Phase::starting);
}

void LiveSession::end_asked()
{
    if (preparing_) ends_early_ = true;
    else fade_and_quit();
}

/// Asked for a second time, it does not wait for the fade.
void LiveSession::fade_and_quit()
{
    if (phase_ == Phase::fading) return host_->quit();
    const Frames length = frames(fade_seconds);
    for (host::NodeRunner* runner : instance_->runners()) runner->fade_out(static_cast<std::uint32_t>(length));
    fade_ends_at_ = host_->clock() + length + 2 * host_->server().quantum;
    enter(Phase::fading);
}

}  // namespace stemwire::session
