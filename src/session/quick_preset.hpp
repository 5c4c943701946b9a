// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "container/song_preset.hpp"
#include "stemwire/error.hpp"

namespace stemwire::session {

/// A preset that plays every audio stream of every file, mixed to the default sink; of a song (container::is_song) that is alone, one that
/// sounds like it; of a packed file that is alone, the preset in it. With `loop` every file is played for ever, and a song as a whole. Errors: a file that is no audio.
[[nodiscard]] tl::expected<container::PresetText, Errors> quick_preset(const std::vector<std::string>& files, const container::PresetWishes& wishes);

}  // namespace stemwire::session
