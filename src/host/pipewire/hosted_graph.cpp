// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/hosted_graph.hpp"

#include <algorithm>
#include <utility>

#include "host/pipewire/external_ports.hpp"
#include "host/pipewire/fade_plan.hpp"
#include "host/pipewire/library.hpp"

namespace stemwire::host {

namespace {

using namespace std::chrono_literals;

/// Ports that are put on the graph at a time. One brings about 1.7 KiB from the server (measured), and 0.3.65 loses file descriptors
/// where more than 32 KiB come in one burst: decision 0010.
constexpr std::size_t ports_per_round_trip = 12;
/// A link that cannot be made must not keep the others from running.
constexpr auto stage_patience = 3s;
/// Gates move only while cycles run; a graph that stands still has nothing to fade.
constexpr auto fade_patience = 200ms;
constexpr auto first_moments = 500ms;
/// The one under way, and one that surely has the link's buffers.
constexpr Frames cycles_to_land = 2;
/// The first attempt restarts the node alone; if that does not help, all are linked anew while idle.
constexpr int attempts_before_rewire = 2;
constexpr int attempts_to_tell = 4;

/// What a node and its links take at most on 0.3.65 (measured: 9 and its buffers). Where one is missing that the server sends, the library
/// gives up the connection, and with it all that plays.
constexpr std::uint64_t files_for_a_node = 16;

Expected<void> room_for(const HostedNode& node, std::uint64_t promised)
{
    const std::uint64_t left = files_left();
    if (left >= promised + files_for_a_node) return {};
    return failure(node.graph_name + " is left out: too many files are open (" + std::to_string(left) + " more are allowed: ulimit -Hn, or nofile in /etc/security/limits.d)");
}

std::vector<std::string> names_of(const std::vector<HostedPort>& ports)
{
    std::vector<std::string> names;
    for (const HostedPort& port : ports) names.push_back(port.name);
    return names;
}

}  // namespace

HostedGraph::HostedGraph(Wanted wanted, const std::string& name, const ByHand& by_hand, FilterNode::Shared shared, Registry& registry, std::function<void(const std::string&)> say)
    : wanted_(std::move(wanted)), shared_(std::move(shared)), registry_(registry), say_(std::move(say)),
      groups_(name, version_of(shared_.connection.server_version().c_str())), members_(wanted_.nodes.size()),
      linker_(shared_.connection, shared_.changed, say_), foreign_(shared_.connection, shared_.changed, say_), watchdog_(wanted_.graph)
{
    linker_.set_scope(Linker::Scope::none);
    linker_.enforce(wanted_.policy == LinkPolicy::enforce);
    linker_.remember(by_hand.cut);
    foreign_.remember(by_hand.drawn);
}

void HostedGraph::update(Wanted wanted)
{
    std::vector<Member> members(wanted.nodes.size());
    std::vector<std::optional<std::uint32_t>> before(wanted.nodes.size());
    for (std::size_t index = 0; index < members.size(); ++index) {
        const std::string& name = wanted.nodes[index].graph_name;
        const auto known = std::ranges::find(wanted_.nodes, name, &HostedNode::graph_name);
        const auto left = std::ranges::find(leaving_, name, [](const auto& filter) { return filter ? filter->node().graph_name : ""; });
        if (known != wanted_.nodes.end()) {
            before[index] = static_cast<std::uint32_t>(known - wanted_.nodes.begin());
            members[index] = std::move(members_[*before[index]]);
            members[index].error.clear();
        } else if (left != leaving_.end()) {
            members[index].filter = std::move(*left);
        }
        if (!members[index].filter) continue;
        if (auto updated = members[index].filter->update(wanted.nodes[index]); !updated) say_(updated.error().message);
    }
    for (Member& member : members_)
        if (member.filter) leaving_.push_back(std::move(member.filter));
    std::erase(leaving_, nullptr);
    members_ = std::move(members);
    wanted_ = std::move(wanted);
    watchdog_.follow(wanted_.graph, before);
    linker_.enforce(wanted_.policy == LinkPolicy::enforce);
    forget_cuts();
    if (stage_ == Stage::running || stage_ == Stage::closing || stage_ == Stage::changing || stage_ == Stage::landing) linker_.permit(false);
    enter(Stage::creating);
    reconcile();
}

/// A cut link that is wanted no more is made when it is wanted again; but of one whose ends are not there nobody knows.
void HostedGraph::forget_cuts()
{
    std::set<LinkName> wanted;
    for (const WantedLink& link : wanted_links(own_nodes(), wanted_.externals, wanted_.graph, registry_).links) wanted.emplace(link.from, link.to);
    std::set<LinkName> cut = linker_.cut();
    std::erase_if(cut, [&](const LinkName& name) {
        return !wanted.contains(name) && registry_.find_port(name.first, false) && registry_.find_port(name.second, true);
    });
    linker_.remember(std::move(cut));
}

/// A few more nodes, if the server has taken in the ones before.
void HostedGraph::create_some()
{
    if (!shared_.connection.synced(ticket_)) return;
    std::size_t ports = 0;
    std::uint64_t promised = 0;
    for (std::size_t index = 0; index < members_.size() && ports < ports_per_round_trip; ++index) {
        Member& member = members_[index];
        if (member.filter || !member.error.empty()) continue;
        const HostedNode& node = wanted_.nodes[index];
        const std::size_t more = node.inputs.size() + node.outputs.size();
        if (ports > 0 && ports + more > ports_per_round_trip) break;
        ports += more;
        const auto room = alive_ ? room_for(node, promised) : Expected<void>();
        promised += files_for_a_node;
        auto filter = room ? FilterNode::make(node, shared_, alive_) : tl::unexpected(room.error());
        if (filter) member.filter = std::move(*filter);
        else member.error = filter.error().message;
        if (!filter && alive_) say_(member.error);
    }
    if (ports > 0) ticket_ = shared_.connection.sync();
}

std::vector<OwnNode> HostedGraph::own_nodes() const
{
    std::vector<OwnNode> nodes;
    for (std::size_t index = 0; index < members_.size(); ++index) {
        const HostedNode& node = wanted_.nodes[index];
        const auto& filter = members_[index].filter;
        nodes.push_back({node.graph_name, filter ? filter->id() : std::nullopt, names_of(node.inputs), names_of(node.outputs)});
    }
    return nodes;
}

bool HostedGraph::all_ports_there(const std::vector<OwnNode>& nodes) const
{
    for (std::size_t index = 0; index < nodes.size(); ++index) {
        if (!members_[index].error.empty()) continue;
        const OwnNode& node = nodes[index];
        const auto there = [&](bool is_input) {
            return [&, is_input](const std::string& port) { return registry_.port(*node.id, port, is_input) != nullptr; };
        };
        if (!node.id || !std::ranges::all_of(node.inputs, there(true)) || !std::ranges::all_of(node.outputs, there(false))) return false;
    }
    return true;
}

void HostedGraph::reconcile()
{
    bool again = true;
    while (again) {
        if (stage_ == Stage::creating) create_some();
        const auto nodes = own_nodes();
        const WantedLinks wanted = wanted_links(nodes, wanted_.externals, wanted_.graph, registry_);
        linker_.reconcile(wanted.links, registry_);
        tell(wanted.notes);
        if (stage_ == Stage::running) look_at_foreign_links(nodes, wanted);
        again = advance(nodes);
    }
}

void HostedGraph::look_at_foreign_links(const std::vector<OwnNode>& nodes, const WantedLinks& wanted)
{
    std::set<GlobalId> ours;
    for (const OwnNode& node : nodes)
        if (node.id) ours.insert(*node.id);
    std::set<LinkEnds> known = linker_.ends();
    for (const WantedLink& link : wanted.links)
        if (link.makeable()) known.emplace(*link.output_port, *link.input_port);
    for (const LinkEnds& ends : links_of_others()) known.insert(ends);
    foreign_.reconcile(ours, known, wanted_.policy, registry_);
}

/// [wanted_.made_by_others]; invalid ids where a port is absent.
std::vector<LinkEnds> HostedGraph::links_of_others() const
{
    std::vector<LinkEnds> links;
    for (const auto& [from, to] : wanted_.made_by_others)
        links.emplace_back(registry_.find_port(from, false).value_or(SPA_ID_INVALID), registry_.find_port(to, true).value_or(SPA_ID_INVALID));
    return links;
}

std::vector<LinkStatus> HostedGraph::links() const
{
    std::vector<LinkStatus> all = linker_.status();
    const std::vector<LinkEnds> there = registry_.all_links();
    const std::vector<LinkEnds> others = links_of_others();
    for (std::size_t index = 0; index < others.size(); ++index) {
        const auto& [from, to] = wanted_.made_by_others[index];
        all.push_back({from, to, std::ranges::find(there, others[index]) != there.end() ? LinkState::made : LinkState::waiting});
    }
    for (LinkStatus& link : foreign_.status()) all.push_back(std::move(link));
    return all;
}

std::optional<std::string> HostedGraph::external_of(const std::string& port, bool is_input) const
{
    std::vector<GlobalId> ours;
    for (const OwnNode& node : own_nodes())
        if (node.id) ours.push_back(*node.id);
    for (const HostedExternal& external : wanted_.externals) {
        const auto found = find_external(external, is_input, registry_, ours);
        if (found && std::ranges::any_of(found->ports, [&](const PortGlobal* each) { return found->node + ":" + each->name == port; })) return external.name;
    }
    return std::nullopt;
}

bool HostedGraph::advance(const std::vector<OwnNode>& nodes)
{
    const auto stood = Clock::now() - stage_began_;
    const bool late = stood > stage_patience;
    switch (stage_) {
    case Stage::creating:
        if (!all_ports_there(nodes)) return false;
        if (!alive_) linker_.set_scope(Linker::Scope::own);
        enter(alive_ ? Stage::closing : Stage::wiring);
        if (alive_) close_gates();
        return true;
    case Stage::wiring:
        if (held_ || (!linker_.complete() && !late)) return false;
        linker_.set_scope(Linker::Scope::all);
        enter(Stage::driving);
        return true;
    case Stage::driving:
        if (!linker_.complete() && !late) return false;
        alive_ = true;
        watchdog_.forgive();
        finish();
        return true;
    case Stage::closing:
        if (!gates_settled() && stood < fade_patience) return false;
        linker_.permit(true);
        enter(Stage::changing);
        return true;
    case Stage::changing:
        if (!(linker_.complete() && linker_.active()) && !late) return false;
        ticket_ = shared_.connection.sync();
        landed_at_ = shared_.clock.end() + cycles_to_land * shared_.clock.quantum();
        enter(Stage::landing);
        return false;
    case Stage::landing:
        if (!shared_.connection.synced(ticket_) || (shared_.clock.end() < landed_at_ && stood < fade_patience)) return false;
        finish();
        return true;
    case Stage::running:
        if (linker_.pending().empty()) return false;
        close_gates();
        enter(Stage::closing);
        return true;
    }
    return false;
}

void HostedGraph::enter(Stage stage)
{
    stage_ = stage;
    stage_began_ = Clock::now();
}

void HostedGraph::close_gates()
{
    const auto of = [](const std::string& name, const std::string& port) { return port.starts_with(name) && port.size() > name.size() && port[name.size()] == ':'; };
    const auto ours = [&](const std::string& port) {
        return std::ranges::any_of(wanted_.nodes, [&](const HostedNode& node) { return of(node.graph_name, port); }) ||
               std::ranges::any_of(leaving_, [&](const auto& filter) { return of(filter->node().graph_name, port); });
    };
    const FadePlan plan = plan_fades(linker_.pending(), registry_, ours);
    for (const Member& member : members_) {
        if (!member.filter) continue;
        const std::string& name = member.filter->node().graph_name;
        for (const std::string& port : plan.outputs)
            if (of(name, port)) member.filter->set_open(port.substr(name.size() + 1), false, false);
        for (const std::string& port : plan.inputs)
            if (of(name, port)) member.filter->set_open(port.substr(name.size() + 1), true, false);
    }
    for (const auto& filter : leaving_) filter->close_outputs();
}

bool HostedGraph::gates_settled() const
{
    const auto settled = [](const auto& filter) { return !filter || filter->cycles() == 0 || filter->gates_settled(); };
    return std::ranges::all_of(leaving_, settled) && std::ranges::all_of(members_, settled, &Member::filter);
}

/// The first one comes first and holds the others together, before another that did so until now goes.
void HostedGraph::run_together()
{
    most_members_ = std::max(most_members_, members_.size());
    std::size_t place = 0;
    for (const Member& member : members_)
        if (member.filter) member.filter->run_in(groups_.of(place++, most_members_));
}

/// Links are as they shall be: what goes is taken away, and all sounds.
void HostedGraph::finish()
{
    run_together();
    leaving_.clear();
    for (Member& member : members_) {
        if (!member.filter) continue;
        member.filter->drop_ports();
        member.filter->open_all();
    }
    linker_.permit(false);
    enter(Stage::running);
}

bool HostedGraph::coming_up() const
{
    return stage_ == Stage::running && !watchdog_.all_run() && Clock::now() - stage_began_ < first_moments;
}

bool HostedGraph::settled() const
{
    return stage_ == Stage::running && watchdog_.all_run() && linker_.complete() && linker_.active() && linker_.pending().empty() && gates_settled();
}

void HostedGraph::tell(const std::vector<std::string>& notes)
{
    for (const std::string& note : notes)
        if (!told_.contains(note)) say_(note);
    told_ = {notes.begin(), notes.end()};
}

void HostedGraph::look_after()
{
    if (stage_ != Stage::running) return;
    std::vector<Watchdog::Beat> beats;
    for (const Member& member : members_)
        beats.push_back(member.filter ? Watchdog::Beat{member.filter->cycles(), member.filter->driver_time()} : Watchdog::Beat{});
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

void HostedGraph::publish_parameters()
{
    for (const Member& member : members_)
        if (member.filter) member.filter->publish_parameters();
}

void HostedGraph::restart(std::uint32_t node)
{
    const HostedNode& hosted = wanted_.nodes[node];
    watchdog_.restarted(node);
    if (watchdog_.attempts(node) < attempts_to_tell) say_(hosted.graph_name + " stood still; starting it anew");
    else if (watchdog_.attempts(node) == attempts_to_tell) say_(hosted.graph_name + " stands still however often it is started anew; trying on");
    members_[node] = {};
    enter(Stage::creating);
}

void HostedGraph::rewire()
{
    for (const Member& member : members_)
        if (member.filter) member.filter->run_in("");
    alive_ = false;
    linker_.permit(true);
    linker_.set_scope(Linker::Scope::none);
    enter(Stage::creating);
}

std::vector<bool> HostedGraph::running() const
{
    std::vector<bool> running;
    for (std::uint32_t node = 0; node < members_.size(); ++node) running.push_back(watchdog_.runs(node));
    return running;
}

std::string HostedGraph::error() const
{
    for (const Member& member : members_) {
        if (!member.error.empty()) return member.error;
        if (member.filter && !member.filter->error().empty()) return "node " + member.filter->node().graph_name + ": " + member.filter->error();
    }
    return "";
}

std::optional<pthread_t> HostedGraph::data_thread() const
{
    return members_.empty() || !members_.front().filter ? std::nullopt : members_.front().filter->thread();
}

}  // namespace stemwire::host
