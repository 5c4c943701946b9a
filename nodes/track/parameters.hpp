// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// All that can be set on a track.
[[nodiscard]] std::span<const Parameter> track_parameters() noexcept;

/// NodeType::ports: the channels asked for, else the file's own, stereo where the file cannot tell.
[[nodiscard]] Ports track_ports(const Settings& settings, const PortHints& hints, Errors& errors);

/// NodeType::check: that the trim lies inside the file.
void check_track(const Settings& settings, Errors& errors);

}  // namespace stemwire::nodes
