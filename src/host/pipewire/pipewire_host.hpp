// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "host/runner.hpp"
#include "stemwire/error.hpp"

namespace stemwire::host {

/// One of our nodes as it stands in the graph.
struct HostedNode {
    std::string graph_name;    ///< node.name: `band.drums`
    std::string description;
    Runner* runner = nullptr;  ///< outlives the host
    std::uint32_t latency = 0;     ///< frames, reported to the server
};

/// How to find ports that are not ours.
struct HostedExternal {
    enum class What { default_sink, default_source, pattern };
    std::string name;
    What what = What::default_sink;
    std::string node_glob;
    std::string port_glob = "*";
};

struct HostOptions {
    std::string remote;             ///< empty: PIPEWIRE_REMOTE, else the default
    std::string session;            ///< the preset's name: node.group and messages
    std::optional<std::uint32_t> quantum;  ///< asked for as node.latency
    std::optional<double> rate_hz;         ///< for node.latency
};

struct ServerInfo {
    std::string name;      ///< core.name: `pipewire-0`
    std::string version;   ///< `0.3.65`
    std::string driver;    ///< node.name of what drives our nodes; empty until known
    double rate_hz = 0;    ///< of the driver once cycles run, of the server's settings before
    std::uint32_t quantum = 0;
};

/// `cut`: somebody took it away while both its ports stayed; it is not made again.
enum class LinkState { waiting, made, cut };

/// A link of the preset and how it is; `from` and `to` as port names on the graph (`band.mix:main_FL`) or patterns.
struct LinkStatus {
    std::string from;
    std::string to;
    LinkState state = LinkState::waiting;
};

/// Runs our nodes in a PipeWire server, each a pw_filter of its own, and keeps the preset's links.
/// Everything is called from the thread that calls run(): it is the main loop. The nodes' process runs on the data loop.
class PipeWireHost {
public:
    /// Connects. The error says what to do (`--private` needs no server). Raises RLIMIT_NOFILE.
    [[nodiscard]] static Expected<std::unique_ptr<PipeWireHost>> connect(const HostOptions& options);
    ~PipeWireHost();

    [[nodiscard]] ServerInfo server() const;

    /// Puts the nodes on the graph, idle, and links them; the link to what drives them comes last. `nodes`, `externals` and the graph
    /// have the same indices. Blocks (running the loop) until all are there or the server refuses.
    Expected<void> build(std::vector<HostedNode> nodes, std::vector<HostedExternal> externals, const graph::Graph& graph);

    /// True once every node has processed and every link whose both ends exist is made.
    [[nodiscard]] bool settled() const;
    /// The session's clock at the end of the latest cycle: frames, never goes back, also when the driver changes.
    [[nodiscard]] Frames clock() const noexcept;
    /// Cycles that the clock jumped over, since the start.
    [[nodiscard]] std::uint64_t xruns() const noexcept;
    [[nodiscard]] std::vector<LinkStatus> links() const;
    /// Indices of the nodes that process.
    [[nodiscard]] std::vector<bool> running() const;

    // The main loop.
    /// Calls back every `period` until the host ends.
    void every(std::chrono::milliseconds period, std::function<void()> callback);
    /// Calls back when a file descriptor can be read.
    void watch(int fd, std::function<void()> callback);
    /// Calls back on the main loop when the process gets the signal.
    void on_signal(int signal, std::function<void()> callback);
    /// What a user should hear of: a link that waits for a device, a driver that changed, a node that was revived.
    void on_message(std::function<void(const std::string&)> callback);
    /// The server went away.
    void on_lost(std::function<void()> callback);
    void run();
    void quit();

    struct Impl;

private:
    explicit PipeWireHost(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace stemwire::host
