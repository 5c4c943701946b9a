// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "cli/options.hpp"
#include "preset/preset.hpp"
#include "session/live_session.hpp"

namespace stemwire::cli {

/// The options of every command that plays.
[[nodiscard]] std::vector<Option> live_options();

/// What is wrong with the values of these options, said, and its exit status; nothing where nothing is.
[[nodiscard]] std::optional<int> refuse_live_options(const Usage& usage, const Arguments& arguments);

/// Plays a preset as the options, which were not refused, say; the request has what else the command knows. Returns the exit status.
int play_live(const Arguments& arguments, preset::Preset preset, session::LiveRequest request);

}  // namespace stemwire::cli
