// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/offline/offline_host.hpp"
#include "preset/preset.hpp"
#include "session/instance.hpp"
#include "session/render_length.hpp"
#include "stemwire/error.hpp"

namespace stemwire::session {

struct OfflineOptions {
    std::optional<double> duration_seconds;  ///< nothing: to the end of the longest track and its tails, without the transport's loop
    std::optional<std::uint32_t> quantum;    ///< nothing: the preset's, else 1024, or 256 where something feeds back
    unsigned threads = 0;                    ///< 0: one for each core
};

/// A sink of the preset that something is linked to.
struct SongOutput {
    std::uint32_t external;
    std::string name;
    ChannelLayout layout;  ///< stereo, unless something wider is linked to it
};

/// A preset that is computed from beginning to end without any server, and those who hear it. One use. Thread: any but realtime.
class OfflineSong {
public:
    /// The preset outlives it.
    explicit OfflineSong(const preset::Preset& preset) : preset_(preset), decoders_(0) {}

    /// Makes and prepares every node. Before anything else; blocking.
    Errors prepare(const OfflineOptions& options);
    /// External source → file that plays in its place. After all else, before run.
    Expected<void> open_inputs(const std::map<std::string, std::string>& inputs);

    /// In the order of the preset.
    [[nodiscard]] std::vector<SongOutput> outputs() const;
    /// Gets what an output plays, cut to the timeline: `[channel][frame]`; whether more comes. An error ends the run.
    using Listener = std::function<Expected<void>(std::span<const float* const> channels, std::uint32_t frames, bool more)>;
    void listen(const SongOutput& output, Listener listener);
    /// The same of a node's output ports, as they are.
    void listen_to_node(std::uint32_t node, Listener listener);
    /// The main listener's part: a graph that feeds back is over when what it plays is quiet.
    void heard(std::uint32_t frames, float peak);

    /// Until the end, an error, or `interrupted`, which is an error too. Files that nodes write are made whole.
    Expected<void> run(const std::atomic<bool>& interrupted);

    [[nodiscard]] double rate_hz() const noexcept { return rate_hz_; }
    /// Frames that the main listener has heard.
    [[nodiscard]] Frames frames() const noexcept { return frames_; }
    /// Frames in all, once known; `endless` where nothing ever ends.
    [[nodiscard]] std::optional<Frames> total() { return length_->total(); }
    [[nodiscard]] Instance& instance() noexcept { return *instance_; }
    [[nodiscard]] const host::OfflineHost& host() const noexcept { return *host_; }

private:
    [[nodiscard]] host::OfflineOutput cut(Frames latency, Listener listener);
    [[nodiscard]] std::uint32_t quantum(const OfflineOptions& options) const;

    const preset::Preset& preset_;
    media::DecodePool decoders_;
    double rate_hz_ = 0;
    Frames frames_ = 0;
    std::unique_ptr<Instance> instance_;
    std::unique_ptr<RenderLength> length_;
    std::vector<std::unique_ptr<media::DecodedStream>> inputs_;
    std::unique_ptr<host::OfflineHost> host_;
};

/// The same with every recorder disarmed: for who only listens.
[[nodiscard]] preset::Preset without_takes(preset::Preset preset);

}  // namespace stemwire::session
