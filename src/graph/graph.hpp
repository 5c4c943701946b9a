// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stemwire/layout.hpp"
#include "stemwire/units.hpp"

/// Nodes, ports and links as plain data, and what follows from them. Knows nothing of presets, audio or servers.
namespace stemwire::graph {

/// One port of one of our nodes: `port` counts the node's inputs (or outputs) flat, as `process()` sees them.
struct Endpoint {
    std::uint32_t node = 0;
    std::uint32_t port = 0;
    friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// A link between two ports of our own.
struct Wire {
    Endpoint from;  ///< an output
    Endpoint to;    ///< an input
    bool feedback = false;  ///< closes a loop (in the order of the preset): the receiver hears it one quantum late
    friend bool operator==(const Wire&, const Wire&) = default;
};

/// A link between ports of ours and an external; which ports of the external they meet is known only when it is there.
struct OuterLink {
    std::uint32_t node = 0;
    std::uint32_t external = 0;
    bool outward = true;            ///< true: our outputs feed it; false: it feeds our inputs
    std::uint32_t first_port = 0;   ///< ours are first_port … first_port + layout.size() − 1
    ChannelLayout layout;           ///< of our ports
    std::string external_port;      ///< an explicit port of the external; empty: pair by position
    friend bool operator==(const OuterLink&, const OuterLink&) = default;
};

struct GraphNode {
    std::string name;
    std::uint32_t inputs = 0;
    std::uint32_t outputs = 0;
    std::uint32_t latency = 0;  ///< frames
};

struct Graph {
    std::vector<GraphNode> nodes;
    std::vector<Wire> wires;            ///< in the order of the preset
    std::vector<OuterLink> outer_links; ///< in the order of the preset
    std::uint32_t externals = 0;
};

/// Marks every wire that closes a loop of the wires before it: in the order of the preset, as PipeWire does it.
void mark_feedback(Graph& graph);

/// True where a wire closes a loop. The graph must be marked.
[[nodiscard]] bool feeds_back(const Graph& graph) noexcept;

/// The nodes so that each comes after all that feed it (feedback wires left out), ties in the order of the preset.
[[nodiscard]] std::vector<std::uint32_t> processing_order(const Graph& graph);

/// Delays in frames that make parallel paths arrive together.
struct Alignment {
    std::vector<std::vector<std::uint32_t>> input_delay;   ///< [node][input port]
    std::vector<std::vector<std::uint32_t>> output_delay;  ///< [node][output port]
    std::vector<std::uint32_t> node_latency;      ///< [node]: frames by which what it hears lags its sources
    std::vector<std::uint32_t> external_latency;  ///< [external]: frames by which what arrives at a sink lags its sources
    /// Wires whose paths cannot be aligned by delaying whole ports (indices into Graph::wires).
    std::vector<std::uint32_t> unaligned;
};

/// Links into one port are summed before anyone can delay one of them (the server sums them), so what feeds a common port is
/// aligned at the outputs, and what a node hears on different ports at its inputs.
[[nodiscard]] Alignment align(const Graph& graph);

}  // namespace stemwire::graph
