// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "host/live_host.hpp"
#include "session/session_transport.hpp"

namespace stemwire::session {

/// Follows the transport that all programs of a server share; what is asked of the session is asked of that transport. Processing reads it in every
/// cycle, so a start from where it stands, and a stop, are on the very frame. Sources are cued beforehand for the place where it stands, and for one that we
/// ask for; where another program lets it jump while it rolls, there is silence until they are ready, and they join in at the right frame.
class GraphFollower final : public SessionTransport {
public:
    /// The graph's transport, as LiveHost says.
    struct Graph {
        std::function<std::optional<host::GraphTransport>()> seen;
        std::function<Expected<void>(bool rolling)> roll;
        std::function<Expected<void>(Frames frame)> locate;
    };
    GraphFollower(TransportStage stage, Graph graph) : stage_(std::move(stage)), graph_(std::move(graph)) {}

    /// The position and the loop are the graph's own, which has no loop.
    void reset(double rate_hz, double position_seconds, std::optional<TimeRange> loop) override;
    void adopt(double rate_hz, const rt::TransportChange& playing, std::optional<TimeRange> loop) override;

    void start(Done done) override;
    void pause(Done done) override;
    void seek(double seconds, Done done) override;
    /// An error: the graph's transport has no loop.
    void loop(std::optional<TimeRange> range, Done done) override;

    using SessionTransport::tick;
    void tick(Clock::time_point now) override;
    [[nodiscard]] bool busy() const noexcept override { return phase_ != Phase::ready || request_ != Request::none || asked(); }

    [[nodiscard]] bool rolling() const noexcept override;
    [[nodiscard]] Epoch epoch() const noexcept override { return cue_.epoch; }
    [[nodiscard]] Frames position() const override { return place_at(stage_.clock()); }
    [[nodiscard]] double seconds() const override { return static_cast<double>(position()) / rate_hz_; }
    [[nodiscard]] std::optional<TimeRange> loop_seconds() const override { return std::nullopt; }
    [[nodiscard]] Frames played() const override;
    [[nodiscard]] const rt::TransportChange& current() const noexcept override { return current_; }

private:
    using Mover = rt::TransportChange::Mover;
    enum class Phase {
        ready,
        cueing,  ///< sources get ready
        placing  ///< they are; everyone hears of it, or the graph's transport has not come there yet
    };
    enum class Request { none, preparing, asked };
    struct Wish {
        std::optional<bool> rolling;
        std::optional<Frames> frame;  ///< to go to
        std::vector<Done> waiting;
    };

    [[nodiscard]] bool asked() const noexcept { return wish_.rolling || wish_.frame; }
    [[nodiscard]] Frames place_at(Frames clock) const;
    void hear(const host::GraphTransport& seen, Clock::time_point now);
    /// What was cued is heard from here on.
    void play(Frames at_clock);
    void cue(Frames start, Mover mover, Clock::time_point now);
    void join(Clock::time_point now);
    void advance(const host::GraphTransport& seen, Clock::time_point now);
    void schedule(const rt::TransportChange& change);
    void begin_request(Clock::time_point now);
    void request(bool locate, bool roll, Clock::time_point now);
    void ask(const host::GraphTransport& seen, Clock::time_point now);
    [[nodiscard]] bool went_there(const host::GraphTransport& seen) const;
    void answer(const Expected<void>& result);

    TransportStage stage_;
    Graph graph_;
    double rate_hz_ = 48000;
    std::uint64_t heard_ = 0;      ///< moves of the graph's transport
    bool rolled_ = false;          ///< after the latest of them
    bool plays_ = false;           ///< and not only the graph's transport rolls
    Cue cue_;                      ///< the latest that was given out, and how it begins
    Mover mover_ = Mover::exactly;
    Frames lead_ = 0;              ///< of what joins in
    rt::TransportChange next_;     ///< the latest that was scheduled
    rt::TransportChange current_;
    Frames played_ = 0;
    Phase phase_ = Phase::ready;
    Clock::time_point phase_began_{};

    Wish wish_;                    ///< asked for and not yet begun
    Wish under_way_;
    Request request_ = Request::none;
    Clock::time_point request_began_{};
    Clock::time_point ask_again_{};
    int asked_ = 0;  ///< times
};

}  // namespace stemwire::session
