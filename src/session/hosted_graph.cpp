// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/hosted_graph.hpp"

#include <algorithm>
#include <optional>

namespace stemwire::session {

namespace {

constexpr std::uint32_t hidden = UINT32_MAX;

/// Where a node of the preset is found in the server's graph.
struct Place {
    std::uint32_t unit = 0;
    std::vector<std::uint32_t> inputs;   ///< [port] of the unit, or hidden
    std::vector<std::uint32_t> outputs;
};

/// Joins nodes step by step; one use.
class Joiner {
public:
    explicit Joiner(const Instance& instance) : instance_(instance), preset_(instance.preset()), graph_(instance.graph()), group_of_(graph_.nodes.size()), places_(graph_.nodes.size())
    {
        for (std::uint32_t group = 0; group < preset_.fused.size(); ++group)
            for (const std::uint32_t node : preset_.fused[group].nodes) group_of_[node] = group;
    }

    Expected<HostedGraph> join()
    {
        if (const auto between = node_between()) return tl::unexpected(*between);
        std::vector<std::optional<std::uint32_t>> unit_of_group(preset_.fused.size());
        for (std::uint32_t node = 0; node < graph_.nodes.size(); ++node) {
            if (!group_of_[node]) add_single(node);
            else if (!unit_of_group[*group_of_[node]]) unit_of_group[*group_of_[node]] = add_fused(*group_of_[node]);
        }
        relink();
        return std::move(result_);
    }

private:
    [[nodiscard]] bool same_group(const graph::Wire& wire) const
    {
        return group_of_[wire.from.node].has_value() && group_of_[wire.from.node] == group_of_[wire.to.node];
    }

    /// A node stands for the whole group that it is in: what feeds one of it feeds all.
    void reach(std::uint32_t node, std::vector<bool>& reached) const
    {
        reached[node] = true;
        if (!group_of_[node]) return;
        for (const std::uint32_t member : preset_.fused[*group_of_[node]].nodes) reached[member] = true;
    }

    /// A node outside a group that hears it and feeds it, if there is one; by way of another group, too.
    [[nodiscard]] std::optional<Error> node_between() const
    {
        for (std::uint32_t group = 0; group < preset_.fused.size(); ++group) {
            const auto hears = [&](const std::vector<bool>& reached, const graph::Wire& wire) {
                return !wire.feedback && !same_group(wire) && (group_of_[wire.from.node] == group || reached[wire.from.node]);
            };
            std::vector<bool> reached(graph_.nodes.size(), false);
            for (std::size_t round = 0; round < graph_.nodes.size(); ++round)
                for (const graph::Wire& wire : graph_.wires)
                    if (hears(reached, wire)) reach(wire.to.node, reached);
            for (const graph::Wire& wire : graph_.wires)
                if (reached[wire.from.node] && group_of_[wire.from.node] != group && group_of_[wire.to.node] == group && !wire.feedback)
                    return Error{"fuse: " + preset_.nodes[wire.from.node].name + " lies between nodes of " + preset_.fused[group].name + " and must be in it too", preset_.path,
                                 preset_.fused[group].mark};
        }
        return std::nullopt;
    }

    void add_single(std::uint32_t node)
    {
        Place& place = places_[node];
        place.unit = static_cast<std::uint32_t>(result_.units.size());
        for (std::uint32_t port = 0; port < graph_.nodes[node].inputs; ++port) place.inputs.push_back(port);
        for (std::uint32_t port = 0; port < graph_.nodes[node].outputs; ++port) place.outputs.push_back(port);
        result_.units.push_back({preset_.nodes[node].name, instance_.runners()[node]});
        result_.graph.nodes.push_back(graph_.nodes[node]);
    }

    /// A port is shown unless all its links stay inside: what has none may be patched by hand.
    [[nodiscard]] bool leads_out(std::uint32_t node, std::uint32_t port, bool output) const
    {
        bool linked = false;
        for (const graph::Wire& wire : graph_.wires) {
            const graph::Endpoint& end = output ? wire.from : wire.to;
            if (end.node != node || end.port != port) continue;
            linked = true;
            if (!same_group(wire)) return true;
        }
        const auto outer = [&](const graph::OuterLink& link) {
            return link.node == node && link.outward == output && port >= link.first_port && port < link.first_port + link.layout.size();
        };
        return !linked || std::ranges::any_of(graph_.outer_links, outer);
    }

    void show_ports(std::uint32_t node, std::uint32_t member, bool output, host::FusedRunner::Plan& plan)
    {
        const auto& groups = output ? preset_.nodes[node].ports.outputs : preset_.nodes[node].ports.inputs;
        auto& shown = output ? plan.outputs : plan.inputs;
        auto& shown_groups = output ? plan.ports.outputs : plan.ports.inputs;
        auto& place = output ? places_[node].outputs : places_[node].inputs;
        for (const PortGroup& group : groups)
            for (const Position position : group.layout.positions()) {
                const auto port = static_cast<std::uint32_t>(place.size());
                const bool visible = leads_out(node, port, output);
                place.push_back(visible ? static_cast<std::uint32_t>(shown.size()) : hidden);
                if (!visible) continue;
                shown.push_back({member, port});
                shown_groups.push_back({preset_.nodes[node].name + "_" + group.name, ChannelLayout({position})});
            }
    }

    /// Of the longest way through a group.
    [[nodiscard]] std::uint32_t latency_of(std::uint32_t group) const
    {
        std::uint32_t longest = 0;
        std::vector<std::uint32_t> before(graph_.nodes.size(), 0);
        for (const std::uint32_t node : graph::processing_order(graph_)) {
            if (group_of_[node] != group) continue;
            const std::uint32_t after = before[node] + graph_.nodes[node].latency;
            longest = std::max(longest, after);
            for (const graph::Wire& wire : graph_.wires)
                if (wire.from.node == node && !wire.feedback && same_group(wire)) before[wire.to.node] = std::max(before[wire.to.node], after);
        }
        return longest;
    }

    std::uint32_t add_fused(std::uint32_t group)
    {
        const auto unit = static_cast<std::uint32_t>(result_.units.size());
        host::FusedRunner::Plan plan{.name = preset_.fused[group].name, .ports = {}, .members = {}, .wires = {}, .inputs = {}, .outputs = {}};
        std::vector<std::uint32_t> member_of(graph_.nodes.size(), hidden);
        for (const std::uint32_t node : graph::processing_order(graph_)) {
            if (group_of_[node] != group) continue;
            member_of[node] = static_cast<std::uint32_t>(plan.members.size());
            plan.members.push_back(instance_.runners()[node]);
        }
        for (std::uint32_t node = 0; node < graph_.nodes.size(); ++node) {
            if (group_of_[node] != group) continue;
            places_[node].unit = unit;
            show_ports(node, member_of[node], false, plan);
            show_ports(node, member_of[node], true, plan);
        }
        for (const graph::Wire& wire : graph_.wires)
            if (group_of_[wire.from.node] == group && group_of_[wire.to.node] == group)
                plan.wires.push_back({{member_of[wire.from.node], wire.from.port}, {member_of[wire.to.node], wire.to.port}, wire.feedback});
        result_.graph.nodes.push_back({plan.name, static_cast<std::uint32_t>(plan.inputs.size()), static_cast<std::uint32_t>(plan.outputs.size()), latency_of(group)});
        result_.fused.push_back(std::make_unique<host::FusedRunner>(std::move(plan)));
        result_.units.push_back({preset_.fused[group].name, result_.fused.back().get()});
        return unit;
    }

    void relink()
    {
        result_.graph.externals = graph_.externals;
        for (const graph::Wire& wire : graph_.wires) {
            const Place& from = places_[wire.from.node];
            const Place& to = places_[wire.to.node];
            if (same_group(wire)) continue;
            result_.graph.wires.push_back({{from.unit, from.outputs[wire.from.port]}, {to.unit, to.inputs[wire.to.port]}, wire.feedback});
        }
        for (const graph::OuterLink& link : graph_.outer_links) add_outer_link(link);
    }

    void add_outer_link(graph::OuterLink link)
    {
        const Place& place = places_[link.node];
        link.node = place.unit;
        // Ports of one group that lead out stand side by side, in their order.
        link.first_port = (link.outward ? place.outputs : place.inputs)[link.first_port];
        result_.graph.outer_links.push_back(std::move(link));
    }

    const Instance& instance_;
    const preset::Preset& preset_;
    const graph::Graph& graph_;
    std::vector<std::optional<std::uint32_t>> group_of_;
    std::vector<Place> places_;
    HostedGraph result_;
};

}  // namespace

Expected<HostedGraph> host_graph(const Instance& instance)
{
    return Joiner(instance).join();
}

}  // namespace stemwire::session
