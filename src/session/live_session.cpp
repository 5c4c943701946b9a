// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/live_session.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include <sys/mman.h>

#include "host/make_host.hpp"
#include "host/pipewire/blocked_signals.hpp"
#include "host/pipewire/private_server.hpp"
#include "session/editor.hpp"
#include "session/graph_follower.hpp"
#include "session/hosted_graph.hpp"
#include "session/isolation/isolation.hpp"
#include "session/live_status.hpp"
#include "session/loudness_follower.hpp"
#include "session/members.hpp"
#include "session/pace.hpp"
#include "session/parameters.hpp"
#include "session/preset_watcher.hpp"
#include "session/save.hpp"
#include "session/transport_control.hpp"
#include "session/xrun_log.hpp"

namespace stemwire::session {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr unsigned decode_workers = 2;
/// While starting, while something else is on its way, and while nothing is.
constexpr auto quickest = 1ms;
constexpr auto quick = 2ms;
constexpr auto slow = 50ms;
constexpr auto view_period = 100ms;
constexpr auto watch_period = 1s;
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

/// One session from its first connection to its end.
class LiveSession final : public SessionControl {
public:
    LiveSession(const preset::Preset& preset, const LiveRequest& request)
        : preset_(preset), request_(request), decoders_(decode_workers), loudness_(request.say), loop_in_file_(preset.transport.loop_seconds)
    {
        if (request.command.empty() || !request.own_nodes.empty()) return;
        isolation_ = std::make_unique<Isolation>(request.command, Supervisor::Callbacks{.say = request.say,
                                                                                       .watch = [this](int fd, std::function<void()> callback) { host_->watch(fd, std::move(callback)); },
                                                                                       .unwatch = [this](int fd) { host_->unwatch(fd); }});
    }
    ~LiveSession() override;

    tl::expected<void, LiveFailure> run();

    SessionStatus status() const override;
    std::vector<ParameterValue> parameters() const override { return parameter_values(*instance_); }
    std::vector<MeterValue> meters() const override { return meter_values(*instance_); }
    Expected<ParameterValue> get(std::string_view address) const override { return get_parameter(*instance_, address); }
    Expected<ParameterValue> set(std::string_view address, std::string_view value) override { return set_parameter(*instance_, address, value); }
    Expected<ParameterValue> set_number(std::string_view address, double value) override { return set_parameter(*instance_, address, value); }
    void start(Done done) override { ask([&] { transport_->start(std::move(done)); }); }
    void pause(Done done) override { ask([&] { transport_->pause(std::move(done)); }); }
    void seek(double seconds, Done done) override { ask([&] { transport_->seek(seconds, std::move(done)); }); }
    void loop(std::optional<TimeRange> range_seconds, Done done) override { ask([&] { transport_->loop(range_seconds, std::move(done)); }); }
    Expected<std::vector<std::string>> save() override;
    void stop() override
    {
        if (phase_ != Phase::fading) fade_and_quit();
    }
    void every(std::chrono::milliseconds period, std::function<void()> callback) override { host_->every(period, std::move(callback)); }
    void watch(int fd, std::function<void()> callback) override { host_->watch(fd, std::move(callback)); }
    void unwatch(int fd) override { host_->unwatch(fd); }

private:
    enum class Phase { starting, running, preparing_again, fading };

    tl::expected<void, LiveFailure> connect();
    tl::expected<void, LiveFailure> join();
    void begin_making();
    tl::expected<std::unique_ptr<Instance>, Errors> make_instance();
    tl::expected<void, LiveFailure> prepare();
    [[nodiscard]] std::unique_ptr<SessionTransport> make_transport();
    Errors prepare_nodes();
    tl::expected<void, LiveFailure> build();
    Expected<host::Wanted> wanted();
    void listen();
    void watch_file();
    void say_where() const;
    void say_whether_locked(bool locked) const;

    template <class Wish>
    void ask(Wish wish)
    {
        wish();
        pace_.set(quick);
    }
    void enter(Phase phase);
    void tick();
    void tick_starting();
    void tick_joining();
    void follow_cue();
    [[nodiscard]] std::optional<Cue> settled_cue() const;
    void tick_running();
    void tick_preparing_again();
    void look_at_file();
    void take_over_file();
    void edit(preset::Preset next);
    void take_over_loop(const std::optional<TimeRange>& loop);
    void look_around();
    void follow_edit();
    void fade_and_quit();
    void fail(Error error);
    void follow_latencies();
    void check_clock();
    void stop_processing();
    void leave();
    void say_messages();
    void say_what_was_missed() const;

    [[nodiscard]] Frames frames(double seconds) const { return seconds_to_frames(seconds, instance_->rate_hz()); }
    [[nodiscard]] bool follows_graph() const { return preset_.transport.follow == preset::TransportFollow::graph; }
    [[nodiscard]] std::string waits_for() const;
    [[nodiscard]] bool follows() const { return members_ && !members_->leads(); }
    [[nodiscard]] Frames ahead() const;
    [[nodiscard]] Frames transport_ahead() const;
    [[nodiscard]] bool at_end() const;
    [[nodiscard]] bool played_enough() const;

    /// They wait until there is a loop to hear them: a process that dies before would leave the folder of its own server behind. Before all threads.
    std::optional<host::BlockedSignals> unheard_signals_{std::in_place};
    const preset::Preset& preset_;   ///< as it was at the start
    const LiveRequest& request_;
    Pace pace_;
    std::unique_ptr<host::PrivateServer> private_server_;
    media::DecodePool decoders_;
    std::unique_ptr<Members> members_;  ///< null: the preset is run whole
    std::unique_ptr<Isolation> isolation_;  ///< null: isolated nodes have no processes
    std::future<tl::expected<std::unique_ptr<Instance>, Errors>> making_;
    std::unique_ptr<Instance> instance_;
    std::unique_ptr<SessionTransport> transport_;
    std::unique_ptr<Editor> editor_;
    std::unique_ptr<PresetWatcher> watcher_;
    LoudnessFollower loudness_;
    HostedGraph hosted_;
    std::unique_ptr<host::LiveHost> host_;
    std::shared_ptr<void> served_by_;
    XrunLog xruns_;

    Phase phase_ = Phase::starting;
    Clock::time_point phase_began_ = Clock::now();
    Clock::time_point running_since_;  ///< when it first ran
    bool roll_ = true;               ///< once it has started
    Epoch followed_ = 0;             ///< the latest that a follower was cued for
    std::optional<TimeRange> loop_in_file_;
    double position_seconds_ = 0;    ///< where the timeline goes on after a change of rate
    Frames fade_ends_at_ = 0;
    std::optional<LiveFailure> failure_;
};

tl::unexpected<LiveFailure> failed(Errors errors, bool no_server = false)
{
    return tl::unexpected(LiveFailure{std::move(errors), no_server});
}

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
    if (auto errors = prepare_nodes(); !errors.empty()) return failed(std::move(errors));
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
                         .ahead = [this] { return transport_ahead(); }};
    if (!follows_graph()) return std::make_unique<TransportControl>(std::move(stage));
    return std::make_unique<GraphFollower>(std::move(stage), GraphFollower::Graph{.seen = [this] { return host_->graph_transport(); },
                                                                                  .roll = [this](bool rolling) { return host_->request_roll(rolling); },
                                                                                  .locate = [this](Frames frame) { return host_->request_locate(frame); }});
}

Errors LiveSession::prepare_nodes()
{
    const host::ServerInfo server = host_->server();
    return instance_->prepare({.rate_hz = server.rate_hz > 0 ? server.rate_hz : 48000.0, .quantum = server.quantum > 0 ? server.quantum : 256});
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

void LiveSession::say_whether_locked(bool locked) const
{
    if (!locked) request_.say("memory is not locked and could be paged out (the limit is too low: ulimit -l, or memlock in /etc/security/limits.d)");
}

void LiveSession::listen()
{
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
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) host_->on_signal(signal, [this] { fade_and_quit(); });
    unheard_signals_.reset();
    if (auto done = join(); !done) return done;
    if (auto done = prepare(); !done) return done;
    listen();
    if (request_.attach && !follows()) {
        auto attached = request_.attach(*this);
        if (!attached) return failed({attached.error()});
        served_by_ = std::move(*attached);
    }
    // Pages are locked as they are first touched: what must never be paged out is touched before it is needed. It takes its time.
    auto locking = std::async(std::launch::async, [] { return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0; });
    if (auto done = build(); !done) return done;
    say_whether_locked(locking.get());
    if (phase_ != Phase::fading) enter(Phase::starting);
    host_->run();
    say_what_was_missed();
    leave();
    if (failure_) return tl::unexpected(std::move(*failure_));
    return {};
}

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

void LiveSession::look_at_file()
{
    if (!watcher_ || phase_ == Phase::fading) return;
    const bool changed = watcher_->changed();
    if (watcher_->pending()) pace_.set(quick);
    if (changed) take_over_file();
}

void LiveSession::take_over_file()
{
    preset::Loaded loaded = request_.reload();
    for (const Error& warning : loaded.warnings) request_.say(to_string(warning));
    for (const Error& error : loaded.errors) request_.say(to_string(error));
    if (!loaded.preset) return request_.say("the file is not taken over; what plays goes on");
    take_over_loop(loaded.preset->transport.loop_seconds);
    if (runs_loudness(*loaded.preset, request_.own_nodes)) loudness_.take(*loaded.preset, instance_->preset());
    edit(std::move(*loaded.preset));
}

void LiveSession::edit(preset::Preset next)
{
    editor_->edit(std::move(next));
    pace_.set(quick);
}

/// One that was set while it plays stays until the preset says another.
void LiveSession::take_over_loop(const std::optional<TimeRange>& loop)
{
    if (follows() || follows_graph() || std::exchange(loop_in_file_, loop) == loop || loop == transport_->loop_seconds()) return;
    transport_->loop(loop, {});
}

void LiveSession::follow_edit()
{
    if (members_)
        if (auto settled = members_->settle(*instance_); !settled) request_.say(settled.error().message);
    auto graph = wanted();
    const auto updated = graph ? host_->update(std::move(*graph)) : Expected<void>(tl::unexpected(graph.error()));
    request_.say(updated ? "took over " + preset_.path : to_string(updated.error()));
}

void LiveSession::look_around()
{
    say_messages();
    instance_->collect();
    if (phase_ != Phase::fading)
        if (auto measured = loudness_.take_measured()) edit(std::move(*measured));
    follow_latencies();
    const host::ServerInfo server = host_->server();
    xruns_.look(*instance_, {host_->xruns(), host_->clock(), transport_->seconds(), server.rate_hz, server.quantum});
    if (request_.view) request_.view(*this);
}

/// Of nodes that other processes run.
void LiveSession::follow_latencies()
{
    if ((!members_ && !isolation_) || !instance_->align_again()) return;
    if (auto graph = wanted()) static_cast<void>(host_->update(std::move(*graph)));
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

/// Asked for a second time, it does not wait for the fade.
void LiveSession::fade_and_quit()
{
    if (phase_ == Phase::fading) return host_->quit();
    const Frames length = frames(fade_seconds);
    for (host::NodeRunner* runner : instance_->runners()) runner->fade_out(static_cast<std::uint32_t>(length));
    fade_ends_at_ = host_->clock() + length + 2 * host_->server().quantum;
    enter(Phase::fading);
}

void LiveSession::fail(Error error)
{
    if (!failure_) failure_ = LiveFailure{{std::move(error)}};
    host_->quit();
}

Expected<std::vector<std::string>> LiveSession::save()
{
    if (!request_.reload) return failure("this session has no preset file to save to");
    const auto loop = follows_graph() ? instance_->preset().transport.loop_seconds : transport_->loop_seconds();
    auto saved = save_changes(instance_->preset().path, unsaved(*instance_, hosted_, *host_, preset_.name, loop));
    // At once, not when the watcher has seen it: by then somebody may have turned what was saved, and that is newer.
    if (saved && watcher_) {
        watcher_->skip();
        take_over_file();
    }
    return saved;
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

}  // namespace

tl::expected<void, LiveFailure> run_live(const preset::Preset& preset, const LiveRequest& request)
{
    return LiveSession(preset, request).run();
}

}  // namespace stemwire::session
