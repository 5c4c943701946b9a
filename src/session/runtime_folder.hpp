// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "stemwire/error.hpp"

namespace stemwire::session {

/// Where running sessions are found: `$XDG_RUNTIME_DIR/stemwire`; without that variable `/tmp/stemwire-UID`. Made where it is missing, for its owner alone; the error
/// says what is wrong with one that belongs to somebody else or lets others in.
[[nodiscard]] Expected<std::string> runtime_folder();

}  // namespace stemwire::session
