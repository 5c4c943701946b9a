// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/edit_plan.hpp"

#include <algorithm>

namespace stemwire::session {

namespace {

bool become_one_another(const Settings& from, const Settings& to);

/// True where live values are all that differs.
bool become_one_another(const Value& from, const Value& to)
{
    const bool same_shape = from.parameter == to.parameter && from.text == to.text && from.numbers == to.numbers && from.layout == to.layout && from.layouts == to.layouts;
    if (!same_shape || (!from.parameter->live && (from.number != to.number || from.gains != to.gains))) return false;
    const auto same_key = [](const auto& a, const auto& b) { return a.first == b.first; };
    if (!std::ranges::equal(from.gains, to.gains, same_key)) return false;
    return std::ranges::equal(from.records, to.records, [&](const auto& a, const auto& b) { return same_key(a, b) && become_one_another(a.second, b.second); });
}

bool become_one_another(const Settings& from, const Settings& to)
{
    return from.unit() == to.unit() && std::ranges::equal(from.values(), to.values(), [](const Value& a, const Value& b) { return become_one_another(a, b); });
}

bool has_same_ports(const preset::NodeModel& a, const preset::NodeModel& b)
{
    return a.ports.inputs == b.ports.inputs && a.ports.outputs == b.ports.outputs;
}

}  // namespace

std::vector<NodeOrigin> origins_of(const preset::Preset& playing, const preset::Preset& next)
{
    std::vector<NodeOrigin> origins;
    for (const preset::NodeModel& node : next.nodes) {
        const auto old = std::ranges::find_if(playing.nodes, [&](const preset::NodeModel& each) { return each.name == node.name && each.type == node.type; });
        NodeOrigin& origin = origins.emplace_back();
        if (old == playing.nodes.end()) continue;
        origin.old = static_cast<std::uint32_t>(old - playing.nodes.begin());
        origin.rebuild = old->isolate != node.isolate || !has_same_ports(*old, node) || !become_one_another(old->settings, node.settings);
    }
    return origins;
}

std::vector<std::string> fixed_while_running(const preset::Preset& playing, const preset::Preset& next)
{
    std::vector<std::string> messages;
    const auto check = [&](const char* what, bool same) {
        if (!same) messages.push_back(std::string(what) + " cannot change while it plays; it will at the next start");
    };
    check("name", playing.name == next.name);
    check("rate", playing.rate_hz == next.rate_hz);
    check("quantum", playing.quantum == next.quantum);
    check("transport.follow", playing.transport.follow == next.transport.follow);
    return messages;
}

}  // namespace stemwire::session
