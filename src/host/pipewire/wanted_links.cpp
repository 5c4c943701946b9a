// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/wanted_links.hpp"

#include <algorithm>

#include "host/pipewire/external_ports.hpp"

namespace stemwire::host {

namespace {

class Resolver {
public:
    Resolver(const std::vector<OwnNode>& nodes, const std::vector<HostedExternal>& externals, const graph::Graph& graph, const Registry& registry)
        : nodes_(nodes), externals_(externals), graph_(graph), registry_(registry)
    {
        for (const OwnNode& node : nodes_)
            if (node.id) ours_.push_back(*node.id);
    }

    WantedLinks resolve()
    {
        for (const bool feedback : {false, true})
            for (const graph::Wire& wire : graph_.wires)
                if (wire.feedback == feedback) add_wire(wire);
        for (const bool outward : {false, true})
            for (const graph::OuterLink& link : graph_.outer_links)
                if (link.outward == outward) add_outer(link);
        return std::move(wanted_);
    }

private:
    [[nodiscard]] const std::string& port_name(std::uint32_t node, std::uint32_t port, bool is_input) const
    {
        return is_input ? nodes_[node].inputs[port] : nodes_[node].outputs[port];
    }
    [[nodiscard]] std::string name(std::uint32_t node, std::uint32_t port, bool is_input) const
    {
        return nodes_[node].name + ":" + port_name(node, port, is_input);
    }
    [[nodiscard]] std::optional<GlobalId> id(std::uint32_t node, std::uint32_t port, bool is_input) const
    {
        if (!nodes_[node].id) return std::nullopt;
        const PortGlobal* found = registry_.port(*nodes_[node].id, port_name(node, port, is_input), is_input);
        return found != nullptr ? std::optional(found->id) : std::nullopt;
    }

    void add_wire(const graph::Wire& wire)
    {
        wanted_.links.push_back({name(wire.from.node, wire.from.port, false), name(wire.to.node, wire.to.port, true),
                                 id(wire.from.node, wire.from.port, false), id(wire.to.node, wire.to.port, true), true});
    }

    void add_outer(const graph::OuterLink& link)
    {
        const HostedExternal& external = externals_[link.external];
        auto found = find_external(external, link.outward, registry_, ours_);
        if (found && !link.external_port.empty())
            std::erase_if(found->ports, [&](const PortGlobal* port) { return port->name != link.external_port; });
        if (!found || found->ports.empty()) {
            note("waiting for " + text(external) + (link.external_port.empty() ? "" : ", port " + link.external_port));
            return add_waiting(link, external);
        }
        const auto pairs = pair_ports(link.layout, found->ports);
        if (!pairs) {
            note(mismatch(link, *found));
            return add_waiting(link, external);
        }
        for (const auto& [channel, port] : *pairs) add_met(link, static_cast<std::uint32_t>(channel), *port, found->node);
    }

    void add_met(const graph::OuterLink& link, std::uint32_t channel, const PortGlobal& port, const std::string& node)
    {
        const std::uint32_t ours = link.first_port + channel;
        const std::string theirs = node + ":" + port.name;
        if (link.outward) wanted_.links.push_back({name(link.node, ours, false), theirs, id(link.node, ours, false), port.id});
        else wanted_.links.push_back({theirs, name(link.node, ours, true), port.id, id(link.node, ours, true)});
    }

    void add_waiting(const graph::OuterLink& link, const HostedExternal& external)
    {
        for (std::uint32_t channel = 0; channel < link.layout.size(); ++channel) {
            const std::string ours = name(link.node, link.first_port + channel, !link.outward);
            wanted_.links.push_back(link.outward ? WantedLink{.from = ours, .to = external.name} : WantedLink{.from = external.name, .to = ours});
        }
    }

    void note(std::string text)
    {
        if (std::ranges::find(wanted_.notes, text) == wanted_.notes.end()) wanted_.notes.push_back(std::move(text));
    }

    [[nodiscard]] static std::string text(const HostedExternal& external)
    {
        switch (external.what) {
        case HostedExternal::What::default_sink: return external.name + " (the default sink)";
        case HostedExternal::What::default_source: return external.name + " (the default source)";
        case HostedExternal::What::pattern: break;
        }
        return external.name + " (" + external.node_glob + (external.port_glob == "*" ? "" : ", ports " + external.port_glob) + ")";
    }

    [[nodiscard]] std::string mismatch(const graph::OuterLink& link, const ExternalPorts& found) const
    {
        std::string ports;
        for (const PortGlobal* port : found.ports) ports += (ports.empty() ? "" : ", ") + port->name;
        return nodes_[link.node].name + " (" + to_string(link.layout) + ") and " + found.node + " do not have the same positions: link single ports of " +
               externals_[link.external].name + " (" + ports + ")";
    }

    const std::vector<OwnNode>& nodes_;
    const std::vector<HostedExternal>& externals_;
    const graph::Graph& graph_;
    const Registry& registry_;
    std::vector<GlobalId> ours_;
    WantedLinks wanted_;
};

}  // namespace

WantedLinks wanted_links(const std::vector<OwnNode>& nodes, const std::vector<HostedExternal>& externals, const graph::Graph& graph,
                         const Registry& registry)
{
    return Resolver(nodes, externals, graph, registry).resolve();
}

}  // namespace stemwire::host
