// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "preset/preset.hpp"
#include "session/instance.hpp"

namespace stemwire::session {

/// Where each node of an edited preset comes from: from one of its name and type that plays; rebuilt unless values that may change while playing are all that
/// differs. Follows from the parameter tables alone.
[[nodiscard]] std::vector<NodeOrigin> origins_of(const preset::Preset& playing, const preset::Preset& next);

/// What an edit says that only a new start can change, as messages for the user.
[[nodiscard]] std::vector<std::string> fixed_while_running(const preset::Preset& playing, const preset::Preset& next);

}  // namespace stemwire::session
