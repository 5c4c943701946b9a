// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/hosted_graph.hpp"

#include <algorithm>

namespace stemwire::host {

namespace {

using namespace std::chrono_literals;

/// Ports that are put on the graph at a time. One brings about 1.7 KiB from the server (measured), and 0.3.65 loses file descriptors
/// where more than 32 KiB come in one burst: decision 0010.
constexpr std::size_t ports_per_round_trip = 12;
/// A link that cannot be made must not keep the others from running.
constexpr auto stage_patience = 3s;
/// The first attempt restarts the node alone; if that does not help, all are linked anew while idle.
constexpr int attempts_before_rewire = 2;
constexpr int attempts_to_tell = 4;

}  // namespace

HostedGraph::HostedGraph(Parts parts, FilterNode::Shared shared, const Registry& registry, std::function<void(const std::string&)> say)
    : parts_(std::move(parts)), shared_(std::move(shared)), registry_(registry), say_(std::move(say)),
      linker_(shared_.connection, shared_.changed, say_), watchdog_(parts_.graph)
{
}

Expected<void> HostedGraph::create()
{
    std::size_t ports = 0;
    for (const HostedNode& node : parts_.nodes) {
        const std::size_t more = channel_count(node.runner->ports().inputs) + channel_count(node.runner->ports().outputs);
        if (ports + more > ports_per_round_trip) {
            if (auto done = shared_.connection.round_trip(); !done) return done;
            ports = 0;
        }
        ports += more;
        auto filter = FilterNode::make(node, shared_);
        if (!filter) return tl::unexpected(filter.error());
        filters_.push_back(std::move(*filter));
    }
    return shared_.connection.round_trip();
}

std::vector<OwnNode> HostedGraph::own_nodes() const
{
    std::vector<OwnNode> nodes;
    for (std::size_t index = 0; index < parts_.nodes.size(); ++index) {
        const HostedNode& node = parts_.nodes[index];
        const auto id = index < filters_.size() && filters_[index] ? filters_[index]->id() : std::nullopt;
        nodes.push_back({node.graph_name, id, port_names(node.runner->ports().inputs), port_names(node.runner->ports().outputs)});
    }
    return nodes;
}

bool HostedGraph::all_ports_there(const std::vector<OwnNode>& nodes) const
{
    return std::ranges::all_of(nodes, [&](const OwnNode& node) {
        return node.id && registry_.ports(*node.id, true).size() == node.inputs.size() &&
               registry_.ports(*node.id, false).size() == node.outputs.size();
    });
}

void HostedGraph::reconcile()
{
    bool again = true;
    while (again) {
        const auto nodes = own_nodes();
        const WantedLinks wanted = wanted_links(nodes, parts_.externals, parts_.graph, registry_);
        linker_.reconcile(wanted.links, registry_);
        tell(wanted.notes);
        again = advance(nodes);
    }
}

bool HostedGraph::advance(const std::vector<OwnNode>& nodes)
{
    const bool late = Clock::now() - stage_began_ > stage_patience;
    switch (stage_) {
    case Stage::creating:
        if (!all_ports_there(nodes)) return false;
        linker_.set_scope(Linker::Scope::own);
        enter(Stage::wiring);
        return true;
    case Stage::wiring:
        if (!linker_.complete() && !late) return false;
        linker_.set_scope(Linker::Scope::all);
        enter(Stage::driving);
        return true;
    case Stage::driving:
        if (!linker_.complete() && !late) return false;
        for (const auto& filter : filters_)
            if (filter) filter->set_running(true);
        watchdog_.forgive();
        enter(Stage::running);
        return false;
    case Stage::running: break;
    }
    return false;
}

void HostedGraph::enter(Stage stage)
{
    stage_ = stage;
    stage_began_ = Clock::now();
}

void HostedGraph::tell(const std::vector<std::string>& notes)
{
    for (const std::string& note : notes)
        if (!told_.contains(note)) say_(note);
    told_ = {notes.begin(), notes.end()};
}

void HostedGraph::look_after()
{
    if (!built()) return;
    std::vector<Watchdog::Beat> beats;
    for (const auto& filter : filters_) beats.push_back(filter ? Watchdog::Beat{filter->cycles(), filter->driver_time()} : Watchdog::Beat{});
    const auto stalled = watchdog_.check(beats);
    if (stalled.empty()) return;
    bool hopeless = false;
    for (const std::uint32_t node : stalled) {
        hopeless |= watchdog_.attempts(node) + 1 >= attempts_before_rewire;
        restart(node);
    }
    if (hopeless) rewire();
    reconcile();
}

void HostedGraph::restart(std::uint32_t node)
{
    const HostedNode& hosted = parts_.nodes[node];
    watchdog_.restarted(node);
    if (watchdog_.attempts(node) < attempts_to_tell) say_(hosted.graph_name + " stood still; starting it anew");
    else if (watchdog_.attempts(node) == attempts_to_tell) say_(hosted.graph_name + " stands still however often it is started anew; trying on");
    filters_[node].reset();
    auto filter = FilterNode::make(hosted, shared_);
    if (!filter) return say_(filter.error().message);
    (*filter)->set_running(true);
    filters_[node] = std::move(*filter);
}

void HostedGraph::rewire()
{
    for (const auto& filter : filters_)
        if (filter) filter->set_running(false);
    linker_.set_scope(Linker::Scope::none);
    enter(Stage::creating);
}

std::vector<bool> HostedGraph::running() const
{
    std::vector<bool> running;
    for (std::uint32_t node = 0; node < filters_.size(); ++node) running.push_back(watchdog_.runs(node));
    return running;
}

std::string HostedGraph::error() const
{
    for (std::size_t node = 0; node < filters_.size(); ++node)
        if (filters_[node] && !filters_[node]->error().empty()) return "node " + parts_.nodes[node].graph_name + ": " + filters_[node]->error();
    return "";
}

std::optional<pthread_t> HostedGraph::data_thread() const
{
    return filters_.empty() || !filters_.front() ? std::nullopt : filters_.front()->thread();
}

}  // namespace stemwire::host
