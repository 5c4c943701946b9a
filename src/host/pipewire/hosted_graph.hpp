// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "host/pipewire/filter_node.hpp"
#include "host/pipewire/linker.hpp"
#include "host/pipewire/registry.hpp"
#include "host/pipewire/watchdog.hpp"

namespace stemwire::host {

/// A preset's nodes and links in the server. Nodes are linked while they are idle and then set running together: links made beside
/// running nodes can leave one of them standing still for good in 0.3.65.
class HostedGraph {
public:
    struct Parts {
        std::vector<HostedNode> nodes;
        std::vector<HostedExternal> externals;
        graph::Graph graph;
    };
    HostedGraph(Parts parts, FilterNode::Shared shared, const Registry& registry, std::function<void(const std::string&)> say);

    /// Puts all nodes on the graph, idle. Runs the loop meanwhile.
    Expected<void> create();
    /// Does what there is to do after something has changed, and whenever `retrying`.
    void reconcile();
    /// Looks after nodes that stand still; to be called a few times a second.
    void look_after();

    [[nodiscard]] bool built() const noexcept { return stage_ == Stage::running; }
    [[nodiscard]] bool settled() const { return built() && watchdog_.all_run() && linker_.complete() && linker_.active(); }
    [[nodiscard]] bool retrying() const noexcept { return linker_.retrying() || !built(); }
    [[nodiscard]] std::vector<bool> running() const;
    [[nodiscard]] const std::vector<LinkStatus>& links() const noexcept { return linker_.status(); }
    /// What the server has against one of the nodes; empty if nothing.
    [[nodiscard]] std::string error() const;
    [[nodiscard]] std::optional<pthread_t> data_thread() const;

private:
    enum class Stage { creating, wiring, driving, running };
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] std::vector<OwnNode> own_nodes() const;
    [[nodiscard]] bool all_ports_there(const std::vector<OwnNode>& nodes) const;
    [[nodiscard]] bool advance(const std::vector<OwnNode>& nodes);
    void enter(Stage stage);
    void tell(const std::vector<std::string>& notes);
    void restart(std::uint32_t node);
    void rewire();

    Parts parts_;
    FilterNode::Shared shared_;
    const Registry& registry_;
    std::function<void(const std::string&)> say_;
    std::vector<std::unique_ptr<FilterNode>> filters_;
    Linker linker_;  ///< after the nodes: links go first
    Watchdog watchdog_;
    Stage stage_ = Stage::creating;
    Clock::time_point stage_began_ = Clock::now();
    std::set<std::string> told_;  ///< notes that hold and were said
};

}  // namespace stemwire::host
