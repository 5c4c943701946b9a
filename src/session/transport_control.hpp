// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "session/session_transport.hpp"

namespace stemwire::session {

/// Moves a session's transport: what is asked for is prepared while the old goes on, then scheduled for a clock frame a little ahead, so
/// that every track changes on the same frame. What is asked for meanwhile comes next and is taken together: the latest
/// position wins, and everyone is answered when it is heard.
class TransportControl final : public SessionTransport {
public:
    explicit TransportControl(TransportStage stage) : stage_(std::move(stage)) {}

    void reset(double rate_hz, double position_seconds, std::optional<TimeRange> loop) override;
    void adopt(double rate_hz, const rt::TransportChange& playing, std::optional<TimeRange> loop) override;

    void start(Done done) override;
    void pause(Done done) override;
    void seek(double seconds, Done done) override;
    void loop(std::optional<TimeRange> range, Done done) override;

    using SessionTransport::tick;
    void tick(Clock::time_point now) override;
    [[nodiscard]] bool busy() const noexcept override { return phase_ != Phase::idle || asked(); }

    [[nodiscard]] bool rolling() const noexcept override { return rolling_; }
    [[nodiscard]] Epoch epoch() const noexcept override { return epoch_; }
    [[nodiscard]] Frames position() const override { return stage_.schedule.at(stage_.clock()).timeline; }
    [[nodiscard]] double seconds() const override { return static_cast<double>(position()) / rate_hz_; }
    [[nodiscard]] std::optional<TimeRange> loop_seconds() const override { return wish_.loop ? *wish_.loop : loop_; }
    [[nodiscard]] Frames played() const override { return played_ + (rolling_ ? stage_.clock() - std::min(stage_.clock(), rolling_since_) : 0); }
    [[nodiscard]] const rt::TransportChange& current() const noexcept override { return current_; }

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
    void schedule_at_once(bool rolling);
    void wait_for_frame(Clock::time_point now);
    void take_over();
    void answer(const Expected<void>& result);
    [[nodiscard]] Cue make_cue(Epoch epoch, Frames start) const;
    [[nodiscard]] Frames into_loop(Frames position) const;
    [[nodiscard]] Frames frames(double seconds) const { return seconds_to_frames(seconds, rate_hz_); }

    TransportStage stage_;
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
