// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/select_nodes.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace stemwire::session {

namespace {

using NewIndices = std::vector<std::optional<std::uint32_t>>;

Expected<NewIndices> new_indices(const preset::Preset& preset, const std::vector<std::string>& names)
{
    std::vector<std::string_view> known;
    for (const preset::NodeModel& node : preset.nodes) known.push_back(node.name);
    for (const std::string& name : names) {
        if (std::ranges::find(known, name) != known.end()) continue;
        const auto near = preset::nearest(name, known);
        return failure("--node " + name + ": the preset has no node of this name" + (near ? " (did you mean '" + std::string(*near) + "'?)" : ""));
    }
    NewIndices indices;
    std::uint32_t next = 0;
    for (const preset::NodeModel& node : preset.nodes)
        indices.push_back(std::ranges::find(names, node.name) != names.end() ? std::optional(next++) : std::nullopt);
    return indices;
}

/// The links from nodes that run elsewhere into ours, each with its node as an external.
void add_foreign_links(const preset::Preset& whole, const NewIndices& indices, preset::Preset& part)
{
    std::map<std::uint32_t, std::uint32_t> external_of;
    for (std::size_t index = 0; index < whole.graph.wires.size(); ++index) {
        const auto& [from, to, feedback] = whole.graph.wires[index];
        if (indices[from.node] || !indices[to.node]) continue;
        const preset::NodeModel& source = whole.nodes[from.node];
        if (!external_of.contains(from.node)) {
            external_of[from.node] = static_cast<std::uint32_t>(part.externals.size());
            part.externals.push_back({source.name, preset::ExternalModel::What::pattern, whole.name + "." + source.name, "*", source.mark});
        }
        const Position position = [&] {
            std::vector<Position> positions;
            for (const PortGroup& group : whole.nodes[to.node].ports.inputs) positions.insert(positions.end(), group.layout.positions().begin(), group.layout.positions().end());
            return positions[to.port];
        }();
        part.graph.outer_links.push_back({.node = *indices[to.node], .external = external_of[from.node], .outward = false, .first_port = to.port,
                                          .layout = ChannelLayout({position}), .external_port = port_names(source.ports.outputs)[from.port]});
        part.outer_link_marks.push_back(whole.wire_marks[index]);
    }
}

}  // namespace

Expected<preset::Preset> select_nodes(const preset::Preset& preset, const std::vector<std::string>& names)
{
    if (names.empty()) return preset;
    const auto indices = new_indices(preset, names);
    if (!indices) return tl::unexpected(indices.error());
    preset::Preset part = preset;
    part.nodes.clear();
    part.graph = {};
    part.wire_marks.clear();
    part.outer_link_marks.clear();
    part.fused.clear();
    for (std::size_t node = 0; node < preset.nodes.size(); ++node) {
        if (!(*indices)[node]) continue;
        part.nodes.push_back(preset.nodes[node]);
        part.graph.nodes.push_back(preset.graph.nodes[node]);
    }
    for (std::size_t index = 0; index < preset.graph.wires.size(); ++index) {
        graph::Wire wire = preset.graph.wires[index];
        const auto from = (*indices)[wire.from.node];
        const auto to = (*indices)[wire.to.node];
        if (!from || !to) continue;
        wire.from.node = *from;
        wire.to.node = *to;
        part.graph.wires.push_back(wire);
        part.wire_marks.push_back(preset.wire_marks[index]);
    }
    for (std::size_t index = 0; index < preset.graph.outer_links.size(); ++index) {
        graph::OuterLink link = preset.graph.outer_links[index];
        if (!(*indices)[link.node]) continue;
        link.node = *(*indices)[link.node];
        part.graph.outer_links.push_back(std::move(link));
        part.outer_link_marks.push_back(preset.outer_link_marks[index]);
    }
    add_foreign_links(preset, *indices, part);
    part.graph.externals = static_cast<std::uint32_t>(part.externals.size());
    return part;
}

}  // namespace stemwire::session
