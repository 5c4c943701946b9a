// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "preset/preset.hpp"

namespace stemwire::session {

/// [node]: the group that it is fused into, if any.
[[nodiscard]] std::vector<std::optional<std::uint32_t>> group_of_nodes(const preset::Preset& preset);

/// Names a node that lies between two nodes of a fused group, outside of it, by way of other groups too: the group would have to run before and after it.
[[nodiscard]] std::optional<Error> fuse_error(const preset::Preset& preset);

}  // namespace stemwire::session
