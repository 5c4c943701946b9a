// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/dot.hpp"

#include <algorithm>
#include <set>

namespace stemwire::cli {

namespace {

std::string escaped(std::string_view text)
{
    std::string result;
    for (const char letter : text) {
        if (letter == '&') result += "&amp;";
        else if (letter == '<') result += "&lt;";
        else if (letter == '>') result += "&gt;";
        else if (letter == '"') result += "&quot;";
        else result += letter;
    }
    return result;
}

/// The group that a flat port index lies in.
std::size_t group_of(const std::vector<PortGroup>& groups, std::uint32_t port)
{
    std::size_t group = 0;
    for (std::size_t first = 0; group + 1 < groups.size() && port >= first + groups[group].layout.size(); ++group) first += groups[group].layout.size();
    return group;
}

std::string cells(const std::vector<PortGroup>& groups, char side)
{
    std::string text = "<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" CELLPADDING=\"3\" COLOR=\"#9aa7b4\">";
    for (std::size_t group = 0; group < groups.size(); ++group)
        text += std::string("<TR><TD PORT=\"") + side + std::to_string(group) + "\">" + escaped(groups[group].name) + "<BR/><FONT POINT-SIZE=\"8\" COLOR=\"#66717c\">" +
                escaped(to_string(groups[group].layout)) + "</FONT></TD></TR>";
    return text + "</TABLE>";
}

std::string box(const preset::NodeModel& node)
{
    std::string text = "<TABLE BORDER=\"1\" CELLBORDER=\"0\" CELLSPACING=\"4\" STYLE=\"ROUNDED\" BGCOLOR=\"#f4f7fa\" COLOR=\"#4a5a6a\"><TR><TD COLSPAN=\"2\"><B>" +
                       escaped(node.name) + "</B><BR/><FONT POINT-SIZE=\"9\">" + escaped(node.type->name) + "</FONT></TD></TR><TR>";
    if (!node.ports.inputs.empty()) text += "<TD>" + cells(node.ports.inputs, 'i') + "</TD>";
    if (!node.ports.outputs.empty()) text += "<TD>" + cells(node.ports.outputs, 'o') + "</TD>";
    return text + "</TR></TABLE>";
}

std::string node_id(std::uint32_t node)
{
    return "n" + std::to_string(node);
}

/// Arrows between groups, each once however many channels it has, in the order of the preset.
std::vector<std::string> arrows(const preset::Preset& preset)
{
    std::vector<std::string> lines;
    std::set<std::string> seen;
    const auto add = [&](const std::string& line) {
        if (seen.insert(line).second) lines.push_back(line);
    };
    const auto output = [&](std::uint32_t node, std::uint32_t port) { return node_id(node) + ":o" + std::to_string(group_of(preset.nodes[node].ports.outputs, port)) + ":e"; };
    const auto input = [&](std::uint32_t node, std::uint32_t port) { return node_id(node) + ":i" + std::to_string(group_of(preset.nodes[node].ports.inputs, port)) + ":w"; };
    for (const graph::Wire& wire : preset.graph.wires)
        add(output(wire.from.node, wire.from.port) + " -> " + input(wire.to.node, wire.to.port) + (wire.feedback ? " [style=dashed, constraint=false, label=\"one quantum\"]" : ""));
    for (const graph::OuterLink& link : preset.graph.outer_links) {
        const std::string external = "x" + std::to_string(link.external);
        const std::string label = link.external_port.empty() ? "" : " [label=\"" + escaped(link.external_port) + "\"]";
        if (link.outward) add(output(link.node, link.first_port) + " -> " + external + label);
        else add(external + " -> " + input(link.node, link.first_port) + label);
    }
    return lines;
}

std::string external_label(const preset::ExternalModel& external)
{
    using What = preset::ExternalModel::What;
    const std::string what = external.what == What::default_sink ? "default sink" : external.what == What::default_source ? "default source" : external.node_glob;
    return "<B>" + escaped(external.name) + "</B><BR/><FONT POINT-SIZE=\"9\">" + escaped(what) + "</FONT>";
}

}  // namespace

std::string to_dot(const preset::Preset& preset)
{
    std::string text = "digraph stemwire {\n  rankdir=LR; nodesep=0.3; ranksep=0.9;\n  label=<" + escaped(preset.name) +
                       ">; labelloc=t; fontname=\"sans-serif\";\n  node [shape=plain, fontname=\"sans-serif\", fontsize=11];\n"
                       "  edge [color=\"#4a5a6a\", fontname=\"sans-serif\", fontsize=9];\n";
    for (std::uint32_t node = 0; node < preset.nodes.size(); ++node) text += "  " + node_id(node) + " [label=<" + box(preset.nodes[node]) + ">];\n";
    for (std::size_t index = 0; index < preset.externals.size(); ++index)
        text += "  x" + std::to_string(index) + " [shape=box, style=\"rounded,dashed\", label=<" + external_label(preset.externals[index]) + ">];\n";
    for (const std::string& arrow : arrows(preset)) text += "  " + arrow + ";\n";
    return text + "}\n";
}

}  // namespace stemwire::cli
