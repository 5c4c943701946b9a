// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "preset/preset.hpp"

namespace stemwire::cli {

/// The preset as a Graphviz graph: a box for each node with a field for each port group, an arrow for each link of groups.
[[nodiscard]] std::string to_dot(const preset::Preset& preset);

}  // namespace stemwire::cli
