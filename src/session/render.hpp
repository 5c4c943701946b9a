// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "media/encoder.hpp"
#include "preset/preset.hpp"
#include "stemwire/error.hpp"

namespace stemwire::session {

struct RenderRequest {
    std::string output;                    ///< the file's ending says the format
    media::SampleFormat format = media::SampleFormat::s24;
    std::optional<double> duration_seconds;   ///< nothing: to the end of the longest track and its tails, without the transport's loop
    std::optional<std::uint32_t> quantum;  ///< nothing: the preset's, else 1024, or 256 where something feeds back
    unsigned threads = 0;                  ///< 0: one for each core
    std::map<std::string, std::string> inputs;  ///< external source → file
    std::string stems_folder;              ///< empty: none
};

struct NodeCost {
    std::string name;
    double cpu_seconds = 0;
};

struct RenderSummary {
    std::vector<std::string> files;   ///< what was written, the output first
    Frames frames = 0;
    double rate_hz = 0;
    double wall_seconds = 0;
    double peak = 0;                  ///< sample peak of the output, linear
    double lufs = 0;                  ///< integrated; −∞ where it is too short or silent
    std::uint64_t missing_frames = 0;
    std::vector<NodeCost> nodes;
    std::vector<std::string> messages;  ///< what nodes had to say: `drums: …`
};

/// How far it is: frames done, and frames in all once that is known (else 0).
using RenderProgress = std::function<void(Frames done, Frames total)>;

/// Computes a preset into files. The first sink of the preset is the output; every further one is written beside it as `OUT-NAME.ext`.
/// What arrives is in time with the timeline: the latency of the path is taken off. Leaves no file behind unless all went well.
/// Thread: any but realtime; blocking. `interrupted` may be set from a signal handler: the error is then `interrupted`.
[[nodiscard]] tl::expected<RenderSummary, Errors> render(const preset::Preset& preset, const RenderRequest& request, const RenderProgress& progress,
                                                         const std::atomic<bool>& interrupted);

}  // namespace stemwire::session
