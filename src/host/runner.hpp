// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "rt/transport_schedule.hpp"
#include "stemwire/layout.hpp"
#include "stemwire/units.hpp"

namespace stemwire::host {

/// One port of a node as the server shows it.
struct HostedPort {
    std::string name;        ///< `main_FL`
    Position position;
    std::uint32_t slot = 0;  ///< where the runner finds its buffer; the same as long as a port of this name lives
    friend bool operator==(const HostedPort&, const HostedPort&) = default;
};

/// What processing has cost, read by anyone.
struct Load {
    double mean_us = 0;
    double worst_us = 0;
    std::uint64_t cycles = 0;
};

/// The longest cycle since somebody last asked.
struct Spike {
    double us = 0;
    Frames clock = 0;  ///< at which it began
};

/// When a cycle begins: on the session's clock, and on the timeline that all programs of the server share.
struct CycleStart {
    CycleStart(Frames at_clock, rt::GraphPlace at_graph = {}) noexcept : clock(at_clock), graph(at_graph) {}

    /// The same cycle's moment so many frames on.
    [[nodiscard]] CycleStart after(std::uint32_t frames) const noexcept { return {clock + frames, {graph.rolling, graph.frame + (graph.rolling ? frames : 0)}}; }

    Frames clock;
    rt::GraphPlace graph;
};

/// What stands as one node in a server's graph: one of our nodes, or several that are fused.
class Runner {
public:
    virtual ~Runner() = default;

    /// One cycle. Buffers are found by slot (HostedPort): a port keeps its slot while it lives, and slots that the runner has and the spans have not
    /// are null. A null input has no link and is heard as silence; a null output is listened to by nobody; every other output is written
    /// whole. Guarantee: wait-free, but for what reading the monotonic clock costs (vDSO). Thread: the data loop that the node is on.
    virtual void run(const CycleStart& start, std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames) noexcept = 0;

    [[nodiscard]] virtual const std::string& name() const noexcept = 0;
    [[nodiscard]] virtual const Ports& ports() const noexcept = 0;
    [[nodiscard]] virtual Load load() const noexcept = 0;
};

}  // namespace stemwire::host
