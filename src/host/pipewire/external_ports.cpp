// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/external_ports.hpp"

#include <algorithm>
#include <tuple>

#include <fnmatch.h>

namespace stemwire::host {

namespace {

bool matches(const std::string& glob, const std::string& name)
{
    return fnmatch(glob.c_str(), name.c_str(), 0) == 0;
}

const NodeGlobal* default_node(const Registry& registry, const std::string& metadata_key, const std::string& media_class)
{
    const auto value = registry.metadata("default", metadata_key);
    const auto name = value ? name_in_json(*value) : std::nullopt;
    const NodeGlobal* best = nullptr;
    const auto rank = [](const NodeGlobal& node) { return std::tuple(node.priority_session, node.priority_driver); };
    for (const auto& [id, node] : registry.nodes()) {
        if (name && node.name == *name) return &node;
        if (node.media_class != media_class) continue;
        if (best == nullptr || rank(node) > rank(*best)) best = &node;
    }
    return best;
}

std::vector<const NodeGlobal*> candidates(const HostedExternal& external, const Registry& registry, const std::vector<GlobalId>& ours)
{
    using enum HostedExternal::What;
    std::vector<const NodeGlobal*> nodes;
    if (external.what != pattern) {
        const bool sink = external.what == default_sink;
        const NodeGlobal* node = default_node(registry, sink ? "default.audio.sink" : "default.audio.source", sink ? "Audio/Sink" : "Audio/Source");
        if (node != nullptr) nodes.push_back(node);
        return nodes;
    }
    for (const auto& [id, node] : registry.nodes())
        if (matches(external.node_glob, node.name) && std::ranges::find(ours, id) == ours.end()) nodes.push_back(&node);
    std::ranges::sort(nodes, {}, [](const NodeGlobal* node) { return std::tie(node->name, node->id); });
    return nodes;
}

std::optional<Position> position_of(const PortGlobal& port)
{
    if (const auto position = parse_position(port.channel)) return position;
    const auto suffix = port.name.rfind('_');
    return suffix != std::string::npos ? parse_position(std::string_view(port.name).substr(suffix + 1)) : std::nullopt;
}

}  // namespace

std::optional<ExternalPorts> find_external(const HostedExternal& external, bool outward, const Registry& registry,
                                           const std::vector<GlobalId>& ours)
{
    const bool monitors = external.what == HostedExternal::What::default_sink || external.port_glob.find("monitor") != std::string::npos;
    for (const NodeGlobal* node : candidates(external, registry, ours)) {
        std::vector<const PortGlobal*> ports = registry.ports(node->id, outward);
        std::erase_if(ports, [&](const PortGlobal* port) { return !matches(external.port_glob, port->name) || (port->is_monitor && !monitors); });
        if (!ports.empty()) return ExternalPorts{node->name, std::move(ports)};
    }
    return std::nullopt;
}

std::optional<std::vector<std::pair<std::size_t, const PortGlobal*>>> pair_ports(const ChannelLayout& layout,
                                                                                 const std::vector<const PortGlobal*>& ports)
{
    std::vector<std::pair<std::size_t, const PortGlobal*>> pairs;
    for (std::size_t channel = 0; channel < layout.size(); ++channel) {
        const auto port = std::ranges::find(ports, std::optional(layout[channel]), [](const PortGlobal* candidate) { return position_of(*candidate); });
        if (port != ports.end()) pairs.emplace_back(channel, *port);
    }
    if (pairs.size() == layout.size()) return pairs;
    pairs.clear();
    if (layout.is_mono() || ports.size() == 1) {
        for (std::size_t channel = 0; channel < layout.size(); ++channel)
            for (const PortGlobal* port : ports) pairs.emplace_back(channel, port);
        return pairs;
    }
    if (ports.size() != layout.size()) return std::nullopt;
    for (std::size_t channel = 0; channel < layout.size(); ++channel) pairs.emplace_back(channel, ports[channel]);
    return pairs;
}

}  // namespace stemwire::host
