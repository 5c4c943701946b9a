// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "host/jack/port_map.hpp"
#include "host/live_host.hpp"

namespace stemwire::host {

/// The ports of one of our nodes by their names in full, in the order in which the graph counts them.
struct OwnPorts {
    std::string node;
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
};

/// A link that shall be; an end that is absent has the external's name.
struct LinkWish {
    LinkKey link;
    bool makeable = false;  ///< both ports are there
};

struct LinkWishes {
    std::vector<LinkWish> links;     ///< ours in the order of the preset, those that close a loop after the others, what feeds us, what we feed
    std::vector<std::string> notes;  ///< what a user should know of those that cannot be
};

/// What the preset's links come to with the ports that are there. The default sink and source are the first client with physical ports; a pattern is
/// the first client by name whose ports match. Ports meet by position where their names end with one (`_FL`), else in their order.
[[nodiscard]] LinkWishes wish_links(const std::vector<OwnPorts>& nodes, const std::vector<HostedExternal>& externals, const graph::Graph& graph,
                                    const PortMap& map);

/// As LiveHost::external_of.
[[nodiscard]] std::optional<std::string> external_of(const std::vector<HostedExternal>& externals, const std::string& port, bool is_input, const PortMap& map);

}  // namespace stemwire::host
