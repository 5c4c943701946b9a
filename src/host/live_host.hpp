// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.hpp"
#include "host/clock_map.hpp"
#include "host/runner.hpp"
#include "stemwire/error.hpp"
#include "stemwire/live.hpp"

namespace stemwire::host {

/// Live parameters of a node that stands in the graph; `prefix` (`drums.` in a fused node, else empty) goes in front of their addresses.
struct HostedParameters {
    std::string prefix;
    LiveParameters* live = nullptr;
    friend bool operator==(const HostedParameters&, const HostedParameters&) = default;
};

/// One of our nodes as it shall stand in the graph.
struct HostedNode {
    std::string graph_name;          ///< node.name: `band.drums`; what a node is known by from one update to the next
    std::string description;
    std::shared_ptr<Runner> runner;  ///< the host keeps it until the node is off the graph. Another runner under the same name is put in its place on one cycle's edge
    std::uint32_t latency = 0;       ///< frames, reported to the server
    std::vector<HostedPort> inputs;  ///< [input port of the graph's node]
    std::vector<HostedPort> outputs;
    std::vector<HostedParameters> parameters;  ///< shown as the node's properties where the server has such a thing; they live as long as the runner, or until the next update
    friend bool operator==(const HostedNode&, const HostedNode&) = default;
};

/// How to find ports that are not ours.
struct HostedExternal {
    enum class What { default_sink, default_source, pattern };
    std::string name;
    What what = What::default_sink;
    std::string node_glob;
    std::string port_glob = "*";
    friend bool operator==(const HostedExternal&, const HostedExternal&) = default;
};

/// What to do about links that others draw and cut.
enum class LinkPolicy {
    keep,    ///< they stay as the user left them, until the wanted state says otherwise
    enforce  ///< at our ports there are the wanted links and no others
};

/// All that the graph shall be; indices of nodes and externals are the graph's.
struct Wanted {
    std::vector<HostedNode> nodes;
    std::vector<HostedExternal> externals;
    graph::Graph graph;
    LinkPolicy policy = LinkPolicy::keep;
    std::vector<std::pair<std::string, std::string>> made_by_others;  ///< links at our ports that another process of the session makes: port names as in LinkStatus
};

struct ServerInfo {
    std::string name;      ///< core.name: `pipewire-0`
    std::string version;   ///< `0.3.65`
    std::string driver;    ///< node.name of what drives our nodes; empty until known
    double rate_hz = 0;    ///< of the driver once cycles run, of the server's settings before
    std::uint32_t quantum = 0;
};

/// `cut`: somebody took it away while both its ports stayed; `drawn`: somebody made it, and no preset has it.
enum class LinkState { waiting, made, cut, drawn };

/// A link of the preset, or at a port of ours, and how it is; `from` and `to` as port names on the graph (`band.mix:main_FL`) or, of what is absent, the external's name.
struct LinkStatus {
    std::string from;
    std::string to;
    LinkState state = LinkState::waiting;
};

/// The transport that all programs of a server share: JACK's.
struct GraphTransport {
    bool rolling = false;
    Frames frame = 0;        ///< of the timeline, at the server's rate, when the cycle began
    Frames clock = 0;        ///< the session's clock then
    Frames since_frame = 0;  ///< the same of the cycle in which it was last moved, started or stopped
    Frames since_clock = 0;
    std::uint32_t since_length = 0;  ///< that cycle's, in frames
    std::uint64_t moves = 0; ///< how often that has been; 0: no cycle has been seen yet
};

/// Somebody else set a parameter of ours by way of the server: node.name, the parameter's address inside the node, its value in the parameter's own number.
using ParameterWish = std::function<void(const std::string& graph_name, const std::string& address, double value)>;

/// Runs nodes in a sound server and keeps its graph as it is wanted: makes the smallest change from what is to what shall be, again and again.
/// When the server goes away and comes back, everything is put up again without being asked. Names are what everything is known by, never a server's ids.
/// Thread: everything is called from the thread that calls run(), the main loop, and calls back there; processing is on the data loop.
class LiveHost {
public:
    virtual ~LiveHost() = default;

    [[nodiscard]] virtual ServerInfo server() const = 0;
    /// `pipewire`, `jack`.
    [[nodiscard]] virtual std::string_view backend() const noexcept = 0;

    /// Runs `meanwhile` on another thread and returns when it is done; until then it may put on the graph what the next build will be called with, but for latencies,
    /// and link it, and run the loop. What processes by then (PipeWire from 1.2 on runs nodes once they are linked) must be silent.
    virtual void begin_build([[maybe_unused]] Wanted wanted, const std::function<void()>& meanwhile) { meanwhile(); }
    /// Puts the first nodes on the graph, idle, and links them; the link to what drives them comes last. Blocks (running the loop) until all
    /// are there or the server refuses.
    virtual Expected<void> build(Wanted wanted) = 0;
    /// From now on the graph shall be this. Returns at once. Nodes that stay, by name, are not interrupted; new ones are there and linked before old
    /// ones go; what begins and ends to sound does so over a short fade, links too. An error is of the kind that the old state goes on.
    virtual Expected<void> update(Wanted wanted) = 0;

    /// True once every node has processed, every link whose both ends exist is made, and nothing fades or waits to be taken away.
    [[nodiscard]] virtual bool settled() const = 0;
    /// The session's clock at the end of the latest cycle: frames, never goes back, also when the driver changes or the server restarts.
    [[nodiscard]] virtual Frames clock() const noexcept = 0;
    /// Runs `call` while none of the nodes processes, so that all of them see what it publishes from the same cycle on: the one that begins at clock().
    /// False, and nothing is run, where there is no such moment. `call` keeps to what the realtime side may do.
    virtual bool between_cycles([[maybe_unused]] const std::function<void()>& call) { return false; }
    /// One clock for several processes; before build.
    virtual void share_clock(const SharedClock& clock) = 0;
    /// Cycles that the clock jumped over, since the start.
    [[nodiscard]] virtual std::uint64_t xruns() const noexcept = 0;
    [[nodiscard]] virtual std::vector<LinkStatus> links() const = 0;
    /// The wanted external that a port of another program belongs to now, by its name; nothing where it belongs to none. `port` as in LinkStatus.
    [[nodiscard]] virtual std::optional<std::string> external_of(const std::string& port, bool is_input) const = 0;
    /// [wanted node]: whether it processes.
    [[nodiscard]] virtual std::vector<bool> running() const = 0;

    /// The server's own transport in the latest cycle; nothing while the server is away. Guarantee: lock-free.
    [[nodiscard]] virtual std::optional<GraphTransport> graph_transport() const noexcept { return std::nullopt; }
    /// Asks the server's transport to start or stop, or to be somewhere else. The error says why nobody can be asked.
    virtual Expected<void> request_roll([[maybe_unused]] bool rolling) { return {}; }
    virtual Expected<void> request_locate([[maybe_unused]] Frames frame) { return {}; }

    // The main loop.
    /// Calls back every `period` until the host ends.
    virtual void every(std::chrono::milliseconds period, std::function<void()> callback) = 0;
    /// Calls back when a file descriptor can be read, until `unwatch`. A callback may watch and unwatch.
    virtual void watch(int fd, std::function<void()> callback) = 0;
    virtual void unwatch(int fd) = 0;
    /// Calls back on the main loop when the process gets the signal.
    virtual void on_signal(int signal, std::function<void()> callback) = 0;
    /// What a user should hear of: a link that waits for a device, a driver that changed, a node that was revived, a server that went or came back.
    virtual void on_message(std::function<void(const std::string&)> callback) = 0;
    virtual void on_parameter_wish(ParameterWish callback) = 0;
    /// For good: the server cannot be waited for (a private one of ours ended).
    virtual void on_lost(std::function<void()> callback) = 0;
    virtual void run() = 0;
    virtual void quit() = 0;
};

}  // namespace stemwire::host
