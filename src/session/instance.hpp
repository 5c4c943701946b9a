// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.hpp"
#include "host/node_runner.hpp"
#include "media/decode_pool.hpp"
#include "preset/preset.hpp"
#include "rt/transport_schedule.hpp"
#include "stemwire/node.hpp"

namespace stemwire::session {

/// Where a node of an edited preset comes from.
struct NodeOrigin {
    std::optional<std::uint32_t> old;  ///< index of the node that it was; nothing: it is new
    bool rebuild = false;              ///< it must be made again to become what the preset says
};

/// What stands in for a node that another process runs; null for a node of our own.
using StandIn = std::function<std::unique_ptr<Node>(const preset::NodeModel& model)>;

/// Makes what hands a node's work to a process of its own.
using Isolated = std::function<std::unique_ptr<Node>(const preset::NodeModel& model, std::shared_ptr<const std::string> preset_text)>;

/// How an instance belongs to a session of several processes; by default it is alone, and a node that the preset isolates is only as late as if it were.
struct Company {
    StandIn stand_in{};
    Isolated isolated{};
    rt::TransportSchedule* transport = nullptr;  ///< that all follow; it outlives the instance
};

class Edit;

/// Live values by NODE.PARAM, in the parameters' own numbers.
using LiveSnapshot = std::map<std::string, double>;

/// The nodes of a preset, made and ready for a host: the same for `run` and `render`.
class Instance {
public:
    /// Makes every node, or what stands in for it. `decoders` outlives the instance.
    [[nodiscard]] static tl::expected<std::unique_ptr<Instance>, Errors> make(preset::Preset preset, media::DecodePool& decoders, Company company = {});

    /// Prepares every node, in parallel, and aligns the graph by the latencies that they report. May be called again, never beside processing. Errors
    /// name the node.
    Errors prepare(const Preparation& preparation);

    /// Builds what `next` needs beside what plays, for the rate and quantum of the latest prepare; `origins` has one entry for each of its nodes.
    /// Nothing of the instance changes. Thread: any; beside processing and control, but neither beside prepare nor beside apply.
    [[nodiscard]] tl::expected<std::unique_ptr<Edit>, Errors> build(preset::Preset next, const std::vector<NodeOrigin>& origins) const;
    /// Becomes what was built: values are set, nodes are replaced over a fade that does not begin before `at_clock`, delays follow. Nodes that the
    /// preset has no more live on with who still holds their runners.
    /// `before`: what has been turned since then stays so, whatever the edit says.
    void apply(std::unique_ptr<Edit> edit, Frames at_clock, const LiveSnapshot& before = {});
    [[nodiscard]] LiveSnapshot live_snapshot() const;

    [[nodiscard]] const preset::Preset& preset() const noexcept { return *preset_; }
    [[nodiscard]] const graph::Graph& graph() const noexcept { return graph_; }          ///< with latencies, once prepared
    [[nodiscard]] const graph::Alignment& alignment() const noexcept { return alignment_; }
    [[nodiscard]] std::vector<host::NodeRunner*> runners() const;
    [[nodiscard]] const std::vector<std::shared_ptr<host::NodeRunner>>& shared_runners() const noexcept { return runners_; }
    [[nodiscard]] rt::TransportSchedule& transport() noexcept { return company_.transport != nullptr ? *company_.transport : transport_; }
    /// Whether another process runs this node.
    [[nodiscard]] bool is_elsewhere(std::size_t node) const noexcept { return elsewhere_[node]; }
    /// Delays follow latencies that others have told since. True where something changed.
    bool align_again();
    [[nodiscard]] double rate_hz() const noexcept { return rate_hz_; }

    /// The cue for the preset's timeline from this second on; with its loop, if it has one and `loop` is wanted.
    [[nodiscard]] Cue make_cue(Epoch epoch, double start_seconds, bool loop) const;
    void cue(const Cue& cue);
    [[nodiscard]] bool cued(Epoch epoch) const;

    /// The unrolled timeline frame at which all tracks have ended and all tails have died away, once every track knows its end; nothing before.
    /// `endless` where no track ever ends.
    [[nodiscard]] std::optional<Frames> end() const;
    [[nodiscard]] std::uint64_t missing_frames() const;
    /// Frames of a cycle beyond which a node of ours would have to be prepared again.
    [[nodiscard]] std::uint32_t longest_cycle() const;
    /// `drums: what happened`, for each node that has something to say.
    [[nodiscard]] std::vector<std::string> take_messages();
    /// Frees what processing no longer needs; to be called now and then.
    void collect();

private:
    Instance(preset::Preset preset, media::DecodePool& decoders, Company company)
        : preset_(std::make_shared<const preset::Preset>(std::move(preset))), decoders_(decoders), company_(std::move(company)), graph_(preset_->graph)
    {
    }
    /// A node of a preset, and whether it is only stood in for.
    [[nodiscard]] tl::expected<std::pair<std::shared_ptr<Node>, bool>, Error> make_node(const preset::Preset& preset, std::size_t index) const;
    void tell_latencies() const;
    /// Frames by which a node that is isolated elsewhere is late here, where it works in the cycle: so all that is computed is the same.
    [[nodiscard]] std::uint32_t lateness(const preset::NodeModel& model) const;
    /// Of a node, in the graph.
    [[nodiscard]] std::uint32_t latency_of(const preset::NodeModel& model, const Node& node) const { return node.latency() + lateness(model); }
    [[nodiscard]] host::Delays delays_of(const preset::Preset& preset, const graph::Alignment& alignment, std::size_t node) const;

    std::shared_ptr<const preset::Preset> preset_;
    media::DecodePool& decoders_;
    Company company_;
    graph::Graph graph_;
    graph::Alignment alignment_;
    double rate_hz_ = 0;
    std::uint32_t quantum_ = 0;
    rt::TransportSchedule transport_;
    std::vector<std::shared_ptr<host::NodeRunner>> runners_;
    std::vector<bool> elsewhere_;
};

/// What an edit has built and prepared, and what it keeps.
class Edit {
public:
    /// The sources that are new get ready, and whether they are.
    void cue(const Cue& cue);
    [[nodiscard]] bool cued(Epoch epoch) const;
    /// True where something new must be cued before it is put in place: a source, or a node whose process has to come.
    [[nodiscard]] bool must_be_cued() const;

private:
    friend class Instance;
    struct Member {
        std::shared_ptr<host::NodeRunner> runner;  ///< one that plays, or a new one, prepared once the alignment is known
        std::shared_ptr<Node> node;                ///< new, in a new runner or in the place of another; null: the runner's own stays
        std::optional<std::uint32_t> old;
        bool elsewhere = false;
    };

    std::shared_ptr<const preset::Preset> preset_;
    graph::Graph graph_;
    graph::Alignment alignment_;
    std::vector<Member> members_;
};

}  // namespace stemwire::session
