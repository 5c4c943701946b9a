// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "host/node_runner.hpp"
#include "media/decode_pool.hpp"
#include "preset/preset.hpp"
#include "rt/transport_schedule.hpp"
#include "stemwire/node.hpp"

namespace stemwire::session {

/// The nodes of a preset, made and ready for a host: the same for `run` and `render`.
class Instance {
public:
    /// Makes every node. `preset` and `decoders` outlive the instance.
    [[nodiscard]] static tl::expected<std::unique_ptr<Instance>, Errors> make(const preset::Preset& preset, media::DecodePool& decoders);

    /// Prepares every node for this rate and the quantum that is expected, in parallel, and aligns the graph by the latencies that they report. May be called again, never beside
    /// processing. Errors name the node.
    Errors prepare(double rate_hz, std::uint32_t quantum, bool offline);

    [[nodiscard]] const preset::Preset& preset() const noexcept { return preset_; }
    [[nodiscard]] const graph::Graph& graph() const noexcept { return graph_; }          ///< with latencies, once prepared
    [[nodiscard]] const graph::Alignment& alignment() const noexcept { return alignment_; }
    [[nodiscard]] std::vector<host::NodeRunner*> runners() const;
    [[nodiscard]] rt::TransportSchedule& transport() noexcept { return transport_; }
    [[nodiscard]] double rate_hz() const noexcept { return rate_hz_; }

    /// The cue for the preset's timeline from this second on; with its loop, if it has one and `loop` is wanted.
    [[nodiscard]] Cue make_cue(Epoch epoch, double start_seconds, bool loop) const;
    void cue(const Cue& cue);
    [[nodiscard]] bool cued(Epoch epoch) const;

    /// The unrolled timeline frame at which all tracks have ended and all tails have died away, once every track knows its end; nothing before.
    /// `endless` where no track ever ends.
    [[nodiscard]] std::optional<Frames> end() const;
    [[nodiscard]] std::uint64_t missing_frames() const;
    /// `drums: what happened`, for each node that has something to say.
    [[nodiscard]] std::vector<std::string> take_messages();

private:
    Instance(const preset::Preset& preset, graph::Graph graph) : preset_(preset), graph_(std::move(graph)) {}

    const preset::Preset& preset_;
    graph::Graph graph_;
    graph::Alignment alignment_;
    double rate_hz_ = 0;
    rt::TransportSchedule transport_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::vector<std::unique_ptr<host::NodeRunner>> runners_;
};

}  // namespace stemwire::session
