// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.hpp"
#include "host/fused_runner.hpp"
#include "host/runner.hpp"
#include "session/instance.hpp"

namespace stemwire::session {

/// One node as it stands in a server's graph.
struct HostedUnit {
    std::string name;                     ///< in the preset: of a node, or of a fused group
    std::shared_ptr<host::Runner> runner;
    std::vector<host::HostedPort> inputs;
    std::vector<host::HostedPort> outputs;
    std::vector<std::uint32_t> members;   ///< indices of the preset's nodes
};

/// An instance as a server's graph shows it: each node of our own by itself, but for those that the preset fuses. A link from a node that
/// another process runs is one from an external; a link to such a node is the other process's.
struct HostedGraph {
    std::vector<HostedUnit> units;
    graph::Graph graph;                   ///< of the units; latencies known; its externals are the preset's, then the companions
    std::vector<std::string> companions;  ///< nodes of the preset that other processes run and that feed ours
    std::vector<std::pair<std::string, std::string>> to_companions;  ///< links that such processes make to nodes of theirs, as `mix:send_FL`
    std::vector<std::shared_ptr<host::FusedRunner>> fused;
};

/// Joins what the preset fuses. A fused group that is as it was in `before` keeps its runner, and every port its slot. The error names a node that lies
/// between two fused ones, outside: it would close a loop.
[[nodiscard]] Expected<HostedGraph> host_graph(const Instance& instance, const HostedGraph& before = {});

}  // namespace stemwire::session
