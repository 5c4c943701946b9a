// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <set>
#include <tuple>

#include "graph/pairing.hpp"
#include "preset/link_reader.hpp"

namespace stemwire::preset {

namespace {

/// One end of a link, found: ports first … first + layout.size() − 1 of a node, or an external.
struct End {
    bool is_external = false;
    std::uint32_t index = 0;
    std::uint32_t first_port = 0;
    ChannelLayout layout;
    std::string external_port;
};

std::vector<std::string_view> views(const std::vector<std::string>& words)
{
    return {words.begin(), words.end()};
}

class LinkResolver {
public:
    LinkResolver(Preset& preset, const std::vector<bool>& wrong, Report& report) : preset_(preset), wrong_(wrong), report_(report)
    {
        for (const NodeModel& each : preset_.nodes) names_.push_back(each.name);
        for (const ExternalModel& each : preset_.externals) names_.push_back(each.name);
    }

    void add(const LinkText& link)
    {
        const auto from = find(link.from, true);
        const auto to = find(link.to, false);
        if (!from || !to) return;
        if (from->is_external && to->is_external)
            report_.error(link.from.mark,
                          "a link between two externals is not ours to make (" + link.from.name + " -> " + link.to.name + ")");
        else if (from->is_external || to->is_external) add_outer(from->is_external ? *from : *to, from->is_external ? *to : *from, link);
        else add_wires(*from, *to, link);
    }

private:
    std::optional<End> find(const EndpointText& text, bool output)
    {
        if (text.what == EndpointText::What::external) return find_external(text, output);
        if (text.what == EndpointText::What::node) return wrong_[text.index] ? std::nullopt : find_ports(text, output);
        report_.unknown(text.mark, "node", text.name, "links", names_);
        return std::nullopt;
    }

    std::optional<End> find_external(const EndpointText& text, bool output)
    {
        const ExternalModel& external = preset_.externals[text.index];
        if (output && external.what == ExternalModel::What::default_sink)
            report_.error(text.mark, "'" + text.name + "' is a sink: audio goes to it, not from it");
        else if (!output && external.what == ExternalModel::What::default_source)
            report_.error(text.mark, "'" + text.name + "' is a source: audio comes from it, not to it");
        else return End{true, text.index, 0, {}, text.port};
        return std::nullopt;
    }

    std::optional<End> find_ports(const EndpointText& text, bool output)
    {
        const Ports& ports = preset_.nodes[text.index].ports;
        const auto& groups = output ? ports.outputs : ports.inputs;
        if (groups.empty()) {
            report_.error(text.mark, "'" + text.name + "' has no " + (output ? "outputs" : "inputs") + " (it is a " +
                                         std::string(preset_.nodes[text.index].type->name) + ")");
            return std::nullopt;
        }
        if (text.port.empty()) return default_group(text, groups, output);
        std::uint32_t first = 0;
        for (const PortGroup& group : groups) {
            if (group.name == text.port) return End{false, text.index, first, group.layout, ""};
            first += static_cast<std::uint32_t>(group.layout.size());
        }
        const auto names = port_names(groups);
        if (const auto port = std::ranges::find(names, text.port); port != names.end())
            return End{false, text.index, static_cast<std::uint32_t>(port - names.begin()), ChannelLayout::mono(), ""};
        report_unknown_port(text, ports, output);
        return std::nullopt;
    }

    /// What a node's name alone means: its first outputs, its only inputs or those called `input`. Which channel of a mixer is meant nobody can guess.
    std::optional<End> default_group(const EndpointText& text, const std::vector<PortGroup>& groups, bool output)
    {
        if (output || groups.size() == 1 || groups.front().name == "input") return End{false, text.index, 0, groups.front().layout, ""};
        std::vector<std::string_view> known;
        for (const PortGroup& group : groups) known.push_back(group.name);
        report_.error(text.mark, "'" + text.name + "' has several inputs: name one, such as '" + text.name + ":" + groups.front().name +
                                     "' (inputs: " + list_of(known) + ")");
        return std::nullopt;
    }

    void report_unknown_port(const EndpointText& text, const Ports& ports, bool output)
    {
        const auto& others = output ? ports.inputs : ports.outputs;
        const auto other_names = port_names(others);
        const std::string full = text.name + ":" + text.port;
        if (std::ranges::find(others, text.port, &PortGroup::name) != others.end() ||
            std::ranges::find(other_names, text.port) != other_names.end()) {
            report_.error(text.mark, output ? "'" + full + "' is an input: it cannot stand left of '->'"
                                            : "'" + full + "' is an output: it cannot stand right of '->'");
            return;
        }
        const auto& groups = output ? ports.outputs : ports.inputs;
        std::vector<std::string> known;
        for (const PortGroup& group : groups) known.push_back(group.name);
        std::ranges::copy(port_names(groups), std::back_inserter(known));
        report_.unknown(text.mark, output ? "output" : "input", text.port, "'" + text.name + "'", views(known));
    }

    void add_outer(const End& external, const End& ours, const LinkText& link)
    {
        const bool outward = link.to.what == EndpointText::What::external;
        if (!seen_outer_.insert({ours.index, external.index, outward, ours.first_port, ours.layout.size(), external.external_port}).second)
            return warn_twice(link);
        preset_.graph.outer_links.push_back({ours.index, external.index, outward, ours.first_port, ours.layout, external.external_port});
        preset_.outer_link_marks.push_back(link.from.mark);
    }

    void add_wires(const End& from, const End& to, const LinkText& link)
    {
        const auto pairs = graph::pair_channels(from.layout, to.layout);
        if (!pairs) return report_unpaired(from, to, link);
        bool twice = true;
        for (const auto& [out, in] : *pairs) {
            const graph::Wire wire{{from.index, from.first_port + static_cast<std::uint32_t>(out)},
                                   {to.index, to.first_port + static_cast<std::uint32_t>(in)}};
            if (!seen_.insert({wire.from, wire.to}).second) continue;
            twice = false;
            preset_.graph.wires.push_back(wire);
            preset_.wire_marks.push_back(link.from.mark);
        }
        if (twice) warn_twice(link);
    }

    void report_unpaired(const End& from, const End& to, const LinkText& link)
    {
        const auto outputs = port_names(preset_.nodes[from.index].ports.outputs);
        const auto inputs = port_names(preset_.nodes[to.index].ports.inputs);
        const auto ports_of = [](const End& end, const std::vector<std::string>& names) {
            return list_of(std::vector<std::string_view>(names.begin() + end.first_port,
                                                         names.begin() + end.first_port + static_cast<std::ptrdiff_t>(end.layout.size())));
        };
        report_.error(link.from.mark, to_string(from.layout) + " cannot be paired with " + to_string(to.layout) +
                                          ": name the ports, such as '" + link.from.name + ":" + outputs[from.first_port] + " -> " +
                                          link.to.name + ":" + inputs[to.first_port] + "' (" + link.from.name + " has " +
                                          ports_of(from, outputs) + "; " + link.to.name + " has " + ports_of(to, inputs) + ")");
    }

    void warn_twice(const LinkText& link)
    {
        report_.warning(link.from.mark, "the link " + link.from.name + " -> " + link.to.name + " is there twice");
    }

    Preset& preset_;
    const std::vector<bool>& wrong_;
    Report& report_;
    std::vector<std::string_view> names_;   ///< what may stand in a link
    std::set<std::pair<graph::Endpoint, graph::Endpoint>> seen_;
    /// Node, external, outward, first port, ports, port of the external.
    std::set<std::tuple<std::uint32_t, std::uint32_t, bool, std::uint32_t, std::size_t, std::string>> seen_outer_;
};

}  // namespace

void resolve_links(Preset& preset, const std::vector<LinkText>& links, const std::vector<bool>& wrong, Report& report)
{
    LinkResolver resolver(preset, wrong, report);
    for (const LinkText& link : links) resolver.add(link);
}

}  // namespace stemwire::preset
