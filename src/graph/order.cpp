// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

#include "graph/graph.hpp"

namespace stemwire::graph {

namespace {

/// Who hears whom, node by node, grown wire by wire.
class Reachability {
public:
    explicit Reachability(std::size_t nodes) : listeners_(nodes), seen_(nodes, 0) {}

    void add(std::uint32_t from, std::uint32_t to) { listeners_[from].push_back(to); }

    [[nodiscard]] bool reaches(std::uint32_t from, std::uint32_t target)
    {
        ++round_;
        std::vector<std::uint32_t> open{from};
        seen_[from] = round_;
        while (!open.empty()) {
            const std::uint32_t node = open.back();
            open.pop_back();
            if (node == target) return true;
            for (const std::uint32_t next : listeners_[node])
                if (std::exchange(seen_[next], round_) != round_) open.push_back(next);
        }
        return false;
    }

private:
    std::vector<std::vector<std::uint32_t>> listeners_;
    std::vector<std::uint32_t> seen_;
    std::uint32_t round_ = 0;
};

}  // namespace

void mark_feedback(Graph& graph)
{
    Reachability reachability(graph.nodes.size());
    const Wire* before = nullptr;
    for (Wire& wire : graph.wires) {
        // The channels of one link stand one after the other, and what holds of one holds of all.
        const bool same_nodes = before != nullptr && before->from.node == wire.from.node && before->to.node == wire.to.node;
        wire.feedback = same_nodes ? before->feedback : reachability.reaches(wire.to.node, wire.from.node);
        if (!same_nodes && !wire.feedback) reachability.add(wire.from.node, wire.to.node);
        before = &wire;
    }
}

bool feeds_back(const Graph& graph) noexcept
{
    return std::ranges::any_of(graph.wires, &Wire::feedback);
}

std::vector<std::uint32_t> processing_order(const Graph& graph)
{
    std::vector<std::uint32_t> waits(graph.nodes.size(), 0);
    std::vector<std::vector<std::uint32_t>> listeners(graph.nodes.size());
    for (const Wire& wire : graph.wires) {
        if (wire.feedback) continue;
        ++waits[wire.to.node];
        listeners[wire.from.node].push_back(wire.to.node);
    }
    std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
    for (std::uint32_t node = 0; node < graph.nodes.size(); ++node)
        if (waits[node] == 0) ready.push(node);
    std::vector<std::uint32_t> order;
    while (!ready.empty()) {
        order.push_back(ready.top());
        ready.pop();
        for (const std::uint32_t listener : listeners[order.back()])
            if (--waits[listener] == 0) ready.push(listener);
    }
    return order;
}

}  // namespace stemwire::graph
