// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/jack/jack_graph.hpp"

#include <algorithm>
#include <cerrno>

namespace stemwire::host {

namespace {

using namespace std::chrono_literals;

/// While the server stands still, nothing fades.
constexpr auto cycle_patience = 200ms;
/// A library may tell of a change before its answers show it.
constexpr auto look_again = 1s;
/// A server may play a new order of clients a cycle late.
constexpr std::uint32_t cycles_to_take_effect = 2;

}  // namespace

JackGraph::JackGraph(Parts parts, std::unique_ptr<JackClient> watcher) : parts_(std::move(parts)), watcher_(std::move(watcher)) {}

JackGraph::~JackGraph()
{
    if (parts_.one_client) watcher_->end();
}

Expected<std::unique_ptr<JackGraph>> JackGraph::open(Parts parts)
{
    const auto role = parts.one_client ? JackClient::Role::both : JackClient::Role::watches;
    auto watcher = JackClient::open(parts.session, role, parts.shared);
    if (!watcher) return tl::unexpected(watcher.error());
    if (auto active = (*watcher)->activate(); !active) return tl::unexpected(active.error());
    return std::unique_ptr<JackGraph>(new JackGraph(std::move(parts), std::move(*watcher)));
}

Expected<void> JackGraph::update(Wanted wanted)
{
    std::vector<std::string> fresh;
    for (const HostedNode& hosted : wanted.nodes) {
        if (!nodes_.contains(hosted.graph_name)) fresh.push_back(hosted.graph_name);
        const auto up = put_up(hosted);
        if (up) continue;
        for (const std::string& name : fresh) nodes_.erase(name);
        stale_ = true;
        return up;
    }
    wanted_ = std::move(wanted);
    stale_ = true;
    reconcile();
    return {};
}

Expected<void> JackGraph::put_up(const HostedNode& hosted)
{
    if (const auto found = nodes_.find(hosted.graph_name); found != nodes_.end()) return found->second->grow(hosted);
    JackClient* common = parts_.one_client ? watcher_.get() : nullptr;
    auto node = JackNode::make(hosted, common, parts_.shared, !built_);
    if (!node) return tl::unexpected(node.error());
    if (common == nullptr) {
        auto roster = std::make_unique<JackRoster>();
        roster->shifts.push_back((*node)->shift(hosted));
        (*node)->client().set_roster(std::move(roster));
        (*node)->client().set_latencies(std::make_shared<JackLatencies>(JackLatencies{{(*node)->latencies(hosted)}}));
        if (auto active = (*node)->client().activate(); !active) return active;
    }
    nodes_[hosted.graph_name] = std::move(*node);
    return {};
}

PortMap JackGraph::read() const
{
    std::vector<jack_port_t*> ours;
    for (const auto& [name, node] : nodes_)
        for (const auto& port : node->ports()) ours.push_back(port->handle());
    const std::uint64_t unregistered = parts_.shared.news.unregistered;
    PortMap map = read_ports(parts_.shared.jack, watcher_->handle(), ours);
    map.unregistered = unregistered;
    return map;
}

void JackGraph::reconcile()
{
    if (passage_ || wanted_.nodes.size() > nodes_.size()) return;
    looked_ = LinkBook::Clock::now();
    PortMap map = read();
    links_of_others_.clear();
    for (const LinkKey& link : wanted_.made_by_others)
        links_of_others_.push_back({link.first, link.second, map.links.erase(link) > 0 ? LinkState::made : LinkState::waiting});
    const auto physical = std::ranges::find_if(map.ports, &ServerPort::is_physical);
    driver_ = physical != map.ports.end() ? std::string(physical->client()) : "";
    std::vector<OwnPorts> own;
    for (const HostedNode& hosted : wanted_.nodes) own.push_back(nodes_.at(hosted.graph_name)->names(hosted));
    const LinkWishes wishes = wish_links(own, wanted_.externals, wanted_.graph, map);
    tell(wishes.notes);
    auto changes = parts_.book.plan(wishes.links, map, wanted_.policy);
    if (built_) {
        if (stale_ || !changes.empty()) begin_passage(std::move(changes), map);
        return;
    }
    if (stale_) assign();
    execute(changes);
    built_ = changes.empty() && parts_.book.complete() && std::ranges::all_of(map.ours, [&](const std::string& name) { return map.has(name); });
}

void JackGraph::tell(const std::vector<std::string>& notes)
{
    for (const std::string& note : notes)
        if (!told_.contains(note)) parts_.say(note);
    told_ = {notes.begin(), notes.end()};
}

void JackGraph::execute(const std::vector<LinkBook::Change>& changes)
{
    const Libjack& jack = parts_.shared.jack;
    for (const LinkBook::Change& change : changes) {
        const auto& [from, to] = change.link;
        const int result = change.connect ? jack.connect(watcher_->handle(), from.c_str(), to.c_str()) : jack.disconnect(watcher_->handle(), from.c_str(), to.c_str());
        if (result != 0 && result != EEXIST) parts_.book.refused(change);
    }
    if (!changes.empty()) parts_.shared.news.changed = true;
}

/// Tells the data loop and the latency callbacks what the nodes are to do.
void JackGraph::assign()
{
    auto roster = std::make_unique<JackRoster>();
    auto latencies = std::make_shared<JackLatencies>();
    for (const std::uint32_t index : graph::processing_order(wanted_.graph)) {
        const HostedNode& hosted = wanted_.nodes[index];
        const JackNode& node = *nodes_.at(hosted.graph_name);
        roster->shifts.push_back(node.shift(hosted));
        latencies->nodes.push_back(node.latencies(hosted));
        if (parts_.one_client) continue;
        node.client().set_roster(std::exchange(roster, std::make_unique<JackRoster>()));
        node.client().set_latencies(std::exchange(latencies, std::make_shared<JackLatencies>()));
    }
    if (parts_.one_client) {
        watcher_->set_roster(std::move(roster));
        watcher_->set_latencies(std::move(latencies));
    }
    stale_ = false;
}

void JackGraph::answer_latencies()
{
    watcher_->answer_latencies();
    if (parts_.one_client) return;
    for (const auto& [name, node] : nodes_) node->client().answer_latencies();
}

std::shared_ptr<JackPort> JackGraph::find(const std::string& name) const
{
    for (const auto& [node_name, node] : nodes_)
        for (auto& port : node->ports())
            if (port->name() == name) return port;
    return nullptr;
}

const HostedNode* JackGraph::wanted(const std::string& name) const
{
    const auto found = std::ranges::find(wanted_.nodes, name, &HostedNode::graph_name);
    return found != wanted_.nodes.end() ? &*found : nullptr;
}

void JackGraph::begin_passage(std::vector<LinkBook::Change> changes, const PortMap& map)
{
    passage_.emplace(Passage{std::move(changes), {}});
    for (const LinkBook::Change& change : passage_->changes) close_for(change, map);
    for (const auto& [name, node] : nodes_) {
        const HostedNode* hosted = wanted(name);
        for (auto& port : hosted != nullptr ? node->ports_beyond(*hosted) : node->ports()) passage_->closing.insert(port);
    }
    for (const auto& port : passage_->closing) port->gate().set_open(false);
}

/// Our output where nothing else hears it, else our input, else, for a moment, all that hear the output.
void JackGraph::close_for(const LinkBook::Change& change, const PortMap& map)
{
    const auto output = find(change.link.first);
    const auto input = find(change.link.second);
    const bool heard_elsewhere = std::ranges::any_of(map.links, [&](const LinkKey& link) {
        return link.first == change.link.first && std::ranges::find(passage_->changes, link, &LinkBook::Change::link) == passage_->changes.end();
    });
    if (output && (!input || !heard_elsewhere)) passage_->closing.insert(output);
    else if (input) passage_->closing.insert(input);
}

void JackGraph::advance_passage()
{
    const bool patient = LinkBook::Clock::now() - passage_->since < cycle_patience;
    if (passage_->changed_at) {
        const Frames effective = *passage_->changed_at + cycles_to_take_effect * parts_.shared.news.quantum.load();
        if (parts_.shared.clock.end() >= effective || !patient) end_passage();
        return;
    }
    const bool silent = std::ranges::all_of(passage_->closing, [](const auto& port) { return port->gate().closed(); });
    if (!silent && patient) return;
    execute(passage_->changes);
    if (stale_) assign();
    passage_->changed_at = parts_.shared.clock.end();
    passage_->since = LinkBook::Clock::now();
}

void JackGraph::end_passage()
{
    passage_.reset();
    std::erase_if(nodes_, [&](const auto& entry) { return wanted(entry.first) == nullptr; });
    for (const auto& [name, node] : nodes_) {
        node->shrink(*wanted(name));
        for (const auto& port : node->ports()) port->gate().set_open(true);
    }
    reconcile();
}

void JackGraph::tick()
{
    watcher_->collect();
    for (const auto& [name, node] : nodes_) node->client().collect();
    if (passage_) advance_passage();
    else if (parts_.book.waiting() || !built_ || stale_ || LinkBook::Clock::now() - looked_ >= look_again) reconcile();
}

bool JackGraph::settled() const
{
    const auto plays = [](const auto& entry) {
        return entry.second->cycles() > 0 && std::ranges::all_of(entry.second->ports(), [](const auto& port) { return port->gate().settled(); });
    };
    return built_ && !stale_ && !passage_ && parts_.book.complete() && !parts_.shared.news.changed && std::ranges::all_of(nodes_, plays);
}

std::vector<bool> JackGraph::running() const
{
    std::vector<bool> running;
    for (const HostedNode& hosted : wanted_.nodes) {
        const auto node = nodes_.find(hosted.graph_name);
        running.push_back(node != nodes_.end() && node->second->cycles() > 0);
    }
    return running;
}

}  // namespace stemwire::host
