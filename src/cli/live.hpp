// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "cli/options.hpp"
#include "preset/preset.hpp"

namespace stemwire::cli {

/// The options of every command that plays.
[[nodiscard]] std::vector<Option> live_options();

/// Plays a preset as the options say; returns the exit status.
int play_live(const Usage& usage, const Arguments& arguments, const preset::Preset& preset);

}  // namespace stemwire::cli
