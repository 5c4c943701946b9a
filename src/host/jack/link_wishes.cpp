// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/jack/link_wishes.hpp"

#include <algorithm>
#include <optional>

#include <fnmatch.h>

namespace stemwire::host {

namespace {

using Ports = std::vector<const ServerPort*>;
using Pairs = std::vector<std::pair<std::size_t, const ServerPort*>>;

bool matches(const std::string& glob, std::string_view name)
{
    return fnmatch(glob.c_str(), std::string(name).c_str(), 0) == 0;
}

std::optional<Position> position_of(const ServerPort& port)
{
    const auto suffix = port.name.rfind('_');
    return suffix != std::string::npos ? parse_position(std::string_view(port.name).substr(suffix + 1)) : std::nullopt;
}

/// The ports that an external stands for now: inputs for what we feed (`outward`), else outputs.
Ports find_external(const HostedExternal& external, bool outward, const PortMap& map)
{
    const bool is_pattern = external.what == HostedExternal::What::pattern;
    Ports found;
    // JACK's cards have no monitors: a sink cannot be listened to, nor a source be fed.
    if (!is_pattern && outward != (external.what == HostedExternal::What::default_sink)) return found;
    for (const ServerPort& port : map.ports) {
        if (port.is_input != outward || map.ours.contains(port.name)) continue;
        if (is_pattern ? !matches(external.node_glob, port.client()) : !port.is_physical) continue;
        if (matches(external.port_glob, port.short_name())) found.push_back(&port);
    }
    if (found.empty()) return found;
    const std::string_view client = is_pattern ? (*std::ranges::min_element(found, {}, &ServerPort::client))->client() : found.front()->client();
    std::erase_if(found, [&](const ServerPort* port) { return port->client() != client; });
    return found;
}

Pairs pair_by_position(const ChannelLayout& layout, const Ports& ports)
{
    Pairs pairs;
    for (std::size_t channel = 0; channel < layout.size(); ++channel) {
        const auto port = std::ranges::find(ports, std::optional(layout[channel]), [](const ServerPort* candidate) { return position_of(*candidate); });
        if (port != ports.end()) pairs.emplace_back(channel, *port);
    }
    return pairs;
}

/// Which of our channels meets which port: the same positions; mono meets all; all meet a single port; else each in its order. A card may have more ports
/// than we have channels: its first ones are meant, and two of them by mono.
std::optional<Pairs> pair_ports(const ChannelLayout& layout, Ports ports, bool is_card)
{
    Pairs pairs = pair_by_position(layout, ports);
    if (pairs.size() == layout.size()) return pairs;
    pairs.clear();
    if (is_card && ports.size() > layout.size()) ports.resize(std::min(ports.size(), std::max<std::size_t>(layout.size(), 2)));
    if (layout.is_mono() || ports.size() == 1) {
        for (std::size_t channel = 0; channel < layout.size(); ++channel)
            for (const ServerPort* port : ports) pairs.emplace_back(channel, port);
        return pairs;
    }
    if (ports.size() != layout.size()) return std::nullopt;
    for (std::size_t channel = 0; channel < layout.size(); ++channel) pairs.emplace_back(channel, ports[channel]);
    return pairs;
}

std::string text(const HostedExternal& external)
{
    switch (external.what) {
    case HostedExternal::What::default_sink: return external.name + " (physical inputs of the JACK server)";
    case HostedExternal::What::default_source: return external.name + " (physical outputs of the JACK server)";
    case HostedExternal::What::pattern: break;
    }
    return external.name + " (" + external.node_glob + (external.port_glob == "*" ? "" : ", ports " + external.port_glob) + ")";
}

class Resolver {
public:
    Resolver(const std::vector<OwnPorts>& nodes, const std::vector<HostedExternal>& externals, const graph::Graph& graph, const PortMap& map)
        : nodes_(nodes), externals_(externals), graph_(graph), map_(map)
    {
    }

    LinkWishes resolve()
    {
        for (const bool feedback : {false, true})
            for (const graph::Wire& wire : graph_.wires)
                if (wire.feedback == feedback) add(nodes_[wire.from.node].outputs[wire.from.port], nodes_[wire.to.node].inputs[wire.to.port]);
        for (const bool outward : {false, true})
            for (const graph::OuterLink& link : graph_.outer_links)
                if (link.outward == outward) add_outer(link);
        return std::move(wishes_);
    }

private:
    void add(const std::string& from, const std::string& to) { wishes_.links.push_back({{from, to}, map_.has(from) && map_.has(to)}); }
    void add(const graph::OuterLink& link, std::size_t channel, const std::string& theirs)
    {
        const std::size_t port = link.first_port + channel;
        if (link.outward) add(nodes_[link.node].outputs[port], theirs);
        else add(theirs, nodes_[link.node].inputs[port]);
    }

    void add_outer(const graph::OuterLink& link)
    {
        const HostedExternal& external = externals_[link.external];
        Ports ports = find_external(external, link.outward, map_);
        if (!link.external_port.empty()) std::erase_if(ports, [&](const ServerPort* port) { return port->short_name() != link.external_port; });
        const auto pairs = ports.empty() ? std::nullopt : pair_ports(link.layout, ports, external.what != HostedExternal::What::pattern);
        if (pairs)
            for (const auto& [channel, port] : *pairs) add(link, channel, port->name);
        else
            for (std::size_t channel = 0; channel < link.layout.size(); ++channel) add(link, channel, external.name);
        if (ports.empty()) note("waiting for " + text(external) + (link.external_port.empty() ? "" : ", port " + link.external_port));
        else if (!pairs) note(mismatch(link, ports));
    }

    [[nodiscard]] std::string mismatch(const graph::OuterLink& link, const Ports& found) const
    {
        std::string ports;
        for (const ServerPort* port : found) ports += (ports.empty() ? "" : ", ") + std::string(port->short_name());
        return nodes_[link.node].node + " (" + to_string(link.layout) + ") and " + std::string(found.front()->client()) +
               " do not have the same positions: link single ports of " + externals_[link.external].name + " (" + ports + ")";
    }

    void note(std::string what)
    {
        if (std::ranges::find(wishes_.notes, what) == wishes_.notes.end()) wishes_.notes.push_back(std::move(what));
    }

    const std::vector<OwnPorts>& nodes_;
    const std::vector<HostedExternal>& externals_;
    const graph::Graph& graph_;
    const PortMap& map_;
    LinkWishes wishes_;
};

}  // namespace

LinkWishes wish_links(const std::vector<OwnPorts>& nodes, const std::vector<HostedExternal>& externals, const graph::Graph& graph, const PortMap& map)
{
    return Resolver(nodes, externals, graph, map).resolve();
}

std::optional<std::string> external_of(const std::vector<HostedExternal>& externals, const std::string& port, bool is_input, const PortMap& map)
{
    const auto has_port = [&](const HostedExternal& external) {
        const Ports ports = find_external(external, is_input, map);
        return std::ranges::any_of(ports, [&](const ServerPort* each) { return each->name == port; });
    };
    const auto found = std::ranges::find_if(externals, has_port);
    return found != externals.end() ? std::optional(found->name) : std::nullopt;
}

}  // namespace stemwire::host
