// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/pipewire/blocked_signals.hpp"
#include "host/pipewire/private_server.hpp"
#include "session/editor.hpp"
#include "session/hosted_graph.hpp"
#include "session/isolation/isolation.hpp"
#include "session/live_session.hpp"
#include "session/loudness_follower.hpp"
#include "session/members.hpp"
#include "session/pace.hpp"
#include "session/parameters.hpp"
#include "session/preset_watcher.hpp"
#include "session/transport_control.hpp"
#include "session/xrun_log.hpp"

namespace stemwire::session {

constexpr unsigned decode_workers = 2;
/// While something is on its way, the session looks at it this often.
constexpr std::chrono::milliseconds quick{2};

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
    void every(std::chrono::milliseconds period, std::function<void()> callback) override;
    void watch(int fd, std::function<void()> callback) override;
    void unwatch(int fd) override;

private:
    using Clock = std::chrono::steady_clock;
    enum class Phase { starting, running, preparing_again, fading };

    tl::expected<void, LiveFailure> connect();
    tl::expected<void, LiveFailure> join();
    tl::expected<void, LiveFailure> attach();
    void begin_making();
    tl::expected<std::unique_ptr<Instance>, Errors> make_instance();
    tl::expected<void, LiveFailure> prepare();
    [[nodiscard]] std::unique_ptr<SessionTransport> make_transport();
    Errors prepare_first();
    [[nodiscard]] Preparation preparation() const;
    Errors prepare_nodes();
    tl::expected<void, LiveFailure> build();
    Expected<host::Wanted> wanted();
    void listen();
    void watch_file();
    void say_where() const;
    void say_whether_locked();

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
    void end_asked();
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
    // What was asked for before there is anything to serve.
    std::vector<std::pair<int, std::function<void()>>> unwatched_;
    std::vector<std::pair<std::chrono::milliseconds, std::function<void()>>> untimed_;
    XrunLog xruns_;
    std::future<bool> locking_;

    bool preparing_ = false;   ///< for the first time
    bool ends_early_ = false;  ///< was asked to meanwhile
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

}  // namespace stemwire::session
