// SPDX-License-Identifier: GPL-3.0-or-later
// From the first connection to nodes on the graph.
#include "session/live/session.hpp"

#include <algorithm>
#include <cmath>
#include <csignal>

#include "host/make_host.hpp"
#include "session/graph_follower.hpp"
#include "session/live_status.hpp"
#include "session/memory_lock.hpp"

namespace stemwire::session {

namespace {

using namespace std::chrono_literals;

constexpr auto view_period = 100ms;
constexpr auto watch_period = 1s;

tl::unexpected<LiveFailure> failed(Errors errors, bool no_server = false)
{
    return tl::unexpected(LiveFailure{std::move(errors), no_server});
}

}  // namespace

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
    auto host = host::make_live_host({.backend = request_.backend,
                                      .remote = remote,
                                      .session = preset_.name,
                                      .quantum = preset_.quantum,
                                      .rate_hz = preset_.rate_hz,
                                      .private_server = private_server_ != nullptr,
                                      .one_jack_client = request_.one_jack_client});
    if (!host) return failed({host.error()}, true);
    host_ = std::move(*host);
    return {};
}

tl::expected<void, LiveFailure> LiveSession::join()
{
    if (request_.own_nodes.empty()) return {};
    auto members = Members::join(preset_.name, request_.own_nodes, request_.say);
    if (!members) return failed({members.error()});
    members_ = std::move(*members);
    host_->share_clock(members_->clock());
    return {};
}

/// Files are opened while the server answers. Where there are several processes, those have to find each other first.
void LiveSession::begin_making()
{
    if (!request_.own_nodes.empty()) return;
    making_ = std::async(std::launch::async, [this] { return Instance::make(preset_, decoders_, isolation_ ? isolation_->company() : Company{}); });
}

tl::expected<std::unique_ptr<Instance>, Errors> LiveSession::make_instance()
{
    return making_.valid() ? making_.get() : Instance::make(preset_, decoders_, members_->company());
}

tl::expected<void, LiveFailure> LiveSession::prepare()
{
    auto instance = make_instance();
    if (!instance) return failed(instance.error());
    instance_ = std::move(*instance);
    if (auto errors = prepare_first(); !errors.empty()) return failed(std::move(errors));
    transport_ = make_transport();
    editor_ = std::make_unique<Editor>(*instance_, Editor::Time{.cue = [this] { return settled_cue(); }, .clock = [this] { return host_->clock(); }, .ahead = [this] { return ahead(); }},
                                       Editor::Callbacks{.say = request_.say, .applied = [this] { follow_edit(); }});
    if (isolation_) isolation_->tick();
    if (members_)
        if (auto settled = members_->settle(*instance_); !settled) return failed({settled.error()});
    if (follows()) return {};
    if (const auto playing = members_ ? members_->taken_over() : std::nullopt) {
        transport_->adopt(instance_->rate_hz(), *playing, preset_.transport.loop_seconds);
        roll_ = false;
        return {};
    }
    transport_->reset(instance_->rate_hz(), 0, preset_.transport.loop_seconds);
    roll_ = preset_.transport.autostart;
    return {};
}

std::unique_ptr<SessionTransport> LiveSession::make_transport()
{
    TransportStage stage{.schedule = instance_->transport(),
                         .cue =
                             [this](const Cue& cue) {
                                 instance_->cue(cue);
                                 if (members_) members_->cue(cue, instance_->rate_hz(), host_->server().quantum);
                             },
                         .cued = [this](Epoch epoch) { return instance_->cued(epoch); },
                         .clock = [this] { return host_->clock(); },
                         .ahead = [this] { return transport_ahead(); },
                         .at_once = [this](const auto& publish) { return !members_ && host_->between_cycles(publish); }};
    if (!follows_graph()) return std::make_unique<TransportControl>(std::move(stage));
    return std::make_unique<GraphFollower>(std::move(stage), GraphFollower::Graph{.seen = [this] { return host_->graph_transport(); },
                                                                                  .roll = [this](bool rolling) { return host_->request_roll(rolling); },
                                                                                  .locate = [this](Frames frame) { return host_->request_locate(frame); }});
}

Preparation LiveSession::preparation() const
{
    const host::ServerInfo server = host_->server();
    return {.rate_hz = server.rate_hz > 0 ? server.rate_hz : 48000.0, .quantum = server.quantum > 0 ? server.quantum : 256};
}

Errors LiveSession::prepare_nodes()
{
    return instance_->prepare(preparation());
}

/// While nodes are prepared, the server takes in what it can see of them.
Errors LiveSession::prepare_first()
{
    // Other processes have a say in it, and those of isolated nodes are begun in this thread.
    if (members_ || std::ranges::any_of(preset_.nodes, &preset::NodeModel::isolate)) return prepare_nodes();
    auto graph = wanted();
    if (!graph) return {graph.error()};
    Errors errors;
    preparing_ = true;
    host_->begin_build(std::move(*graph), [&, wished = preparation()] { errors = instance_->prepare(wished); });
    preparing_ = false;
    return errors;
}

Expected<host::Wanted> LiveSession::wanted()
{
    auto hosted = host_graph(*instance_, hosted_);
    if (!hosted) return tl::unexpected(hosted.error());
    hosted_ = std::move(*hosted);
    return wanted_graph(*instance_, hosted_, preset_.name);
}

tl::expected<void, LiveFailure> LiveSession::build()
{
    auto graph = wanted();
    if (!graph) return failed({graph.error()});
    if (auto built = host_->build(std::move(*graph)); !built) return failed({built.error()});
    return {};
}

void LiveSession::say_where() const
{
    const host::ServerInfo server = host_->server();
    const auto rate = std::to_string(std::lround(server.rate_hz));
    request_.say((request_.backend == host::Backend::jack ? "JACK " : "PipeWire ") + server.version + " (" + server.name + "), " + rate + " Hz, quantum " + std::to_string(server.quantum) +
                 (server.driver.empty() ? "" : ", driven by " + server.driver));
    if (preset_.rate_hz && *preset_.rate_hz != server.rate_hz)
        request_.say("the preset asks for " + std::to_string(std::lround(*preset_.rate_hz)) + " Hz; the server runs at " + rate + " Hz, and so do we");
}

void LiveSession::say_whether_locked()
{
    if (!locking_.valid() || locking_.wait_for(0s) != std::future_status::ready) return;
    if (!locking_.get()) request_.say("memory is not locked and could be paged out (the limit is too low: ulimit -l, or memlock in /etc/security/limits.d)");
}

tl::expected<void, LiveFailure> LiveSession::attach()
{
    if (!request_.attach) return {};
    auto attached = request_.attach(*this);
    if (!attached) return failed({attached.error()});
    served_by_ = std::move(*attached);
    return {};
}

void LiveSession::every(std::chrono::milliseconds period, std::function<void()> callback)
{
    if (transport_) host_->every(period, std::move(callback));
    else untimed_.emplace_back(period, std::move(callback));
}

void LiveSession::watch(int fd, std::function<void()> callback)
{
    if (transport_) host_->watch(fd, std::move(callback));
    else unwatched_.emplace_back(fd, std::move(callback));
}

void LiveSession::unwatch(int fd)
{
    std::erase_if(unwatched_, [fd](const auto& waiting) { return waiting.first == fd; });
    host_->unwatch(fd);
}

void LiveSession::listen()
{
    for (auto& [fd, callback] : std::exchange(unwatched_, {})) host_->watch(fd, std::move(callback));
    for (auto& [period, callback] : std::exchange(untimed_, {})) host_->every(period, std::move(callback));
    host_->on_message([this](const std::string& message) { request_.say(message); });
    host_->on_lost([this] { fail({"the PipeWire server went away"}); });
    host_->on_parameter_wish([this](const std::string& graph_name, const std::string& address, double value) {
        const auto set = set_parameter(*instance_, parameter_address(hosted_, preset_.name, graph_name, address), value);
        if (!set) request_.say(to_string(set.error()));
    });
    if (pace_.descriptor() >= 0)
        host_->watch(pace_.descriptor(), [this] {
            pace_.drain();
            tick();
        });
    host_->every(view_period, [this] { look_around(); });
    if (request_.reload) watch_file();
}

void LiveSession::watch_file()
{
    watcher_ = std::make_unique<PresetWatcher>(preset_.path);
    if (watcher_->descriptor() >= 0)
        host_->watch(watcher_->descriptor(), [this] {
            watcher_->drain();
            look_at_file();
        });
    host_->every(watch_period, [this] { look_at_file(); });
}

tl::expected<void, LiveFailure> LiveSession::run()
{
    begin_making();
    if (auto done = connect(); !done) return done;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) host_->on_signal(signal, [this] { end_asked(); });
    unheard_signals_.reset();
    if (auto done = join(); !done) return done;
    // Before anything is on the graph: the name may be another session's.
    if (!members_)
        if (auto done = attach(); !done) return done;
    if (auto done = prepare(); !done) return done;
    listen();
    if (ends_early_) fade_and_quit();
    if (members_ && !follows())
        if (auto done = attach(); !done) return done;
    if (auto done = build(); !done) return done;
    // While the server lets the nodes run: from here on this thread waits.
    locking_ = std::async(std::launch::async, lock_memory);
    if (phase_ != Phase::fading) enter(Phase::starting);
    host_->run();
    say_what_was_missed();
    leave();
    if (failure_) return tl::unexpected(std::move(*failure_));
    return {};
}

}  // namespace stemwire::session
