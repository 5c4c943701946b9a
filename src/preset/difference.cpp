// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/difference.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "stemwire/live.hpp"

namespace stemwire::preset {

namespace {

/// Values of names, which may stand in any order.
bool same_names(std::vector<std::pair<std::string, double>> from, std::vector<std::pair<std::string, double>> to, bool values_too)
{
    std::ranges::sort(from);
    std::ranges::sort(to);
    return std::ranges::equal(from, to, [&](const auto& a, const auto& b) { return a.first == b.first && (!values_too || a.second == b.second); });
}

bool same_but_live(const Settings& from, const Settings& to);

/// True where live numbers are all that may differ, so that one can become the other while it plays.
bool same_but_live(const Value& from, const Value& to)
{
    const bool live = from.parameter->live;
    // Whether a value was given at all may mean something, but for a live number: nobody can tell it from its default.
    if (!live && (from.number != to.number || from.given != to.given)) return false;
    if (from.text != to.text || from.layout != to.layout || from.numbers != to.numbers || from.layouts != to.layouts) return false;
    if (!same_names(from.gains, to.gains, !live)) return false;
    return std::ranges::equal(from.records, to.records,
                              [](const auto& a, const auto& b) { return a.first == b.first && same_but_live(a.second, b.second); });
}

bool same_but_live(const Settings& from, const Settings& to)
{
    return from.table().data() == to.table().data() && from.unit() == to.unit() &&
           std::ranges::equal(from.values(), to.values(), [](const Value& a, const Value& b) { return same_but_live(a, b); });
}

std::vector<LiveChange> live_changes(const Settings& from, const Settings& to)
{
    const LiveParameters old_values(from);
    const LiveParameters new_values(to);
    std::map<std::string, double> before;
    for (const LiveValue& value : old_values.all()) before.emplace(value.address(), value.get());
    std::vector<LiveChange> changes;
    for (const LiveValue& value : new_values.all())
        if (before.at(value.address()) != value.get()) changes.push_back({value.address(), value.get()});
    return changes;
}

NodeChange node_change(const NodeModel& from, const NodeModel& to, std::uint32_t old)
{
    NodeChange change{.name = to.name, .old = old};
    change.rebuild = from.isolate != to.isolate || from.ports != to.ports || from.files != to.files || !same_but_live(from.settings, to.settings);
    if (!change.rebuild) change.live = live_changes(from.settings, to.settings);
    return change;
}

void compare_nodes(const Preset& from, const Preset& to, Difference& difference)
{
    std::map<std::string_view, std::uint32_t> gone;
    for (std::uint32_t index = 0; index < from.nodes.size(); ++index) gone.emplace(from.nodes[index].name, index);
    for (const NodeModel& node : to.nodes) {
        const auto old = gone.find(node.name);
        if (old == gone.end() || from.nodes[old->second].type != node.type) {
            difference.nodes.push_back({.name = node.name, .old = std::nullopt});
            continue;
        }
        difference.nodes.push_back(node_change(from.nodes[old->second], node, old->second));
        gone.erase(old);
    }
    for (const NodeModel& node : from.nodes)
        if (gone.contains(node.name)) difference.removed.push_back(node.name);
}

/// What is in `items` and not in `others`, each once, in its order.
template <class Item>
std::vector<Item> without(const std::vector<Item>& items, const std::vector<Item>& others)
{
    std::set<Item> known(others.begin(), others.end());
    std::vector<Item> rest;
    std::ranges::copy_if(items, std::back_inserter(rest), [&](const Item& item) { return known.insert(item).second; });
    return rest;
}

bool is_same(const ExternalModel& a, const ExternalModel& b)
{
    return a.name == b.name && a.what == b.what && a.node_glob == b.node_glob && a.port_glob == b.port_glob;
}

void compare_externals(const Preset& from, const Preset& to, Difference& difference)
{
    const auto is_in = [](const std::vector<ExternalModel>& externals, const ExternalModel& external) {
        return std::ranges::any_of(externals, [&](const ExternalModel& each) { return is_same(each, external); });
    };
    for (const ExternalModel& external : to.externals)
        if (!is_in(from.externals, external)) difference.externals_added.push_back(external);
    for (const ExternalModel& external : from.externals)
        if (!is_in(to.externals, external)) difference.externals_removed.push_back(external.name);
}

/// The names of a preset's ports.
class PortNames {
public:
    explicit PortNames(const Preset& preset)
    {
        for (const NodeModel& node : preset.nodes) {
            outputs_.push_back(full_names(node.name, node.ports.outputs));
            inputs_.push_back(full_names(node.name, node.ports.inputs));
        }
    }

    [[nodiscard]] const std::string& output(std::uint32_t node, std::size_t port) const { return outputs_[node][port]; }
    [[nodiscard]] const std::string& input(std::uint32_t node, std::size_t port) const { return inputs_[node][port]; }
    [[nodiscard]] PortLink link(const graph::Wire& wire) const
    {
        return {output(wire.from.node, wire.from.port), input(wire.to.node, wire.to.port)};
    }

private:
    static std::vector<std::string> full_names(const std::string& node, std::span<const PortGroup> groups)
    {
        std::vector<std::string> names = port_names(groups);
        for (std::string& name : names) name.insert(0, node + ":");
        return names;
    }

    std::vector<std::vector<std::string>> outputs_;
    std::vector<std::vector<std::string>> inputs_;
};

std::vector<PortLink> late_links(const Preset& preset)
{
    const PortNames names(preset);
    std::vector<PortLink> late;
    for (const graph::Wire& wire : preset.graph.wires)
        if (wire.feedback) late.push_back(names.link(wire));
    std::ranges::sort(late);
    return late;
}

std::vector<FuseGroup> fuse_groups(const Preset& preset)
{
    std::vector<FuseGroup> groups;
    for (const FuseModel& model : preset.fused) {
        FuseGroup& group = groups.emplace_back(FuseGroup{model.name, {}});
        for (const std::uint32_t node : model.nodes) group.nodes.push_back(preset.nodes[node].name);
    }
    return groups;
}

void compare_fuse_groups(const Preset& from, const Preset& to, Difference& difference)
{
    const std::vector<FuseGroup> before = fuse_groups(from);
    const std::vector<FuseGroup> after = fuse_groups(to);
    difference.fuse_added = without(after, before);
    for (const FuseGroup& group : without(before, after)) difference.fuse_removed.push_back(group.name);
}

std::vector<std::string> fixed_while_running(const Preset& from, const Preset& to)
{
    std::vector<std::string> messages;
    const auto check = [&](const char* what, bool same) {
        if (!same) messages.push_back(std::string(what) + " cannot change while it plays; it will at the next start");
    };
    check("name", from.name == to.name);
    check("rate", from.rate_hz == to.rate_hz);
    check("quantum", from.quantum == to.quantum);
    return messages;
}

}  // namespace

bool Difference::empty() const noexcept
{
    const bool same_links = links_added.empty() && links_removed.empty() && !late && !policy;
    const bool same_rest = externals_added.empty() && externals_removed.empty() && fuse_added.empty() && fuse_removed.empty() && !transport;
    return same_links && same_rest && removed.empty() && std::ranges::all_of(nodes, &NodeChange::is_unchanged);
}

std::vector<PortLink> port_links(const Preset& preset)
{
    const PortNames names(preset);
    std::vector<PortLink> links;
    for (const graph::Wire& wire : preset.graph.wires) links.push_back(names.link(wire));
    for (const graph::OuterLink& link : preset.graph.outer_links) {
        const std::string external = preset.externals[link.external].name + (link.external_port.empty() ? "" : ":" + link.external_port);
        for (std::size_t port = link.first_port; port < link.first_port + link.layout.size(); ++port)
            links.push_back(link.outward ? PortLink{names.output(link.node, port), external} : PortLink{external, names.input(link.node, port)});
    }
    return links;
}

Difference difference(const Preset& from, const Preset& to)
{
    Difference difference;
    compare_nodes(from, to, difference);
    compare_externals(from, to, difference);
    const std::vector<PortLink> links_before = port_links(from);
    const std::vector<PortLink> links_after = port_links(to);
    difference.links_added = without(links_after, links_before);
    difference.links_removed = without(links_before, links_after);
    if (auto late = late_links(to); late != late_links(from)) difference.late = std::move(late);
    compare_fuse_groups(from, to, difference);
    difference.transport = from.transport != to.transport;
    difference.policy = from.link_policy != to.link_policy;
    difference.messages = fixed_while_running(from, to);
    return difference;
}

}  // namespace stemwire::preset
