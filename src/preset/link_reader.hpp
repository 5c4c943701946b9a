// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "preset/preset.hpp"
#include "preset/report.hpp"

namespace stemwire::preset {

/// One end of a link as it is written: `mix:drums`.
struct EndpointText {
    std::string name;
    std::string port;   ///< empty: the default group
    Mark mark{};
};

struct LinkText {
    EndpointText from;
    EndpointText to;
};

/// Every `A -> B` of the list of links; `A -> B -> C` is two.
[[nodiscard]] std::vector<LinkText> read_links(const YamlNode& list, Report& report);

/// Fixes every node's ports, sources first, since a mixer's or a bus's layout may be that of what is linked to it. Nodes in `wrong` are left out.
void resolve_ports(Preset& preset, const std::vector<LinkText>& links, const std::vector<bool>& wrong, Report& report);

/// Turns links into wires of the preset's graph. Links of nodes in `wrong` are passed over: their errors are said already.
void resolve_links(Preset& preset, const std::vector<LinkText>& links, const std::vector<bool>& wrong, Report& report);

}  // namespace stemwire::preset
