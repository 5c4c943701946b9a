// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "container/song.hpp"
#include "stemwire/error.hpp"

namespace stemwire::container {

/// How a preset is to be written.
struct PresetWishes {
    std::string folder = ".";    ///< where it will lie: paths are relative to it
    bool loop = false;           ///< it plays for ever
    std::uint64_t seed = 1;      ///< of the first track with takes; the others count on from it
    bool extract = false;        ///< impulse responses become files in the folder; else they stay attached
};

/// The text of a preset, commented, ready to edit.
struct PresetText {
    std::string text;
    std::vector<std::pair<std::string, std::string>> files{};  ///< path and content of what has to be written beside it
    Errors warnings{};
};

/// A preset of ordinary nodes that sounds like the song. Effects that no node can do stand in a comment, and in the warnings.
/// Guarantee: blocking (it looks into impulse responses).
[[nodiscard]] PresetText song_preset(const Song& song, const PresetWishes& wishes);

}  // namespace stemwire::container
