// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/live_session.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <memory>

#include <sys/mman.h>

#include "host/pipewire/private_server.hpp"
#include "session/hosted_graph.hpp"

namespace stemwire::session {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr unsigned decode_workers = 2;
constexpr auto tick_period = 20ms;
constexpr auto view_period = 100ms;
constexpr double fade_seconds = 0.05;
/// How far ahead of the clock a change is scheduled, so that every node hears of it in time: the longer of a time and some cycles.
constexpr double schedule_ahead_seconds = 0.02;
constexpr std::uint32_t schedule_ahead_quanta = 3;
/// What has left us is still on its way through the graph and the device.
constexpr double drain_seconds = 0.1;
/// After this long a start goes on with what there is, and says what is missing.
constexpr auto start_patience = 10s;
/// When the graph stands still, an end doesn't wait for its fade longer than this.
constexpr auto fade_patience = 500ms;

/// One session from its first connection to its end.
class LiveSession {
public:
    LiveSession(const preset::Preset& preset, const LiveRequest& request) : preset_(preset), request_(request), decoders_(decode_workers) {}

    tl::expected<void, LiveFailure> run();

private:
    enum class Phase { starting, playing, waiting, preparing_again, fading };

    tl::expected<void, LiveFailure> connect();
    tl::expected<void, LiveFailure> prepare();
    Errors prepare_nodes();
    tl::expected<void, LiveFailure> build();
    void say_where() const;
    void lock_memory() const;

    void tick();
    void tick_starting();
    void tick_playing();
    void tick_preparing_again();
    void start();
    void fade_and_quit();
    void fail(Error error);
    void check_rate();
    void say_messages();
    void say_what_was_missed() const;

    [[nodiscard]] Frames frames(double seconds) const { return seconds_to_frames(seconds, instance_->rate_hz()); }
    [[nodiscard]] Frames soon() const;
    [[nodiscard]] bool at_end() const;
    [[nodiscard]] LiveStatus status() const;
    [[nodiscard]] std::string not_ready() const;

    const preset::Preset& preset_;
    const LiveRequest& request_;
    std::unique_ptr<host::PrivateServer> private_server_;
    media::DecodePool decoders_;
    std::unique_ptr<Instance> instance_;
    HostedGraph hosted_;
    std::unique_ptr<host::PipeWireHost> host_;

    Phase phase_ = Phase::starting;
    Clock::time_point phase_began_ = Clock::now();
    Epoch epoch_ = 0;
    double position_seconds_ = 0;   ///< where the timeline starts, or goes on after a change of rate
    Frames started_at_ = 0;         ///< clock frame at which the current epoch began
    Frames fade_ends_at_ = 0;
    std::optional<LiveFailure> failure_;
};

tl::unexpected<LiveFailure> failed(Errors errors, bool no_server = false)
{
    return tl::unexpected(LiveFailure{std::move(errors), no_server});
}

tl::expected<void, LiveFailure> LiveSession::connect()
{
    std::string remote = request_.remote;
    if (request_.private_server) {
        host::PrivateServer::Options options;
        options.rate_hz = preset_.rate_hz.value_or(options.rate_hz);
        options.quantum = preset_.quantum.value_or(options.quantum);
        auto server = host::PrivateServer::start(options);
        if (!server) return failed({server.error()}, true);
        private_server_ = std::move(*server);
        remote = private_server_->remote();
        request_.say("started a private PipeWire; to look at it: export PIPEWIRE_REMOTE=" + remote);
    }
    auto host = host::PipeWireHost::connect({.remote = remote, .session = preset_.name, .quantum = preset_.quantum, .rate_hz = preset_.rate_hz});
    if (!host) return failed({host.error()}, true);
    host_ = std::move(*host);
    return {};
}

tl::expected<void, LiveFailure> LiveSession::prepare()
{
    auto instance = Instance::make(preset_, decoders_);
    if (!instance) return failed(instance.error());
    instance_ = std::move(*instance);
    if (auto errors = prepare_nodes(); !errors.empty()) return failed(std::move(errors));
    instance_->cue(instance_->make_cue(++epoch_, 0.0, true));
    return {};
}

Errors LiveSession::prepare_nodes()
{
    const host::ServerInfo server = host_->server();
    return instance_->prepare(server.rate_hz > 0 ? server.rate_hz : 48000.0, server.quantum > 0 ? server.quantum : 256, false);
}

tl::expected<void, LiveFailure> LiveSession::build()
{
    host::Wanted wanted;
    auto hosted = host_graph(*instance_);
    if (!hosted) return failed({hosted.error()});
    hosted_ = std::move(*hosted);
    for (std::size_t index = 0; index < hosted_.units.size(); ++index) {
        const HostedUnit& unit = hosted_.units[index];
        wanted.nodes.push_back({preset_.name + "." + unit.name, preset_.name + " " + unit.name, unit.runner, hosted_.graph.nodes[index].latency, unit.inputs, unit.outputs, {}});
    }
    wanted.graph = hosted_.graph;
    for (const preset::ExternalModel& model : preset_.externals)
        wanted.externals.push_back({model.name, static_cast<host::HostedExternal::What>(model.what), model.node_glob, model.port_glob});
    if (auto built = host_->build(std::move(wanted)); !built) return failed({built.error()});
    return {};
}

void LiveSession::say_where() const
{
    const host::ServerInfo server = host_->server();
    const auto rate = std::to_string(std::lround(server.rate_hz));
    request_.say("PipeWire " + server.version + " (" + server.name + "), " + rate + " Hz, quantum " + std::to_string(server.quantum) +
                 (server.driver.empty() ? "" : ", driven by " + server.driver));
    if (preset_.rate_hz && *preset_.rate_hz != server.rate_hz)
        request_.say("the preset asks for " + std::to_string(std::lround(*preset_.rate_hz)) + " Hz; the server runs at " + rate + " Hz, and so do we");
}

void LiveSession::lock_memory() const
{
    // Pages are locked as they are first touched: what must never be paged out is touched before it is needed.
    if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0)
        request_.say("memory is not locked and could be paged out (the limit is too low: ulimit -l, or memlock in /etc/security/limits.d)");
}

tl::expected<void, LiveFailure> LiveSession::run()
{
    if (auto done = connect(); !done) return done;
    host_->on_message([this](const std::string& message) { request_.say(message); });
    host_->on_lost([this] { fail({"the PipeWire server went away"}); });
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) host_->on_signal(signal, [this] { fade_and_quit(); });
    if (auto done = prepare(); !done) return done;
    lock_memory();
    if (auto done = build(); !done) return done;
    phase_began_ = Clock::now();
    host_->every(tick_period, [this] { tick(); });
    host_->every(view_period, [this] {
        say_messages();
        if (request_.view) request_.view(*instance_, status());
    });
    host_->run();
    say_messages();
    say_what_was_missed();
    host_.reset();
    if (failure_) return tl::unexpected(std::move(*failure_));
    return {};
}

void LiveSession::tick()
{
    switch (phase_) {
    case Phase::starting: tick_starting(); break;
    case Phase::playing: tick_playing(); break;
    case Phase::preparing_again: tick_preparing_again(); break;
    case Phase::fading:
        if (host_->clock() >= fade_ends_at_ || Clock::now() - phase_began_ > fade_patience) host_->quit();
        break;
    case Phase::waiting: check_rate(); break;
    }
}

void LiveSession::tick_starting()
{
    const bool ready = host_->settled() && instance_->cued(epoch_);
    if (!ready && Clock::now() - phase_began_ < start_patience) return;
    check_rate();
    if (phase_ != Phase::starting) return;
    if (!ready) request_.say("starting without " + not_ready());
    if (preset_.transport.autostart) start();
    else {
        phase_ = Phase::waiting;
        request_.say("autostart is off: the transport stands still");
    }
    say_where();
}

Frames LiveSession::soon() const
{
    return host_->clock() + std::max<Frames>(frames(schedule_ahead_seconds), Frames{schedule_ahead_quanta} * host_->server().quantum);
}

void LiveSession::start()
{
    started_at_ = soon();
    instance_->transport().schedule({.at_clock = started_at_, .cue = instance_->make_cue(epoch_, position_seconds_, true), .rolling = true}, host_->clock());
    phase_ = Phase::playing;
}

bool LiveSession::at_end() const
{
    const Cue cue = instance_->make_cue(epoch_, position_seconds_, true);
    const auto end = instance_->end();
    if (cue.loops() || !end || *end == endless) return false;
    const auto& latencies = instance_->alignment().external_latency;
    const std::uint32_t latency = latencies.empty() ? 0 : std::ranges::max(latencies);
    const Frames length = *end > cue.start ? *end - cue.start : 0;
    return host_->clock() >= started_at_ + length + latency + frames(drain_seconds);
}

void LiveSession::tick_playing()
{
    check_rate();
    if (phase_ != Phase::playing) return;
    if (request_.exit_at_end && at_end()) host_->quit();
    if (!request_.duration_seconds) return;
    const double left = *request_.duration_seconds - position_seconds_ - fade_seconds;
    if (host_->clock() >= started_at_ + (left > 0 ? frames(left) : 0)) fade_and_quit();
}

void LiveSession::check_rate()
{
    const host::ServerInfo server = host_->server();
    if (server.rate_hz <= 0 || server.rate_hz == instance_->rate_hz()) return;
    request_.say("the server runs at " + std::to_string(std::lround(server.rate_hz)) + " Hz now: preparing again");
    if (phase_ == Phase::playing) position_seconds_ = status().seconds;
    for (host::NodeRunner* runner : instance_->runners()) runner->suspend();
    fade_ends_at_ = soon();
    phase_ = Phase::preparing_again;
    phase_began_ = Clock::now();
}

void LiveSession::tick_preparing_again()
{
    // A cycle that had begun before the suspension must be over.
    if (host_->clock() < fade_ends_at_ && Clock::now() - phase_began_ < fade_patience) return;
    if (auto errors = prepare_nodes(); !errors.empty()) {
        fail(errors.front());
        return;
    }
    const Cue cue = instance_->make_cue(++epoch_, position_seconds_, true);
    instance_->transport().schedule({.at_clock = host_->clock(), .cue = cue, .rolling = false}, host_->clock());
    instance_->cue(cue);
    phase_ = Phase::starting;
    phase_began_ = Clock::now();
}

void LiveSession::fade_and_quit()
{
    if (phase_ == Phase::fading) {
        host_->quit();
        return;
    }
    const Frames length = frames(fade_seconds);
    for (host::NodeRunner* runner : instance_->runners()) runner->fade_out(static_cast<std::uint32_t>(length));
    fade_ends_at_ = host_->clock() + length + 2 * host_->server().quantum;
    phase_ = Phase::fading;
    phase_began_ = Clock::now();
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
    const auto missing = instance_->missing_frames();
    if (xruns + missing > 0) request_.say("xruns: " + std::to_string(xruns) + ", frames that were not decoded in time: " + std::to_string(missing));
}

LiveStatus LiveSession::status() const
{
    LiveStatus status;
    status.server = host_->server();
    status.xruns = host_->xruns();
    status.missing_frames = instance_->missing_frames();
    status.state = phase_ == Phase::waiting ? TransportState::stopped : phase_ == Phase::starting ? TransportState::starting : TransportState::playing;
    if (status.state == TransportState::playing)
        status.seconds = static_cast<double>(instance_->transport().at(host_->clock()).timeline) / instance_->rate_hz();
    if (const auto end = instance_->end(); end && *end != endless) status.end_seconds = static_cast<double>(*end) / instance_->rate_hz();
    return status;
}

std::string LiveSession::not_ready() const
{
    std::string names;
    const auto add = [&](const std::string& name) { names += (names.empty() ? "" : ", ") + name; };
    const auto running = host_->running();
    const auto runners = instance_->runners();
    for (std::size_t index = 0; index < running.size(); ++index)
        if (!running[index]) add(hosted_.units[index].name);
    for (std::size_t index = 0; index < runners.size(); ++index)
        if (!runners[index]->node().cued(epoch_)) add(preset_.nodes[index].name + " (still decoding)");
    for (const host::LinkStatus& link : host_->links())
        if (link.state == host::LinkState::waiting) add(link.from + " -> " + link.to);
    return names.empty() ? "waiting longer" : names;
}

}  // namespace

std::string_view to_string(TransportState state) noexcept
{
    switch (state) {
    case TransportState::stopped: return "stopped";
    case TransportState::starting: return "starting";
    case TransportState::playing: return "playing";
    }
    return "";
}

tl::expected<void, LiveFailure> run_live(const preset::Preset& preset, const LiveRequest& request)
{
    return LiveSession(preset, request).run();
}

}  // namespace stemwire::session
