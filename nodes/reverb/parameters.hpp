// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// All that can be set on a reverb.
[[nodiscard]] std::span<const Parameter> reverb_parameters() noexcept;

/// NodeType::ports: the channels asked for, else those the impulse calls for.
[[nodiscard]] Ports reverb_ports(const Settings& settings, const PortHints& hints, Errors& errors);

/// NodeType::check: that the impulse fits the channels and can be heard.
void check_reverb(const Settings& settings, Errors& errors);

}  // namespace stemwire::nodes
