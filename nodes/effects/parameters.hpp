// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// All that can be set on an effects node and the units of its chain.
[[nodiscard]] std::span<const Parameter> effects_parameters() noexcept;

/// NodeType::ports: `input` and `output` in the layout asked for, else that of what is linked, else stereo; and `sidechain` where a unit listens to it.
[[nodiscard]] Ports effects_ports(const Settings& settings, const PortHints& hints, Errors& errors);

/// NodeType::check: that there is something in the chain, and that no band has a gain that its shape lacks.
void check_effects(const Settings& settings, Errors& errors);

}  // namespace stemwire::nodes
