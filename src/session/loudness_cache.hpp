// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "preset/preset.hpp"
#include "session/loudness.hpp"

namespace stemwire::session {

/// All that a song's loudness depends on, as text: nodes with their settings, links, the rate, which files (path, size, time), how much of it is measured, and
/// the version of this program. Neither the key `loudness` with its nodes, nor names, nor the transport.
[[nodiscard]] std::string loudness_key(const preset::Preset& preset, std::optional<double> length_seconds);

/// What was kept for this key in `$XDG_CACHE_HOME/stemwire` (without that variable `~/.cache/stemwire`), if anything. Guarantee: blocking.
[[nodiscard]] std::optional<SongLoudness> find_loudness(const std::string& key);
/// Keeps a measurement, and of all that were kept the newest 200. False where the folder cannot be written. Guarantee: blocking; a reader finds all of it or nothing.
bool keep_loudness(const std::string& key, const SongLoudness& song);

}  // namespace stemwire::session
