// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "graph/graph.hpp"

namespace stemwire::host {

/// Finds nodes that stand still while their driver goes on: 0.3.65 can lose a node's wake-up for good when links are made while
/// the graph runs.
class Watchdog {
public:
    struct Beat {
        std::uint64_t cycles = 0;
        std::uint64_t driver_ns = 0;  ///< when the driver's current cycle began; 0 without a driver
    };

    explicit Watchdog(const graph::Graph& graph);
    /// Goes on with another graph; `before` has for each of its nodes the index that it had, if it was there.
    void follow(const graph::Graph& graph, const std::vector<std::optional<std::uint32_t>>& before);

    /// Takes one beat for each node. Returns the nodes to restart: those that stand still, though all that feeds them runs, and
    /// that have been given time since the last attempt.
    [[nodiscard]] std::vector<std::uint32_t> check(const std::vector<Beat>& beats);
    /// The node begins anew: it has not run yet.
    void restarted(std::uint32_t node);
    /// All get their time again, without counting as an attempt.
    void forgive();

    [[nodiscard]] bool runs(std::uint32_t node) const noexcept { return pulses_[node].runs; }
    [[nodiscard]] bool all_run() const noexcept;
    /// How often it was restarted without ever having run well since.
    [[nodiscard]] int attempts(std::uint32_t node) const noexcept { return pulses_[node].attempts; }

private:
    struct Pulse {
        std::uint64_t cycles = 0;
        std::uint64_t moved_ns = 0;   ///< driver's time at the last progress
        std::uint64_t began_ns = 0;   ///< driver's time when it began to run without a break
        int attempts = 0;
        bool runs = false;
    };
    void feel(Pulse& pulse, const Beat& beat);

    std::vector<std::vector<std::uint32_t>> feeders_;
    std::vector<Pulse> pulses_;
};

}  // namespace stemwire::host
