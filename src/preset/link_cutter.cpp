// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/link_cutter.hpp"

#include <algorithm>
#include <optional>

#include "graph/pairing.hpp"

namespace stemwire::preset {

namespace {

std::string name_of(const std::string& end)
{
    return end.substr(0, end.find(':'));
}

EndpointText endpoint(const std::string& end)
{
    const std::size_t colon = end.find(':');
    return {name_of(end), colon == std::string::npos ? "" : end.substr(colon + 1)};
}

/// `asked` is `there`, or a port of the external that stands `there` without one.
bool is_end(const std::string& asked, const std::string& there)
{
    return asked == there || (there.find(':') == std::string::npos && asked.starts_with(there + ":"));
}

bool is_link(const PortLink& asked, const PortLink& there)
{
    return is_end(asked.from, there.from) && is_end(asked.to, there.to);
}

const PortLink* find_in(const std::vector<PortLink>& asked, const PortLink& there)
{
    const auto found = std::ranges::find_if(asked, [&](const PortLink& link) { return is_link(link, there); });
    return found == asked.end() ? nullptr : &*found;
}

/// `_FL` of `mix:main_FL`.
std::string position_of(const std::string& end)
{
    const std::size_t bar = end.rfind('_');
    return bar == std::string::npos ? "" : end.substr(bar);
}

std::string text_of(const PortLink& link)
{
    return link.from + " -> " + link.to;
}

/// The ends of a chain as they are written, each with where it begins and ends.
std::vector<std::pair<std::size_t, std::size_t>> ends_in(const std::string& chain)
{
    constexpr std::string_view arrow = "->";
    std::vector<std::pair<std::size_t, std::size_t>> ends;
    for (std::size_t from = 0; from <= chain.size();) {
        const std::size_t to = std::min(chain.find(arrow, from), chain.size());
        const std::size_t first = chain.find_first_not_of(" \t\n", from);
        ends.emplace_back(first, chain.find_last_not_of(" \t\n", to - 1) + 1);
        from = to + arrow.size();
    }
    return ends;
}

/// The end of what is left of a link with an external, from how another channel of it was cut: `speakers:playback_FL` at FL is
/// `speakers:playback_FR` at FR. Nothing where nobody can tell.
std::optional<std::string> beside(const std::string& external_end, const std::string& cut_port, const std::string& port)
{
    const std::string cut_position = position_of(cut_port);
    if (external_end.find(':') == std::string::npos || cut_position.empty() || !external_end.ends_with(cut_position)) return std::nullopt;
    return external_end.substr(0, external_end.size() - cut_position.size()) + position_of(port);
}

}  // namespace

bool meets(const std::vector<PortLink>& asked, const PortLink& there)
{
    return find_in(asked, there) != nullptr;
}

LinkCutter::LinkCutter(const Preset& preset) : preset_(preset), links_(port_links(preset))
{
    scratch_.nodes = preset.nodes;
    scratch_.externals = preset.externals;
    auto link = links_.begin();
    const auto add = [&](const Mark& mark, std::size_t count) {
        for (; count > 0; --count, ++link) said_[{mark, name_of(link->from), name_of(link->to)}].push_back(*link);
    };
    for (const Mark& mark : preset.wire_marks) add(mark, 1);
    for (std::size_t i = 0; i < preset.outer_link_marks.size(); ++i) add(preset.outer_link_marks[i], preset.graph.outer_links[i].layout.size());
}

Expected<std::vector<PortLink>> LinkCutter::meant(const PortLink& link)
{
    Report report;
    std::vector<LinkText> texts{{endpoint(link.from), endpoint(link.to)}};
    find_names(texts, scratch_);
    scratch_.graph = {};
    resolve_links(scratch_, texts, std::vector<bool>(scratch_.nodes.size(), false), report);
    if (!report.errors().empty()) return tl::unexpected(report.errors().front());
    return port_links(scratch_);
}

bool LinkCutter::has(const PortLink& link) const
{
    return std::ranges::any_of(links_, [&](const PortLink& there) { return is_link(link, there); });
}

Expected<std::vector<std::string>> LinkCutter::without(const std::vector<PortLink>& cut, const YamlNode& item)
{
    YamlNode list;
    list.what = YamlNode::What::list;
    list.items.push_back(item);
    Report report;
    const std::vector<LinkText> links = read_links(list, report);
    const auto ends = ends_in(item.scalar);
    std::vector<std::string> texts;
    std::size_t first = 0;   // of the part that goes on
    const auto finish = [&](std::size_t last) {
        if (last > first) texts.push_back(item.scalar.substr(ends[first].first, ends[last].second - ends[first].first));
    };
    for (std::size_t i = 0; i < links.size(); ++i) {
        const auto& said = said_[{links[i].from.mark, links[i].from.name, links[i].to.name}];
        if (std::ranges::none_of(said, [&](const PortLink& link) { return meets(cut, link); })) continue;
        finish(i);
        first = i + 1;
        auto rest = explicit_rest(said, cut);
        if (!rest) return tl::unexpected(std::move(rest.error()));
        std::ranges::move(*rest, std::back_inserter(texts));
    }
    finish(links.size());
    return texts;
}

Expected<std::vector<std::string>> LinkCutter::explicit_rest(const std::vector<PortLink>& links, const std::vector<PortLink>& cut) const
{
    std::vector<PortLink> rest;
    const PortLink* gone = nullptr;        // one of the cut ones, as it was asked for, and as it is there
    const PortLink* gone_there = nullptr;
    for (const PortLink& link : links) {
        const PortLink* asked = find_in(cut, link);
        if (asked == nullptr) rest.push_back(link);
        else std::tie(gone, gone_there) = std::pair(asked, &link);
    }
    std::vector<std::string> texts;
    for (PortLink& link : rest) {
        const bool inward = link.from.find(':') == std::string::npos;
        const bool outward = link.to.find(':') == std::string::npos;
        if (inward || outward) {
            const auto named = inward ? beside(gone->from, gone_there->to, link.to) : beside(gone->to, gone_there->from, link.from);
            if (!named) return failure("what is left of the link " + text_of(*gone_there) + " cannot be written: name the external's ports in the preset");
            (inward ? link.from : link.to) = *named;
        }
        texts.push_back(text_of(link));
    }
    return texts;
}

LinkCutter::End LinkCutter::find_end(const std::string& text, bool output) const
{
    End end{.name = name_of(text), .whole = name_of(text)};
    const auto node = std::ranges::find(preset_.nodes, end.name, &NodeModel::name);
    if (node == preset_.nodes.end()) return end;
    const auto& groups = output ? node->ports.outputs : node->ports.inputs;
    for (const PortGroup& group : groups)
        for (std::size_t channel = 0; channel < group.layout.size(); ++channel) {
            if (end.name + ":" + group.name + "_" + std::string(to_string(group.layout[channel])) != text) continue;
            end.group = &group;
            end.channel = channel;
            const bool is_default = &group == groups.data() && (output || groups.size() == 1);
            if (!is_default) end.whole += ":" + group.name;
        }
    return end;
}

/// True where these links, and those that are there, are all that a link of the two whole groups would be.
bool LinkCutter::is_whole(const std::vector<PortLink>& links, const End& from, const End& to) const
{
    const auto port = [](const End& end, std::size_t channel) {
        return end.name + ":" + end.group->name + "_" + std::string(to_string(end.group->layout[channel]));
    };
    const auto is_there = [&](const PortLink& link) { return std::ranges::find(links, link) != links.end() || has(link); };
    if (from.group == nullptr || to.group == nullptr) {
        const End& ours = from.group == nullptr ? to : from;
        for (std::size_t channel = 0; channel < ours.group->layout.size(); ++channel) {
            const std::string end = port(ours, channel);
            const bool found = std::ranges::any_of(links, [&](const PortLink& link) {
                const std::string& external = from.group == nullptr ? link.from : link.to;
                const bool pairs = external.find(':') == std::string::npos || position_of(external) == position_of(end);
                return (from.group == nullptr ? link.to : link.from) == end && name_of(external) == (from.group == nullptr ? from : to).name && pairs;
            });
            if (!found) return false;
        }
        return true;
    }
    const auto pairs = graph::pair_channels(from.group->layout, to.group->layout);
    if (!pairs) return false;
    const std::pair<std::size_t, std::size_t> own{from.channel, to.channel};
    return std::ranges::find(*pairs, own) != pairs->end() &&
           std::ranges::all_of(*pairs, [&](const auto& pair) { return is_there({port(from, pair.first), port(to, pair.second)}); });
}

std::vector<std::string> LinkCutter::texts_of(const std::vector<PortLink>& links) const
{
    std::vector<PortLink> added;
    std::ranges::copy_if(links, std::back_inserter(added), [&](const PortLink& link) { return !has(link); });
    std::vector<std::string> texts;
    for (const PortLink& link : added) {
        const End from = find_end(link.from, true);
        const End to = find_end(link.to, false);
        const std::string text = is_whole(added, from, to) ? from.whole + " -> " + to.whole : text_of(link);
        if (std::ranges::find(texts, text) == texts.end()) texts.push_back(text);
    }
    return texts;
}

}  // namespace stemwire::preset
