// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "rt/transport_schedule.hpp"
#include "stemwire/error.hpp"
#include "stemwire/transport.hpp"

namespace stemwire::session {

/// Two times in seconds, from < to.
using TimeRange = std::pair<double, double>;

/// Moves a session's transport: what is asked for is prepared while the old goes on, then scheduled for a clock frame a little ahead, so
/// that every track changes on the same frame. What is asked for meanwhile comes next and is taken together: the latest
/// position wins, and everyone is answered when it is heard.
/// Thread: control's; `tick` is to be called every few milliseconds while `busy`.
class TransportControl {
public:
    /// What is moved, and by which clock.
    struct Stage {
        rt::TransportSchedule& schedule;
        std::function<void(const Cue&)> cue;      ///< all sources get ready
        std::function<bool(Epoch)> cued;          ///< all sources are ready
        std::function<Frames()> clock;            ///< at the end of the latest cycle
        std::function<Frames()> ahead;            ///< so far ahead a change is heard of in time by everyone
    };
    using Done = std::function<void(Expected<void>)>;
    using Clock = std::chrono::steady_clock;

    explicit TransportControl(Stage stage) : stage_(std::move(stage)) {}

    /// After the sources were prepared (again): stands at this position, and cues it. What was asked for and not yet heard is asked for again.
    void reset(double rate_hz, double position_seconds, std::optional<TimeRange> loop);

    /// Goes on with what somebody else has scheduled and nobody looks after any more; sources of our own join in.
    void adopt(double rate_hz, const rt::TransportChange& playing, std::optional<TimeRange> loop);

    void start(Done done);
    void pause(Done done);
    void seek(double seconds, Done done);
    void loop(std::optional<TimeRange> range, Done done);

    void tick(Clock::time_point now = Clock::now());
    /// True while something is on its way.
    [[nodiscard]] bool busy() const noexcept { return phase_ != Phase::idle || asked(); }

    [[nodiscard]] bool rolling() const noexcept { return rolling_; }
    /// The latest epoch that was cued.
    [[nodiscard]] Epoch epoch() const noexcept { return epoch_; }
    [[nodiscard]] Frames position() const { return stage_.schedule.at(stage_.clock()).timeline; }
    [[nodiscard]] double seconds() const { return static_cast<double>(position()) / rate_hz_; }
    [[nodiscard]] std::optional<TimeRange> loop_seconds() const { return wish_.loop ? *wish_.loop : loop_; }
    /// Frames of the timeline that have been played, however often.
    [[nodiscard]] Frames played() const { return played_ + (rolling_ ? stage_.clock() - std::min(stage_.clock(), rolling_since_) : 0); }
    /// What is heard now, and since when.
    [[nodiscard]] const rt::TransportChange& current() const noexcept { return current_; }

private:
    enum class Phase { idle, cueing, scheduled };
    struct Wish {
        std::optional<bool> rolling;
        std::optional<double> seconds;  ///< to go to
        std::optional<std::optional<TimeRange>> loop;
        std::vector<Done> waiting;
    };

    [[nodiscard]] bool asked() const noexcept { return wish_.rolling || wish_.seconds || wish_.loop; }
    void begin(Clock::time_point now);
    void stop_here();
    void cue_again(Clock::time_point now);
    void try_to_schedule(Clock::time_point now);
    void schedule(Frames at_clock, bool rolling);
    void wait_for_frame(Clock::time_point now);
    void take_over();
    void answer(const Expected<void>& result);
    [[nodiscard]] Cue make_cue(Epoch epoch, Frames start) const;
    [[nodiscard]] Frames into_loop(Frames position) const;
    [[nodiscard]] Frames frames(double seconds) const { return seconds_to_frames(seconds, rate_hz_); }

    Stage stage_;
    double rate_hz_ = 48000;
    Epoch epoch_ = 0;
    std::optional<TimeRange> loop_;
    bool rolling_ = false;
    rt::TransportChange current_;
    Frames played_ = 0;
    Frames rolling_since_ = 0;

    Phase phase_ = Phase::idle;
    Clock::time_point phase_began_{};
    Wish wish_;                         ///< asked for and not yet begun
    Wish under_way_;                    ///< what is being prepared or waits for its frame
    Cue cue_;                           ///< the latest that was given out
    std::optional<Frames> meets_at_;    ///< clock frame at which the cue's start is what the old would have come to
    Frames lead_ = 0;
    rt::TransportChange next_;
};

}  // namespace stemwire::session
