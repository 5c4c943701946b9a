// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <variant>
#include <vector>

#include "cli/options.hpp"
#include "preset/preset.hpp"

namespace stemwire::cli {

/// `--set`, for every command that loads a preset.
inline constexpr Option set_option{"set", "NODE.PARAM=VALUE", "change a parameter before the preset is checked", true};

/// The values of --set; nothing where one isn't of the form NODE.PARAM=VALUE (said, status 2).
[[nodiscard]] std::variant<std::vector<preset::Override>, int> overrides_of(const Usage& usage, const Arguments& arguments);

/// Loads the preset that the first positional argument names, prints its warnings, or prints all its errors and gives the exit status.
[[nodiscard]] std::variant<preset::Preset, int> load_preset(const Usage& usage, const Arguments& arguments);

}  // namespace stemwire::cli
