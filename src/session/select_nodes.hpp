// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "preset/preset.hpp"
#include "stemwire/error.hpp"

namespace stemwire::session {

/// The part of a preset that one process runs, the rest being run elsewhere: only the named nodes, with the others as externals of the same
/// preset. A link between two processes belongs to the one that has its input. The error names a node that the preset lacks.
[[nodiscard]] Expected<preset::Preset> select_nodes(const preset::Preset& preset, const std::vector<std::string>& names);

}  // namespace stemwire::session
