// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/foreign_links.hpp"

#include <algorithm>

namespace stemwire::host {

namespace {

using namespace std::chrono_literals;

constexpr auto first_pause = 100ms;
constexpr auto longest_pause = 5s;
/// Who has let go for as long does not fight.
constexpr auto peace = 10s;
constexpr int attempts_before_message = 4;

}  // namespace

void ForeignLinks::remember(const std::set<LinkName>& drawn)
{
    for (const LinkName& name : drawn) drawn_.try_emplace(name);
}

std::set<LinkName> ForeignLinks::drawn() const
{
    std::set<LinkName> names;
    for (const auto& [name, drawn] : drawn_) names.insert(name);
    return names;
}

void ForeignLinks::reconcile(const std::set<GlobalId>& ours, const std::set<LinkEnds>& known, LinkPolicy policy, Registry& registry, Clock::time_point now)
{
    retrying_ = false;
    std::erase_if(fights_, [&](const auto& fight) { return now > fight.second.next_try + peace; });
    if (policy == LinkPolicy::enforce) drawn_.clear();
    for (auto& [name, drawn] : drawn_) drawn.there = false;
    const std::vector<LinkEnds> all = registry.all_links();
    for (const LinkEnds& ends : all)
        if (!known.contains(ends) && (ours.contains(registry.node_of(ends.first)) || ours.contains(registry.node_of(ends.second)))) meet(ends, policy, registry, now);
    for (auto entry = drawn_.begin(); entry != drawn_.end();)
        entry = !entry->second.there && follow(entry->first, entry->second, registry) ? drawn_.erase(entry) : std::next(entry);
}

void ForeignLinks::meet(const LinkEnds& ends, LinkPolicy policy, Registry& registry, Clock::time_point now)
{
    const LinkName name{registry.port_name(ends.first), registry.port_name(ends.second)};
    if (name.first.empty() || name.second.empty()) return;
    if (policy == LinkPolicy::enforce) return remove(name, ends, registry, now);
    Drawn& drawn = drawn_[name];
    drawn.ends = ends;
    drawn.there = true;
    drawn.vanished = false;
    drawn.proxy.reset();
}

void ForeignLinks::remove(const LinkName& name, const LinkEnds& ends, Registry& registry, Clock::time_point now)
{
    Fight& fight = fights_[name];
    retrying_ = true;
    if (now < fight.next_try) return;
    fight.next_try = now + std::min<Clock::duration>(first_pause * (1 << std::min(fight.attempts, 10)), longest_pause);
    const std::string text = name.first + " -> " + name.second;
    if (fight.attempts++ == 0) say_("took away the link " + text + ", which the preset does not have");
    else if (fight.attempts == attempts_before_message) say_("somebody makes the link " + text + " again and again; taking it away less and less often");
    registry.destroy_links(ends);
}

bool ForeignLinks::follow(const LinkName& name, Drawn& drawn, const Registry& registry)
{
    const auto output = registry.find_port(name.first, false);
    const auto input = registry.find_port(name.second, true);
    if (!output || !input) {
        drawn.ends = {SPA_ID_INVALID, SPA_ID_INVALID};
        drawn.vanished = false;
        drawn.proxy.reset();
        return false;
    }
    const bool same = drawn.ends == LinkEnds{*output, *input};
    if (same && drawn.proxy) return drawn.proxy->refused();
    if (same && !drawn.vanished) {
        // When a port goes away its links are announced first.
        drawn.vanished = true;
        drawn.ticket = connection_.sync();
        return false;
    }
    if (same) return connection_.synced(drawn.ticket);
    drawn.ends = {*output, *input};
    drawn.proxy = LinkProxy::make(connection_.core(), *output, *input, {.passive = false, .linger = true}, changed_);
    return false;
}

std::vector<LinkStatus> ForeignLinks::status() const
{
    std::vector<LinkStatus> links;
    for (const auto& [name, drawn] : drawn_)
        if (drawn.there) links.push_back({name.first, name.second, LinkState::drawn});
    return links;
}

}  // namespace stemwire::host
