// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <optional>

#include "graph/graph.hpp"

namespace stemwire::graph {

namespace {

/// Output ports that must arrive together, because a port that sums hears them all. Union–find without path shortening, since a copy is
/// thrown away where a join does not work; what joins is mostly single, so the trees stay flat.
class Classes {
public:
    explicit Classes(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
    [[nodiscard]] std::size_t find(std::size_t item) const
    {
        while (parent_[item] != item) item = parent_[item];
        return item;
    }
    void join(std::size_t a, std::size_t b) { parent_[find(b)] = find(a); }

private:
    std::vector<std::size_t> parent_;
};

/// When what is heard arrives, in frames after it left its source.
struct Times {
    std::vector<std::uint64_t> node;      ///< [node]: at all its inputs, once aligned
    std::vector<std::uint64_t> arrival;   ///< [class]: at what listens
};

class Aligner {
public:
    explicit Aligner(const Graph& graph) : graph_(graph), first_output_(graph.nodes.size() + 1, 0), classes_(0)
    {
        for (std::size_t node = 0; node < graph.nodes.size(); ++node)
            first_output_[node + 1] = first_output_[node] + graph.nodes[node].outputs;
        classes_ = Classes(first_output_.back());
    }

    Alignment align()
    {
        join_common_ports();
        return delays(*times(classes_));
    }

private:
    [[nodiscard]] std::size_t output(const Endpoint& port) const { return first_output_[port.node] + port.port; }

    /// The times under these classes; nothing where they contradict each other: a class would wait for itself.
    [[nodiscard]] std::optional<Times> times(const Classes& classes) const
    {
        Times times{std::vector<std::uint64_t>(graph_.nodes.size(), 0), std::vector<std::uint64_t>(first_output_.back(), 0)};
        for (std::size_t round = 0; round <= graph_.nodes.size() + 1; ++round)
            if (!relax(classes, times)) return times;
        return std::nullopt;
    }

    bool relax(const Classes& classes, Times& times) const
    {
        bool changed = false;
        const auto raise = [&changed](std::uint64_t& value, std::uint64_t to) {
            changed = changed || to > value;
            value = std::max(value, to);
        };
        for (std::size_t node = 0; node < graph_.nodes.size(); ++node)
            for (std::size_t port = first_output_[node]; port < first_output_[node + 1]; ++port)
                raise(times.arrival[classes.find(port)], times.node[node] + graph_.nodes[node].latency);
        for (const Wire& wire : graph_.wires)
            if (!wire.feedback) raise(times.node[wire.to.node], times.arrival[classes.find(output(wire.from))]);
        return changed;
    }

    /// Joins what feeds a common port, but for what cannot be.
    void join_common_ports()
    {
        if (std::ranges::all_of(graph_.nodes, [](const GraphNode& node) { return node.latency == 0; })) return;
        std::map<Endpoint, std::size_t> first_of_port;
        for (std::uint32_t index = 0; index < graph_.wires.size(); ++index) {
            const Wire& wire = graph_.wires[index];
            if (wire.feedback) continue;
            const auto [first, is_new] = first_of_port.try_emplace(wire.to, output(wire.from));
            if (!is_new && !try_join(first->second, output(wire.from))) unaligned_.push_back(index);
        }
        std::map<std::uint32_t, std::size_t> first_of_external;
        for (const OuterLink& link : graph_.outer_links) {
            if (!link.outward) continue;
            for (std::uint32_t channel = 0; channel < link.layout.size(); ++channel) {
                const std::size_t port = output({link.node, link.first_port + channel});
                const auto [first, is_new] = first_of_external.try_emplace(link.external, port);
                if (!is_new) (void)try_join(first->second, port);
            }
        }
    }

    bool try_join(std::size_t a, std::size_t b)
    {
        Classes joined = classes_;
        joined.join(a, b);
        if (!times(joined)) return false;
        classes_ = std::move(joined);
        return true;
    }

    [[nodiscard]] Alignment delays(const Times& times) const
    {
        Alignment alignment;
        for (std::size_t node = 0; node < graph_.nodes.size(); ++node) {
            auto& outputs = alignment.output_delay.emplace_back();
            for (std::size_t port = first_output_[node]; port < first_output_[node + 1]; ++port)
                outputs.push_back(
                    static_cast<std::uint32_t>(times.arrival[classes_.find(port)] - times.node[node] - graph_.nodes[node].latency));
        }
        alignment.input_delay = input_delays(times);
        alignment.node_latency.assign(times.node.begin(), times.node.end());
        alignment.external_latency = external_latencies(times);
        alignment.unaligned = unaligned_;
        return alignment;
    }

    [[nodiscard]] std::vector<std::vector<std::uint32_t>> input_delays(const Times& times) const
    {
        constexpr auto unheard = std::numeric_limits<std::uint32_t>::max();
        std::vector<std::vector<std::uint32_t>> delays;
        for (const GraphNode& node : graph_.nodes) delays.emplace_back(node.inputs, unheard);
        const auto hear = [&](std::uint32_t node, std::uint32_t port, std::uint64_t arrival) {
            delays[node][port] = std::min(delays[node][port], static_cast<std::uint32_t>(times.node[node] - arrival));
        };
        for (const Wire& wire : graph_.wires)
            if (!wire.feedback) hear(wire.to.node, wire.to.port, times.arrival[classes_.find(output(wire.from))]);
        for (const OuterLink& link : graph_.outer_links)
            for (std::uint32_t channel = 0; !link.outward && channel < link.layout.size(); ++channel)
                hear(link.node, link.first_port + channel, 0);
        // What only feedback reaches is late by its quantum and no more.
        for (auto& ports : delays) std::ranges::replace(ports, unheard, 0u);
        return delays;
    }

    [[nodiscard]] std::vector<std::uint32_t> external_latencies(const Times& times) const
    {
        std::vector<std::uint32_t> latencies(graph_.externals, 0);
        for (const OuterLink& link : graph_.outer_links)
            for (std::uint32_t channel = 0; link.outward && channel < link.layout.size(); ++channel) {
                auto& latency = latencies[link.external];
                latency = std::max(
                    latency, static_cast<std::uint32_t>(times.arrival[classes_.find(output({link.node, link.first_port + channel}))]));
            }
        return latencies;
    }

    const Graph& graph_;
    std::vector<std::size_t> first_output_;  ///< [node]: flat number of its first output port
    Classes classes_;
    std::vector<std::uint32_t> unaligned_;
};

}  // namespace

Alignment align(const Graph& graph)
{
    return Aligner(graph).align();
}

}  // namespace stemwire::graph
