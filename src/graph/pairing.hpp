// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "stemwire/layout.hpp"

namespace stemwire::graph {

/// Which channel of `from` feeds which of `to` in a link of two groups: the same positions; mono feeds all; all are summed to
/// mono. Nothing where the rule has no answer: then a person must name ports.
[[nodiscard]] std::optional<std::vector<std::pair<std::size_t, std::size_t>>> pair_channels(
    const ChannelLayout& from, const ChannelLayout& to);

}  // namespace stemwire::graph
