// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/loudness_nodes.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "graph/pairing.hpp"

namespace stemwire::preset {

namespace {

constexpr std::string_view unit_name = "gain";

const Unit& gain_unit(const NodeType& effects)
{
    const auto chain = std::ranges::find(effects.parameters, "chain", &Parameter::name);
    return *std::ranges::find(chain->units, unit_name, &Unit::name);
}

/// An effects node with the chain `[ gain: { gain: 0 dB } ]`.
NodeModel gain_node(std::string name, const ChannelLayout& layout, const Mark& mark)
{
    const NodeType& effects = *find_node_type("effects");
    const Unit& unit = gain_unit(effects);
    NodeModel node{.name = std::move(name), .type = &effects, .settings = Settings(effects.parameters, {}, mark), .ports = {.inputs = {{"input", layout}}, .outputs = {{"output", layout}}},
                   .mark = mark, .added = true};
    node.settings["channels"].layout = layout;
    node.settings["chain"].given = true;
    node.settings["chain"].records.emplace_back(unit_name, Settings(unit.parameters, unit.name, mark));
    return node;
}

class Inserter {
public:
    explicit Inserter(Preset& preset) : preset_(preset) {}

    bool insert()
    {
        auto links = std::exchange(preset_.graph.outer_links, {});
        auto marks = std::exchange(preset_.outer_link_marks, {});
        std::vector<std::size_t> order;
        for (std::size_t index = 0; index < links.size(); ++index) {
            if (links[index].outward) order.push_back(index);
            else keep(links[index], marks[index]);
        }
        // Of what meets in a sink the widest first: it says how wide the node is.
        std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
            return std::pair(links[a].external, links[b].layout.size()) < std::pair(links[b].external, links[a].layout.size());
        });
        for (const std::size_t index : order) lead_through(links[index], marks[index]);
        return !order.empty();
    }

private:
    void keep(const graph::OuterLink& link, const Mark& mark)
    {
        preset_.graph.outer_links.push_back(link);
        preset_.outer_link_marks.push_back(mark);
    }

    void lead_through(const graph::OuterLink& link, const Mark& mark)
    {
        auto& nodes = nodes_[{link.external, link.external_port}];
        auto node = std::ranges::find_if(nodes, [&](std::uint32_t each) { return graph::pair_channels(link.layout, layout_of(each)).has_value(); });
        if (node == nodes.end()) node = nodes.insert(nodes.end(), add_node(link, mark));
        const auto pairs = graph::pair_channels(link.layout, layout_of(*node));
        for (const auto& [from, to] : *pairs) {
            preset_.graph.wires.push_back({{link.node, link.first_port + static_cast<std::uint32_t>(from)}, {*node, static_cast<std::uint32_t>(to)}});
            preset_.wire_marks.push_back(mark);
        }
    }

    [[nodiscard]] const ChannelLayout& layout_of(std::uint32_t node) const { return preset_.nodes[node].ports.outputs.front().layout; }

    std::uint32_t add_node(const graph::OuterLink& link, const Mark& mark)
    {
        const auto index = static_cast<std::uint32_t>(preset_.nodes.size());
        preset_.nodes.push_back(gain_node(name_for(preset_.externals[link.external].name), link.layout, preset_.loudness->mark));
        preset_.graph.nodes.push_back(graph_node(preset_.nodes.back()));
        keep({index, link.external, true, 0, link.layout, link.external_port}, mark);
        return index;
    }

    [[nodiscard]] bool is_taken(const std::string& name) const
    {
        return std::ranges::find(preset_.nodes, name, &NodeModel::name) != preset_.nodes.end() || std::ranges::find(preset_.externals, name, &ExternalModel::name) != preset_.externals.end() ||
               std::ranges::find(preset_.fused, name, &FuseModel::name) != preset_.fused.end();
    }

    [[nodiscard]] std::string name_for(const std::string& sink) const
    {
        if (!is_taken("loudness")) return "loudness";
        const std::string base = "loudness-" + sink;
        std::string name = base;
        for (int number = 2; is_taken(name); ++number) name = base + "-" + std::to_string(number);
        return name;
    }

    Preset& preset_;
    std::map<std::pair<std::uint32_t, std::string>, std::vector<std::uint32_t>> nodes_;  ///< before a sink, or a port of it
};

}  // namespace

bool add_loudness_nodes(Preset& preset)
{
    return Inserter(preset).insert();
}

double set_loudness_gain(Preset& preset, double gain_db)
{
    for (NodeModel& node : preset.nodes) {
        if (!node.added) continue;
        Value& value = node.settings["chain"].records.front().second["gain"];
        value.number = gain_db = std::clamp(gain_db, value.parameter->minimum, value.parameter->maximum);
        value.given = true;
    }
    return gain_db;
}

std::optional<double> loudness_gain(const Preset& preset)
{
    const auto node = std::ranges::find(preset.nodes, true, &NodeModel::added);
    return node == preset.nodes.end() ? std::nullopt : std::optional(node->settings["chain"].records.front().second.number("gain"));
}

graph::GraphNode graph_node(const NodeModel& node)
{
    return {node.name, static_cast<std::uint32_t>(channel_count(node.ports.inputs)), static_cast<std::uint32_t>(channel_count(node.ports.outputs))};
}

}  // namespace stemwire::preset
