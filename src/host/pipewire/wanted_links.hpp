// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "host/live_host.hpp"
#include "host/pipewire/registry.hpp"

namespace stemwire::host {

/// One of our nodes as the links need it.
struct OwnNode {
    std::string name;                ///< node.name
    std::optional<GlobalId> id;      ///< while the server has it
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
};

/// A link that shall be, by names, which stay, and by the server's ids, which are there while the ports are.
struct WantedLink {
    std::string from;  ///< `band.mix:main_FL`, or the external's name while it is absent
    std::string to;
    std::optional<GlobalId> output_port;
    std::optional<GlobalId> input_port;
    bool own = false;  ///< between two nodes of ours

    [[nodiscard]] bool makeable() const noexcept { return output_port && input_port; }
    [[nodiscard]] std::string text() const { return from + " -> " + to; }
};

/// All links that shall be, in the order in which they are made: ours in the order of the preset, those that close a loop after
/// the others, then what feeds us, then what we feed; and what a user should know of those that cannot be.
struct WantedLinks {
    std::vector<WantedLink> links;
    std::vector<std::string> notes;
};

/// What the preset's links come to with what is there now. An external is the default sink or source (of the metadata, else the
/// one with the highest priority), or the first node by name that its pattern matches and that has ports of the right direction.
[[nodiscard]] WantedLinks wanted_links(const std::vector<OwnNode>& nodes, const std::vector<HostedExternal>& externals,
                                       const graph::Graph& graph, const Registry& registry);

}  // namespace stemwire::host
