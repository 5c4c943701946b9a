// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// All that can be set on a generator.
[[nodiscard]] std::span<const Parameter> generator_parameters() noexcept;

/// NodeType::ports: one group `output` in the layout asked for.
[[nodiscard]] Ports generator_ports(const Settings& settings, const PortHints& hints, Errors& errors);

/// NodeType::check: that nothing is given that the signal does not use, and that a sweep goes somewhere.
void check_generator(const Settings& settings, Errors& errors);

}  // namespace stemwire::nodes
