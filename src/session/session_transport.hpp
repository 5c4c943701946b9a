// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include "rt/transport_schedule.hpp"
#include "stemwire/error.hpp"

namespace stemwire::session {

/// Two times in seconds, from < to.
using TimeRange = std::pair<double, double>;

/// What a transport moves, and by which clock.
struct TransportStage {
    rt::TransportSchedule& schedule;
    std::function<void(const Cue&)> cue;      ///< all sources get ready
    std::function<bool(Epoch)> cued;          ///< all sources are ready
    std::function<Frames()> clock;            ///< at the end of the latest cycle
    std::function<Frames()> ahead;            ///< so far ahead a change is heard of in time by everyone
    /// Runs what publishes a change where everyone hears of it in time though it begins at `clock`. False, and nothing is run: it takes `ahead`.
    std::function<bool(const std::function<void()>& publish)> at_once = [](const auto&) { return false; };
};

/// A session's transport: the session's own, or one that follows the graph's.
/// Thread: control's; `tick` is to be called every few milliseconds while `busy`, and some ten times a second else.
class SessionTransport {
public:
    using Done = std::function<void(Expected<void>)>;
    using Clock = std::chrono::steady_clock;

    virtual ~SessionTransport() = default;

    /// After the sources were prepared (again): stands at this position, and cues it. What was asked for and not yet heard is asked for again.
    virtual void reset(double rate_hz, double position_seconds, std::optional<TimeRange> loop) = 0;
    /// Goes on with what somebody else has scheduled and nobody looks after any more; sources of our own join in.
    virtual void adopt(double rate_hz, const rt::TransportChange& playing, std::optional<TimeRange> loop) = 0;

    /// Each is answered once, when it is heard, or with what was in the way.
    virtual void start(Done done) = 0;
    virtual void pause(Done done) = 0;
    virtual void seek(double seconds, Done done) = 0;
    virtual void loop(std::optional<TimeRange> range, Done done) = 0;

    virtual void tick(Clock::time_point now) = 0;
    void tick() { tick(Clock::now()); }
    /// True while something is on its way.
    [[nodiscard]] virtual bool busy() const noexcept = 0;

    [[nodiscard]] virtual bool rolling() const noexcept = 0;
    /// The latest epoch that was cued.
    [[nodiscard]] virtual Epoch epoch() const noexcept = 0;
    /// Of the timeline, and the same in seconds.
    [[nodiscard]] virtual Frames position() const = 0;
    [[nodiscard]] virtual double seconds() const = 0;
    [[nodiscard]] virtual std::optional<TimeRange> loop_seconds() const = 0;
    /// Frames of the timeline that have been played, however often.
    [[nodiscard]] virtual Frames played() const = 0;
    /// What is heard now, and since when.
    [[nodiscard]] virtual const rt::TransportChange& current() const noexcept = 0;
};

}  // namespace stemwire::session
