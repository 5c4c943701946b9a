// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "preset/preset.hpp"

namespace stemwire::cli {

/// Gives the nodes that the preset's key `loudness` adds their gain: measures the song, with a bar of progress, unless it is known already, and says what came of
/// it. Nothing to do without the key. `endless_seconds`: how much of a song that never ends. Ctrl-C is heard as long as it measures. An exit status where it failed.
[[nodiscard]] std::optional<int> bring_to_loudness(preset::Preset& preset, std::optional<double> endless_seconds);

}  // namespace stemwire::cli
