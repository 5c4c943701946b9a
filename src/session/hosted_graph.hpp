// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "host/fused_runner.hpp"
#include "session/instance.hpp"

namespace stemwire::session {

/// One node as it stands in a server's graph.
struct HostedUnit {
    std::string name;                 ///< in the preset: of a node, or of a fused group
    host::Runner* runner = nullptr;
};

/// An instance as a server's graph shows it: each node by itself, but for those that the preset fuses.
struct HostedGraph {
    std::vector<HostedUnit> units;
    graph::Graph graph;               ///< of the units; latencies known
    std::vector<std::unique_ptr<host::FusedRunner>> fused;  ///< owned here; they refer to the instance
};

/// Joins what the preset fuses. The error names a node that lies between two fused ones, outside: it would close a loop.
[[nodiscard]] Expected<HostedGraph> host_graph(const Instance& instance);

}  // namespace stemwire::session
