// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/live_host.hpp"
#include "preset/patch.hpp"
#include "session/hosted_graph.hpp"
#include "session/instance.hpp"

namespace stemwire::session {

/// What became other than the preset says, and how a user is told of it.
struct Unsaved {
    preset::Changes changes;
    std::vector<std::string> lines;   ///< one for each change: `mix.drums.gain: -3 dB`, `cut: mix:main_FL -> speakers:playback_FL`
};

/// Compares what runs with its preset: live values, the loop, links that were cut and drawn by hand.
/// A program that is linked by hand and has no name in the preset gets one. Thread: control's.
[[nodiscard]] Unsaved unsaved(const Instance& instance, const HostedGraph& hosted, const host::LiveHost& host, const std::string& session,
                              std::optional<std::pair<double, double>> loop_seconds);

/// Writes changes into the preset file, which may say something else by now than what runs: all else in it stays. Numbers that it refuses are left out
/// and named. Returns a line for each change. Errors: a file that does not check, or cannot be written. Guarantee: blocking.
[[nodiscard]] Expected<std::vector<std::string>> save_changes(const std::string& path, const Unsaved& unsaved);

}  // namespace stemwire::session
