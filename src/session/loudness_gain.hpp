// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "preset/preset.hpp"
#include "session/loudness.hpp"

namespace stemwire::session {

/// The gain that brings a song to its preset's `loudness`.
struct LoudnessGain {
    double gain_db = 0;
    std::string limited_by{};  ///< the sink whose true peak keeps it below what the target asks for; empty: nothing does
};

/// In steps of 0.01 dB: the target less the loudness of the first sink, but no more than what leaves every sink's true peak below the limit. 0 dB for silence.
[[nodiscard]] LoudnessGain choose_gain(const SongLoudness& song, const preset::LoudnessModel& wanted);

/// Whether a process that runs these nodes of a preset (empty: all) has those that `loudness` adds.
[[nodiscard]] bool runs_loudness(const preset::Preset& preset, const std::vector<std::string>& own_nodes);

/// How a song's loudness was found, once for each state of preset and files.
struct SongGain {
    LoudnessGain gain;
    std::vector<std::string> lines;  ///< for the user
};

/// What is known already; nothing where it must be measured. Guarantee: blocking, but soon.
[[nodiscard]] std::optional<SongGain> known_song_gain(const preset::Preset& preset);

/// What is known, or else measured and kept. `endless_seconds`: how much of a song that never ends is measured where neither the preset's `length` nor its loop says.
/// The preset must have `loudness`. Thread: any but realtime; blocking.
[[nodiscard]] tl::expected<SongGain, Errors> song_gain(const preset::Preset& preset, std::optional<double> endless_seconds, unsigned threads, const RenderProgress& progress,
                                                       const std::atomic<bool>& interrupted);

}  // namespace stemwire::session
