// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "preset/preset.hpp"
#include "session/render.hpp"
#include "stemwire/error.hpp"

namespace stemwire::session {

struct LoudnessRequest {
    std::optional<double> duration_seconds;     ///< nothing: to the end of the longest track and its tails; of what never ends the preset's own length or loop
    std::optional<double> endless_seconds;      ///< how much of what never ends, where the preset does not say
    unsigned threads = 0;                       ///< 0: one for each core
    std::map<std::string, std::string> inputs;  ///< external source → file
};

/// How loud one sink of a song is (EBU R 128). −∞: silence.
struct OutputLoudness {
    std::string name;
    double integrated_lufs = 0;
    double range_lu = 0;
    double max_momentary_lufs = 0;
    double max_short_term_lufs = 0;
    double true_peak_dbtp = 0;
};

struct SongLoudness {
    std::vector<OutputLoudness> outputs;  ///< in the order of the preset, which is never empty
    Frames frames = 0;
    double rate_hz = 0;
    double wall_seconds = 0;
    std::optional<double> length_seconds; ///< how much of the timeline was asked for; nothing: all of it
    std::vector<std::string> unheard;     ///< live inputs that were silent
    std::vector<std::string> messages;    ///< what nodes had to say: `drums: …`
};

/// Measures what a preset plays to its sinks, without the gain of its `loudness` and without any server, and writes nothing: recorders stay disarmed.
/// Thread: any but realtime; blocking. `interrupted` may be set from a signal handler: the error is then `interrupted`.
[[nodiscard]] tl::expected<SongLoudness, Errors> measure_loudness(const preset::Preset& preset, const LoudnessRequest& request, const RenderProgress& progress,
                                                                  const std::atomic<bool>& interrupted);

}  // namespace stemwire::session
