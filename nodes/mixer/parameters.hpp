// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <utility>

#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// All that can be set on a mixer.
[[nodiscard]] std::span<const Parameter> mixer_parameters() noexcept;

/// The settings with nothing left open: the bus `main` where none is named, and in every channel's `to` every bus in the order of
/// the buses: those that it leaves out are `off`; a channel without `to` goes to the first bus at 0 dB.
[[nodiscard]] Settings complete_mixer_settings(Settings settings);

/// NodeType::ports: a group per channel in, a group per bus out. Says which channel cannot be heard on a bus that it goes to.
[[nodiscard]] Ports mixer_ports(const Settings& settings, const PortHints& hints, Errors& errors);

/// NodeType::check: that there are channels and buses, and that every `to` names a bus.
void check_mixer(const Settings& settings, Errors& errors);

}  // namespace stemwire::nodes
