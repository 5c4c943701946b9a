// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "stemwire/error.hpp"

namespace stemwire::session {

/// The text of a preset that plays every audio stream of every file, mixed to the default sink; commented, ready to edit. Paths are
/// written relative to `folder` where the files are below it. `loop`: every file is played for ever. Errors: a file that is no audio.
[[nodiscard]] tl::expected<std::string, Errors> quick_preset(const std::vector<std::string>& files, const std::string& folder, bool loop = false);

}  // namespace stemwire::session
