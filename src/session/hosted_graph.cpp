// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/hosted_graph.hpp"

#include <algorithm>
#include <optional>

#include "session/fuse_groups.hpp"

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
    Joiner(const Instance& instance, const HostedGraph& before)
        : instance_(instance), preset_(instance.preset()), graph_(instance.graph()), before_(before), group_of_(group_of_nodes(preset_)), places_(graph_.nodes.size())
    {
        for (std::uint32_t node = 0; node < group_of_.size(); ++node)
            if (instance.is_elsewhere(node)) group_of_[node].reset();
    }

    Expected<HostedGraph> join()
    {
        if (const auto error = fuse_error(preset_)) return tl::unexpected(*error);
        std::vector<std::optional<std::uint32_t>> unit_of_group(preset_.fused.size());
        for (std::uint32_t node = 0; node < graph_.nodes.size(); ++node) {
            if (instance_.is_elsewhere(node)) continue;
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

    [[nodiscard]] static std::vector<host::HostedPort> hosted_ports(const std::vector<PortGroup>& groups, const std::vector<std::uint32_t>& slots)
    {
        const auto names = port_names(groups);
        std::vector<host::HostedPort> ports;
        for (const PortGroup& group : groups)
            for (const Position position : group.layout.positions()) ports.push_back({names[ports.size()], position, slots[ports.size()]});
        return ports;
    }

    void add_single(std::uint32_t node)
    {
        Place& place = places_[node];
        place.unit = static_cast<std::uint32_t>(result_.units.size());
        for (std::uint32_t port = 0; port < graph_.nodes[node].inputs; ++port) place.inputs.push_back(port);
        for (std::uint32_t port = 0; port < graph_.nodes[node].outputs; ++port) place.outputs.push_back(port);
        const auto& runner = instance_.shared_runners()[node];
        const Ports& ports = preset_.nodes[node].ports;
        result_.units.push_back({preset_.nodes[node].name, runner, hosted_ports(ports.inputs, runner->slots().inputs),
                                 hosted_ports(ports.outputs, runner->slots().outputs), {node}});
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

    /// Gives a port that is shown the slot that a port of its name had.
    [[nodiscard]] static std::uint32_t show(std::vector<host::FusedRunner::Shown>& shown, host::FusedRunner::Shown port)
    {
        const auto known = std::ranges::find(shown, port.name, &host::FusedRunner::Shown::name);
        const auto slot = static_cast<std::uint32_t>(known - shown.begin());
        if (known == shown.end()) shown.push_back(std::move(port));
        else *known = std::move(port);
        return slot;
    }

    void show_ports(std::uint32_t node, std::uint32_t member, bool output, host::FusedRunner::Plan& plan, HostedUnit& unit)
    {
        const auto& groups = output ? preset_.nodes[node].ports.outputs : preset_.nodes[node].ports.inputs;
        auto& ports = output ? unit.outputs : unit.inputs;
        auto& place = output ? places_[node].outputs : places_[node].inputs;
        for (const PortGroup& group : groups)
            for (const Position position : group.layout.positions()) {
                const auto port = static_cast<std::uint32_t>(place.size());
                const bool visible = leads_out(node, port, output);
                place.push_back(visible ? static_cast<std::uint32_t>(ports.size()) : hidden);
                if (!visible) continue;
                const PortGroup shown{preset_.nodes[node].name + "_" + group.name, ChannelLayout({position})};
                const std::string name = port_names(std::span(&shown, 1)).front();
                ports.push_back({name, position, show(output ? plan.outputs : plan.inputs, {shown.name, member, port, position})});
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

    /// The runner that a group of this name had, if it had one.
    [[nodiscard]] std::shared_ptr<host::FusedRunner> runner_before(const std::string& name) const
    {
        const auto found = std::ranges::find_if(before_.fused, [&](const auto& runner) { return runner->name() == name; });
        return found != before_.fused.end() ? *found : nullptr;
    }

    /// The group's members and wires, with the slots that its ports had before.
    [[nodiscard]] host::FusedRunner::Plan begin_plan(std::uint32_t group, const host::FusedRunner* before) const
    {
        host::FusedRunner::Plan plan{.name = preset_.fused[group].name, .members = {}, .slots = {}, .wires = {}, .inputs = {}, .outputs = {}};
        if (before == nullptr) return plan;
        plan.inputs = before->plan().inputs;
        plan.outputs = before->plan().outputs;
        for (auto* shown : {&plan.inputs, &plan.outputs})
            for (host::FusedRunner::Shown& port : *shown) port = {.name = port.name, .member = host::FusedRunner::gone, .port = 0, .position = {}};
        return plan;
    }

    std::uint32_t add_fused(std::uint32_t group)
    {
        const auto index = static_cast<std::uint32_t>(result_.units.size());
        HostedUnit unit{.name = preset_.fused[group].name, .runner = nullptr, .inputs = {}, .outputs = {}, .members = {}};
        const auto before = runner_before(unit.name);
        host::FusedRunner::Plan plan = begin_plan(group, before.get());
        std::vector<std::uint32_t> member_of(graph_.nodes.size(), hidden);
        for (const std::uint32_t node : graph::processing_order(graph_)) {
            if (group_of_[node] != group) continue;
            member_of[node] = static_cast<std::uint32_t>(plan.members.size());
            plan.members.push_back(instance_.shared_runners()[node]);
            plan.slots.push_back(plan.members.back()->slots());
        }
        for (std::uint32_t node = 0; node < graph_.nodes.size(); ++node) {
            if (group_of_[node] != group) continue;
            unit.members.push_back(node);
            places_[node].unit = index;
            show_ports(node, member_of[node], false, plan, unit);
            show_ports(node, member_of[node], true, plan, unit);
        }
        for (const graph::Wire& wire : graph_.wires)
            if (group_of_[wire.from.node] == group && group_of_[wire.to.node] == group)
                plan.wires.push_back({{member_of[wire.from.node], wire.from.port}, {member_of[wire.to.node], wire.to.port}, wire.feedback});
        result_.graph.nodes.push_back({plan.name, static_cast<std::uint32_t>(unit.inputs.size()), static_cast<std::uint32_t>(unit.outputs.size()), latency_of(group)});
        result_.fused.push_back(before && before->plan() == plan ? before : std::make_shared<host::FusedRunner>(std::move(plan)));
        unit.runner = result_.fused.back();
        result_.units.push_back(std::move(unit));
        return index;
    }

    void relink()
    {
        result_.graph.externals = graph_.externals;
        for (const graph::Wire& wire : graph_.wires) {
            const Place& from = places_[wire.from.node];
            const Place& to = places_[wire.to.node];
            if (same_group(wire)) continue;
            if (instance_.is_elsewhere(wire.to.node)) {
                if (!instance_.is_elsewhere(wire.from.node)) add_link_to_companion(wire, from);
                continue;
            }
            if (instance_.is_elsewhere(wire.from.node)) {
                add_companion_link(wire, to);
                continue;
            }
            result_.graph.wires.push_back({{from.unit, from.outputs[wire.from.port]}, {to.unit, to.inputs[wire.to.port]}, wire.feedback});
        }
        for (const graph::OuterLink& link : graph_.outer_links)
            if (!instance_.is_elsewhere(link.node)) add_outer_link(link);
        result_.graph.externals += static_cast<std::uint32_t>(result_.companions.size());
    }

    void add_link_to_companion(const graph::Wire& wire, const Place& from)
    {
        const HostedUnit& unit = result_.units[from.unit];
        const preset::NodeModel& target = preset_.nodes[wire.to.node];
        result_.to_companions.emplace_back(unit.name + ":" + unit.outputs[from.outputs[wire.from.port]].name, target.name + ":" + port_names(target.ports.inputs)[wire.to.port]);
    }

    void add_companion_link(const graph::Wire& wire, const Place& to)
    {
        const preset::NodeModel& source = preset_.nodes[wire.from.node];
        const auto known = std::ranges::find(result_.companions, source.name);
        const auto companion = static_cast<std::uint32_t>(known - result_.companions.begin());
        if (known == result_.companions.end()) result_.companions.push_back(source.name);
        std::vector<Position> positions;
        for (const PortGroup& group : preset_.nodes[wire.to.node].ports.inputs) positions.insert(positions.end(), group.layout.positions().begin(), group.layout.positions().end());
        result_.graph.outer_links.push_back({.node = to.unit, .external = graph_.externals + companion, .outward = false, .first_port = to.inputs[wire.to.port],
                                             .layout = ChannelLayout({positions[wire.to.port]}), .external_port = port_names(source.ports.outputs)[wire.from.port]});
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
    const HostedGraph& before_;
    std::vector<std::optional<std::uint32_t>> group_of_;
    std::vector<Place> places_;
    HostedGraph result_;
};

}  // namespace

Expected<HostedGraph> host_graph(const Instance& instance, const HostedGraph& before)
{
    return Joiner(instance, before).join();
}

}  // namespace stemwire::session
