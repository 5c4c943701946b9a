// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "host/node_runner.hpp"
#include "stemwire/error.hpp"

namespace stemwire::host {

/// Audio that comes from or goes to something that is no node of ours, while offline. Planar float, `[channel][frame]`.
using OfflineInput = std::function<void(Frames clock, std::span<float* const> channels, std::uint32_t frames)>;
/// Returns whether it wants more; an error ends the run.
using OfflineOutput = std::function<Expected<bool>(Frames clock, std::span<const float* const> channels, std::uint32_t frames)>;

/// Computes a graph without any server. Every node, input and output is an actor that does its blocks in order, as far ahead of
/// those that listen as their rings reach, on any number of threads; each sums its inputs in the order of the wires, so that
/// the result is the same to the bit whatever the number of threads.
class OfflineHost {
public:
    struct Options {
        std::uint32_t quantum = 256;  ///< frames that a node is given at a time; a feedback wire delays by it
        std::uint32_t block = 4096;   ///< frames that an actor does in one go where nothing feeds back
        unsigned threads = 0;         ///< 0: one for each core
    };

    /// Frames of a batch, for which nodes that want batches must be prepared; 0 where there are none: with feedback, which allows one quantum at a
    /// time, and where blocks of whole quanta do not fill it.
    [[nodiscard]] static std::uint32_t batch_frames(const graph::Graph& graph, const Options& options);

    /// The graph must be marked (mark_feedback); runners, indexed like its nodes, must be prepared. Both outlive the host.
    OfflineHost(const graph::Graph& graph, std::vector<NodeRunner*> runners, const Options& options);
    ~OfflineHost();

    /// What an external that feeds our nodes plays; without one it is silent.
    void set_input(std::uint32_t external, const ChannelLayout& layout, OfflineInput input);
    /// Who hears what is linked to an external.
    void set_output(std::uint32_t external, const ChannelLayout& layout, OfflineOutput output);
    /// Who hears a node's output ports, as they are.
    void tap(std::uint32_t node, OfflineOutput output);

    /// The clock frame at which a node without outputs hears no more, once that is known; asked for each of its blocks.
    using End = std::function<std::optional<Frames>(std::uint32_t node)>;
    void end_listeners(End end) { end_ = std::move(end); }

    /// Computes from clock frame 0 until no output (or tap) wants more, one of them fails, or `interrupted` becomes true. An output gets
    /// its frames when every node and input has done the same ones, and every further output when the first has. Once; blocking.
    /// Thread: any but realtime.
    Expected<void> run(const std::atomic<bool>& interrupted);

    /// Processor time spent in a node so far, decoding included, in seconds.
    [[nodiscard]] double cpu_seconds(std::uint32_t node) const noexcept;

    struct Actor;

private:
    [[nodiscard]] static std::uint32_t block_frames(const graph::Graph& graph, const Options& options);
    void keep_outputs_behind();
    Expected<void> run_last_blocks();

    const graph::Graph& graph_;
    Options options_;
    std::vector<std::unique_ptr<Actor>> actors_;  ///< the nodes first, in the graph's order
    End end_;
    std::vector<Actor*> outputs_;                 ///< those of them that are heard, in the order in which they were set
};

}  // namespace stemwire::host
