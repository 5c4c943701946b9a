// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/live_host.hpp"
#include "host/pipewire/filter_node.hpp"
#include "host/pipewire/foreign_links.hpp"
#include "host/pipewire/linker.hpp"
#include "host/pipewire/node_groups.hpp"
#include "host/pipewire/registry.hpp"
#include "host/pipewire/watchdog.hpp"

namespace stemwire::host {

/// The wanted nodes and links in the server. The first nodes are linked while all are idle and then set running together: links made beside
/// running nodes can leave one of them standing still for good in 0.3.65. Whatever changes later is faded: gates are closed where links
/// come and go, links are made and taken away, nodes leave, and the gates open again.
class HostedGraph {
public:
    /// What users did to links, which outlives a server.
    struct ByHand {
        std::set<LinkName> cut;
        std::set<LinkName> drawn;
    };
    /// `name`: of the group in which its nodes run, no other graph's.
    HostedGraph(Wanted wanted, const std::string& name, const ByHand& by_hand, FilterNode::Shared shared, Registry& registry, std::function<void(const std::string&)> say);
    [[nodiscard]] ByHand by_hand() const { return {linker_.cut(), foreign_.drawn()}; }

    /// From now on the graph shall be this.
    void update(Wanted wanted);
    /// While it is held, the first nodes are put on the graph and linked among each other, but not set running.
    void hold(bool held) noexcept { held_ = held; }
    /// Does what there is to do after something has changed, and whenever `busy`.
    void reconcile();
    /// Looks after nodes that stand still; to be called a few times a second.
    void look_after();

    /// Shows parameters that have changed; to be called a few times a second.
    void publish_parameters();

    /// True once the nodes run for the first time.
    [[nodiscard]] bool alive() const noexcept { return alive_; }
    [[nodiscard]] bool settled() const;
    [[nodiscard]] bool busy() const noexcept { return linker_.retrying() || foreign_.retrying() || stage_ != Stage::running; }
    /// True while it waits for nothing but time.
    [[nodiscard]] bool fading() const noexcept { return stage_ == Stage::closing || stage_ == Stage::landing; }
    /// True for the first moments of a graph of which not every node has been seen to run: whoever starts waits for that.
    [[nodiscard]] bool coming_up() const;
    [[nodiscard]] const Wanted& wanted() const noexcept { return wanted_; }
    [[nodiscard]] std::vector<bool> running() const;
    /// The wanted ones in their order, then what others drew.
    [[nodiscard]] std::vector<LinkStatus> links() const;
    /// As LiveHost::external_of.
    [[nodiscard]] std::optional<std::string> external_of(const std::string& port, bool is_input) const;
    /// What the server has against one of the nodes; empty if nothing.
    [[nodiscard]] std::string error() const;
    [[nodiscard]] std::optional<pthread_t> data_thread() const;

private:
    enum class Stage {
        creating,  ///< nodes and ports are put on the graph
        wiring,    ///< links among our own, while all are idle
        driving,   ///< links to what drives us
        closing,   ///< gates close where links come and go
        changing,  ///< links come and go
        landing,   ///< links are made, and may not carry audio yet
        running
    };
    using Clock = std::chrono::steady_clock;
    /// One of the wanted nodes.
    struct Member {
        std::unique_ptr<FilterNode> filter;  ///< null until it is made
        std::string error;                   ///< why it cannot be
    };

    void create_some();
    [[nodiscard]] std::vector<OwnNode> own_nodes() const;
    [[nodiscard]] bool all_ports_there(const std::vector<OwnNode>& nodes) const;
    /// True where another look is worth it at once.
    [[nodiscard]] bool advance(const std::vector<OwnNode>& nodes);
    void enter(Stage stage);
    void close_gates();
    [[nodiscard]] bool gates_settled() const;
    void run_together();
    void finish();
    [[nodiscard]] std::vector<LinkEnds> links_of_others() const;
    void look_at_foreign_links(const std::vector<OwnNode>& nodes, const WantedLinks& wanted);
    void forget_cuts();
    void tell(const std::vector<std::string>& notes);
    void restart(std::uint32_t node);
    void rewire();

    Wanted wanted_;
    FilterNode::Shared shared_;
    Registry& registry_;
    std::function<void(const std::string&)> say_;
    NodeGroups groups_;
    std::size_t most_members_ = 0;  ///< that ever ran together
    std::vector<Member> members_;                       ///< [wanted node]
    std::vector<std::unique_ptr<FilterNode>> leaving_;
    Linker linker_;  ///< after the nodes: links go first
    ForeignLinks foreign_;
    Watchdog watchdog_;
    Stage stage_ = Stage::creating;
    Clock::time_point stage_began_ = Clock::now();
    int ticket_ = 0;            ///< the answer after which more is put on the graph, or links have landed
    Frames landed_at_ = 0;      ///< clock after which what is linked is heard
    bool alive_ = false;
    bool held_ = false;
    std::set<std::string> told_;  ///< notes that hold and were said
};

}  // namespace stemwire::host
