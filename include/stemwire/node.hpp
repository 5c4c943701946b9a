// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "stemwire/error.hpp"
#include "stemwire/layout.hpp"
#include "stemwire/live.hpp"
#include "stemwire/meter.hpp"
#include "stemwire/parameter.hpp"
#include "stemwire/settings.hpp"
#include "stemwire/thread_roles.hpp"
#include "stemwire/transport.hpp"
#include "stemwire/units.hpp"

namespace stemwire {

/// One cycle's audio: planar 32-bit float, full scale ±1, `[channel][frame]`, in the order of the node's ports.
/// The host owns every buffer; they are valid during the call only.
struct Block {
    std::span<const float* const> inputs;  ///< never null: an input without a link points at zeros; read only
    std::span<float* const> outputs;       ///< never null, never an input: every frame of each must be written
    std::uint32_t frames;                  ///< 1 … max_frames, a different number each time
    const TransportCycle& transport;
};

/// The longest batch, in frames: with more, what a reverb works on no longer fits a second-level cache.
inline constexpr std::uint32_t largest_batch = 16384;

/// What a node must be ready for.
struct Preparation {
    double rate_hz;
    std::uint32_t max_frames = largest_quantum;
    bool offline = false;  ///< latency costs nothing: plan for throughput
    std::uint32_t quantum = 256;  ///< frames per cycle that are expected; others may come
    std::uint32_t batch = 0;  ///< frames of each call, offline, to a node that wants batches, at most largest_batch; 0: there are none
};

/// A node's audio life. Construction and everything not marked otherwise happen off the realtime side.
/// Order: construct, prepare, then process any number of times; prepare again (never beside process) starts afresh.
class Node {
public:
    explicit Node(const Settings& settings) : live_(settings) {}
    virtual ~Node() = default;
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    /// Allocates, loads and plans all that processing will need, and clears all state.
    virtual Expected<void> prepare(const Preparation& preparation) STEMWIRE_OFF(audio_thread) = 0;

    /// Computes one cycle. The result does not depend on how the signal is cut into blocks.
    /// Guarantee: wait-free; no allocation, lock, system call, exception. Thread: the data loop that the node is on.
    virtual void process(const Block& block) noexcept STEMWIRE_ON(audio_thread) = 0;

    /// Frames by which the output lags the input; fixed between two calls of prepare.
    [[nodiscard]] virtual std::uint32_t latency() const noexcept { return 0; }
    /// The longest cycle, in frames, in which it does all it should; where cycles are longer, it wants to be prepared for their quantum. Fixed between
    /// two calls of prepare.
    [[nodiscard]] virtual std::uint32_t longest_cycle() const noexcept { return largest_quantum; }
    /// True where, offline, longer calls cost less: each brings a batch, as the preparation says.
    [[nodiscard]] virtual bool wants_batches() const noexcept { return false; }
    /// What it hears from now on lags the timeline by so many frames: said once the graph is aligned, and whenever that changes, even beside process.
    virtual void hear_late(Frames) noexcept {}
    /// Frames for which the output may go on after the input has fallen silent, beyond the latency.
    [[nodiscard]] virtual Frames tail() const noexcept { return 0; }

    /// Gets ready for a new epoch while the old one plays on. Must return soon: long work belongs to workers.
    virtual void cue(const Cue&) STEMWIRE_OFF(audio_thread) {}
    /// True when the first frames of this epoch are at hand: the start waits for it.
    [[nodiscard]] virtual bool cued(Epoch) const noexcept { return true; }
    /// Does at once the work that workers would do for the next `frames` frames; may block. Offline only, never beside process.
    virtual void fill(std::uint32_t) STEMWIRE_OFF(audio_thread) {}

    /// Processing is over: what is to stay (a file) is made whole. Processing again needs prepare. Guarantee: blocking. Never beside process.
    virtual void finish() STEMWIRE_OFF(audio_thread) {}

    /// The timeline frame (unrolled) at which this source has played all it has, once that is known; nothing for a node that
    /// is no source, or an endless one.
    [[nodiscard]] virtual std::optional<Frames> end() const noexcept { return std::nullopt; }
    /// False for a source that knows its end but has not yet found it.
    [[nodiscard]] virtual bool end_known() const noexcept { return true; }
    /// Frames that were silent because their audio was not there in time.
    [[nodiscard]] virtual std::uint64_t missing_frames() const noexcept { return 0; }
    /// Seconds of audio that are decoded ahead, for a source that decodes.
    [[nodiscard]] virtual std::optional<double> buffered_seconds() const noexcept { return std::nullopt; }
    /// A message for the user that came up since the last call (a damaged file, say), if any.
    [[nodiscard]] virtual std::optional<std::string> take_message() STEMWIRE_OFF(audio_thread) { return std::nullopt; }

    /// Levels that `process()` publishes; the same objects for the node's whole life.
    [[nodiscard]] std::deque<Meter>& meters() noexcept { return meters_; }
    [[nodiscard]] LiveParameters& live() noexcept { return live_; }
    [[nodiscard]] const LiveParameters& live() const noexcept { return live_; }

protected:
    std::deque<Meter> meters_;

private:
    LiveParameters live_;
};

namespace media {
class DecodePool;
}

/// What a node is made of.
struct NodeSource {
    std::string name;            ///< the node's name in the preset, for messages
    const Settings& settings;    ///< only valid during the call
    const Ports& ports;          ///< those that the type's `ports` returned
    media::DecodePool& decoders; ///< decode workers and shared demuxers; outlives the node
};

/// What the links of a preset say of a node before its ports are fixed.
struct PortHints {
    /// The layout of the only group that is linked to this input group; nothing where there is none or several.
    /// `group` is "" for the default group.
    virtual std::optional<ChannelLayout> linked(std::string_view group) const = 0;
    virtual ~PortHints() = default;
};

/// One node type: the single row that adds it to the registry. All functions are off the realtime side.
struct NodeType {
    std::string_view name;
    std::string_view description;      ///< one line, without a full stop
    std::string_view ports_text;       ///< one line on its ports, for `stemwire nodes`
    std::span<const Parameter> parameters;
    /// The ports of a node with these settings. May look into files (how many channels a file has); where that fails it
    /// says so in `errors` (with the settings' mark; the caller adds the file) and returns its best guess.
    Ports (*ports)(const Settings& settings, const PortHints& hints, Errors& errors);
    /// What is wrong with the settings beyond what the table can say; null where nothing can be.
    void (*check)(const Settings& settings, Errors& errors);
    Expected<std::unique_ptr<Node>> (*make)(const NodeSource& source);
    /// Writes out what checked settings leave to others of them (a channel's way to each bus), so that every live parameter has its address; calling
    /// it twice changes nothing more. Null where nothing is left.
    Settings (*complete)(Settings settings) = nullptr;
};

/// Every node type, in the order in which they are listed.
[[nodiscard]] std::span<const NodeType* const> node_types() noexcept;
[[nodiscard]] const NodeType* find_node_type(std::string_view name) noexcept;

}  // namespace stemwire
