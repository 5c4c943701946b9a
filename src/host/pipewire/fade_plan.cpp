// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/fade_plan.hpp"

#include <algorithm>

namespace stemwire::host {

FadePlan plan_fades(const std::vector<PendingLink>& pending, const Registry& registry, const std::function<bool(const std::string&)>& ours)
{
    std::set<std::pair<GlobalId, GlobalId>> changing;
    for (const PendingLink& link : pending) changing.emplace(link.output_port, link.input_port);
    std::set<GlobalId> heard;  // outputs with links that stay
    for (const auto& [ends, count] : registry.links())
        if (!changing.contains(ends)) heard.insert(ends.first);
    FadePlan plan;
    for (const PendingLink& link : pending) {
        const bool from_us = ours(link.from);
        if (from_us && !heard.contains(link.output_port)) plan.outputs.insert(link.from);
        else if (ours(link.to)) plan.inputs.insert(link.to);
        else if (from_us) plan.outputs.insert(link.from);
    }
    return plan;
}

}  // namespace stemwire::host
