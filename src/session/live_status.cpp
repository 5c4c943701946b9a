// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/live_status.hpp"

#include <algorithm>

#include "session/shared/stand_in_node.hpp"

namespace stemwire::session {

namespace {

host::HostedExternal hosted_external(const preset::ExternalModel& model)
{
    using Model = preset::ExternalModel::What;
    using Hosted = host::HostedExternal::What;
    const Hosted what = model.what == Model::default_sink ? Hosted::default_sink : model.what == Model::default_source ? Hosted::default_source : Hosted::pattern;
    return {model.name, what, model.node_glob, model.port_glob};
}

std::string_view to_string(host::LinkState state)
{
    switch (state) {
    case host::LinkState::waiting: return "waiting";
    case host::LinkState::made: return "made";
    case host::LinkState::cut: return "cut";
    case host::LinkState::drawn: break;
    }
    return "drawn";
}

NodeStatus node_status(const host::NodeRunner& runner, const preset::NodeModel& model, std::uint32_t latency, bool running)
{
    NodeStatus status;
    status.name = model.name;
    status.type = model.type->name;
    status.state = running ? "running" : "waiting";
    const host::Load load = runner.load();
    status.load_mean_us = load.mean_us;
    status.load_worst_us = load.worst_us;
    status.cycles = load.cycles;
    const Node& node = runner.node();
    status.latency_frames = latency;
    status.buffer_seconds = node.buffered_seconds();
    if (status.buffer_seconds || node.missing_frames() > 0) status.missing_frames = node.missing_frames();
    if (const auto* stand_in = dynamic_cast<const StandInNode*>(&node)) stand_in->tell(status);
    return status;
}

/// Frames that nodes of one kind have missed, and which nodes.
struct Missed {
    std::uint64_t frames = 0;
    std::string names;

    void add(const std::string& name, std::uint64_t more)
    {
        if (more == 0) return;
        frames += more;
        names += (names.empty() ? "" : ", ") + name;
    }
    [[nodiscard]] std::string text(const std::string& what) const
    {
        return frames == 0 ? "" : ", " + what + " (" + names + "): " + std::to_string(frames);
    }
};

}  // namespace

host::Wanted wanted_graph(const Instance& instance, const HostedGraph& hosted, const std::string& name)
{
    host::Wanted wanted;
    wanted.graph = hosted.graph;
    for (std::size_t index = 0; index < hosted.units.size(); ++index) {
        const HostedUnit& unit = hosted.units[index];
        host::HostedNode node{.graph_name = name + "." + unit.name, .description = name + " " + unit.name, .runner = unit.runner,
                              .latency = hosted.graph.nodes[index].latency, .inputs = unit.inputs, .outputs = unit.outputs, .parameters = {}};
        const bool alone = unit.runner == instance.shared_runners()[unit.members.front()];
        for (const std::uint32_t member : unit.members) {
            host::NodeRunner& runner = *instance.runners()[member];
            node.parameters.push_back({alone ? "" : runner.name() + ".", &runner.node().live()});
        }
        wanted.nodes.push_back(std::move(node));
    }
    for (const preset::ExternalModel& model : instance.preset().externals) wanted.externals.push_back(hosted_external(model));
    for (const std::string& companion : hosted.companions)
        wanted.externals.push_back({companion, host::HostedExternal::What::pattern, name + "." + companion, "*"});
    for (const auto& [from, to] : hosted.to_companions) wanted.made_by_others.emplace_back(name + "." + from, name + "." + to);
    wanted.policy = instance.preset().link_policy == preset::LinkPolicy::enforce ? host::LinkPolicy::enforce : host::LinkPolicy::keep;
    return wanted;
}

std::string parameter_address(const HostedGraph& hosted, const std::string& name, const std::string& graph_name, const std::string& address)
{
    const auto unit = std::ranges::find_if(hosted.units, [&](const HostedUnit& each) { return name + "." + each.name == graph_name; });
    const bool fused = unit != hosted.units.end() && std::ranges::find(hosted.fused, unit->name, &host::FusedRunner::name) != hosted.fused.end();
    return unit == hosted.units.end() || fused ? address : unit->name + "." + address;
}

SessionStatus live_status(const Instance& instance, const HostedGraph& hosted, const host::LiveHost& host)
{
    SessionStatus status;
    status.preset = instance.preset().path;
    status.backend = host.backend();
    const host::ServerInfo server = host.server();
    status.server = server.version.empty() ? server.name : server.name + " " + server.version;
    status.rate_hz = server.rate_hz;
    status.quantum = server.quantum;
    status.xruns = host.xruns();
    status.missing_frames = instance.missing_frames();
    if (const auto end = instance.end(); end && *end != endless) status.end_seconds = static_cast<double>(*end) / instance.rate_hz();
    const std::vector<bool> running = host.running();
    std::vector<bool> node_runs(instance.runners().size(), false);
    for (std::size_t unit = 0; unit < hosted.units.size(); ++unit)
        for (const std::uint32_t member : hosted.units[unit].members) node_runs[member] = unit < running.size() && running[unit];
    for (std::size_t index = 0; index < node_runs.size(); ++index)
        status.nodes.push_back(node_status(*instance.runners()[index], instance.preset().nodes[index], instance.graph().nodes[index].latency, node_runs[index]));
    for (const host::LinkStatus& link : host.links()) status.links.push_back({link.from, link.to, std::string(to_string(link.state))});
    return status;
}

std::string missed_frames(const Instance& instance)
{
    Missed decoded;
    Missed recorded;
    Missed offloaded;
    Missed isolated;
    for (const host::NodeRunner* runner : instance.runners()) {
        const Node& node = runner->node();
        const bool elsewhere = dynamic_cast<const StandInNode*>(&node) != nullptr;
        Missed& missed = node.buffered_seconds() ? decoded : runner->ports().outputs.empty() ? recorded : elsewhere ? isolated : offloaded;
        missed.add(runner->name(), node.missing_frames());
    }
    return "frames that were not decoded in time: " + std::to_string(decoded.frames) + offloaded.text("not worked out in time by a thread of its own") +
           isolated.text("not worked out in time by a process of its own") + recorded.text("not recorded");
}

std::string not_ready(const Instance& instance, const HostedGraph& hosted, const host::LiveHost& host, Epoch epoch)
{
    std::string names;
    const auto add = [&](const std::string& name) { names += (names.empty() ? "" : ", ") + name; };
    const auto running = host.running();
    for (std::size_t index = 0; index < running.size(); ++index)
        if (!running[index]) add(hosted.units[index].name);
    for (const host::NodeRunner* runner : instance.runners()) {
        const bool elsewhere = dynamic_cast<const StandInNode*>(&runner->node()) != nullptr;
        if (!runner->node().cued(epoch)) add(runner->name() + (elsewhere ? " (its process is not ready)" : " (still decoding)"));
    }
    for (const host::LinkStatus& link : host.links())
        if (link.state == host::LinkState::waiting) add(link.from + " -> " + link.to);
    return names.empty() ? "waiting longer" : names;
}

}  // namespace stemwire::session
