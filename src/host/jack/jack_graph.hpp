// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/jack/jack_node.hpp"
#include "host/jack/link_book.hpp"

namespace stemwire::host {

/// Our nodes and links on one JACK server, from the first connection to the server's end or ours.
/// Thread: the main loop.
class JackGraph {
public:
    struct Parts {
        JackClient::Shared shared;
        LinkBook& book;
        std::string session;
        bool one_client = false;  ///< all nodes in one client
        std::function<void(const std::string&)> say;
    };
    /// Connects, and puts nothing up.
    [[nodiscard]] static Expected<std::unique_ptr<JackGraph>> open(Parts parts);
    ~JackGraph();

    /// From now on the graph shall be this. The first time nothing is faded. On an error the old state goes on.
    [[nodiscard]] Expected<void> update(Wanted wanted);
    /// Ports or links have changed.
    void reconcile();
    /// JACK has asked clients for their latencies.
    void answer_latencies();
    /// To be called some ten times a second: fades, tries again, frees.
    void tick();

    /// The first nodes and links are there.
    [[nodiscard]] bool built() const noexcept { return built_; }
    [[nodiscard]] bool settled() const;
    [[nodiscard]] std::vector<bool> running() const;
    /// As LiveHost::external_of.
    [[nodiscard]] std::optional<std::string> external_of(const std::string& port, bool is_input) const { return host::external_of(wanted_.externals, port, is_input, read()); }
    /// What drives the server, as far as JACK tells: the client with physical ports.
    [[nodiscard]] const std::string& driver() const noexcept { return driver_; }
    [[nodiscard]] const std::vector<LinkStatus>& links_of_others() const noexcept { return links_of_others_; }
    [[nodiscard]] JackClient& watcher() const noexcept { return *watcher_; }

private:
    /// A change of the graph while it plays: what is touched falls silent, then it is changed, then it sounds again.
    struct Passage {
        std::vector<LinkBook::Change> changes;
        std::set<std::shared_ptr<JackPort>> closing;
        std::optional<Frames> changed_at{};
        LinkBook::Clock::time_point since = LinkBook::Clock::now();
    };

    JackGraph(Parts parts, std::unique_ptr<JackClient> watcher);
    [[nodiscard]] Expected<void> put_up(const HostedNode& hosted);
    [[nodiscard]] PortMap read() const;
    [[nodiscard]] std::shared_ptr<JackPort> find(const std::string& name) const;
    [[nodiscard]] const HostedNode* wanted(const std::string& name) const;
    void tell(const std::vector<std::string>& notes);
    void execute(const std::vector<LinkBook::Change>& changes);
    void assign();
    void begin_passage(std::vector<LinkBook::Change> changes, const PortMap& map);
    void close_for(const LinkBook::Change& change, const PortMap& map);
    void advance_passage();
    void end_passage();

    Parts parts_;
    std::unique_ptr<JackClient> watcher_;
    std::map<std::string, std::unique_ptr<JackNode>> nodes_;  ///< by graph_name
    Wanted wanted_;
    bool built_ = false;
    bool stale_ = false;  ///< the data loop does not yet do what is wanted
    std::optional<Passage> passage_;
    LinkBook::Clock::time_point looked_;
    std::set<std::string> told_;
    std::string driver_;
    std::vector<LinkStatus> links_of_others_;  ///< [wanted_.made_by_others]
};

}  // namespace stemwire::host
