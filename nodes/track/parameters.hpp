// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <vector>

#include "media/decode_pool.hpp"
#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// The recordings that a track draws from: the one of its `file`, or its `takes`. Never empty for checked settings.
[[nodiscard]] std::vector<media::TakeRequest> takes_of(const Settings& settings);

/// All that can be set on a track.
[[nodiscard]] std::span<const Parameter> track_parameters() noexcept;

/// NodeType::ports: the channels asked for, else the most that any take has, stereo where the files cannot tell.
[[nodiscard]] Ports track_ports(const Settings& settings, const PortHints& hints, Errors& errors);

/// NodeType::check: that there is something to play, and that the trim lies inside it.
void check_track(const Settings& settings, Errors& errors);

}  // namespace stemwire::nodes
