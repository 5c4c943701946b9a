// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "preset/preset.hpp"
#include "preset/report.hpp"

namespace stemwire::preset {

/// One end of a link as it is written: `mix:drums`.
struct EndpointText {
    enum class What { unknown, node, external };

    std::string name;
    std::string port;   ///< empty: the default group
    Mark mark{};
    What what = What::unknown;   ///< whose name it is, once find_names has looked
    std::uint32_t index = 0;     ///< of that node or external
};

struct LinkText {
    EndpointText from;
    EndpointText to;
};

/// Every `A -> B` of the list of links; `A -> B -> C` is two.
[[nodiscard]] std::vector<LinkText> read_links(const YamlNode& list, Report& report);

/// Looks up whose names stand in the links.
void find_names(std::vector<LinkText>& links, const Preset& preset);

/// Fixes every node's ports, sources first, since a mixer's or a bus's layout may be that of what is linked to it. Nodes in `wrong` are
/// left out, and what turns out to have errors is added to them.
void resolve_ports(Preset& preset, const std::vector<LinkText>& links, std::vector<bool>& wrong, Report& report);

/// Turns links into wires of the preset's graph. Links of nodes in `wrong` are passed over: their errors are said already.
void resolve_links(Preset& preset, const std::vector<LinkText>& links, const std::vector<bool>& wrong, Report& report);

}  // namespace stemwire::preset
