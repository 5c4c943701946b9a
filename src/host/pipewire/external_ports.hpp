// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/live_host.hpp"
#include "host/pipewire/registry.hpp"

namespace stemwire::host {

/// Ports of one node that is not ours.
struct ExternalPorts {
    std::string node;
    std::vector<const PortGlobal*> ports;
};

/// The ports that an external stands for now: inputs for what we feed (`outward`), else outputs. `ours` are never meant.
/// A sink's monitors are meant only by a pattern that names them, or where the default sink is listened to.
[[nodiscard]] std::optional<ExternalPorts> find_external(const HostedExternal& external, bool outward, const Registry& registry,
                                                         const std::vector<GlobalId>& ours);

/// Which of our channels meets which port: the same positions; mono meets all; all meet a single port; as many without matching
/// positions in their order. Nothing where there is no answer.
[[nodiscard]] std::optional<std::vector<std::pair<std::size_t, const PortGlobal*>>> pair_ports(const ChannelLayout& layout,
                                                                                               const std::vector<const PortGlobal*>& ports);

}  // namespace stemwire::host
