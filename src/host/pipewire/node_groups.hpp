// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace stemwire::host {

/// `node.group` of nodes that are to run in the same cycles, whatever they are linked to: one group. But from 1.6.7 on a server goes through a group
/// from node to node, each inside the one before, gives up after 64, and warns once for each node that it then meets: with 101 nodes, 76,000 times
/// in three seconds. There nodes are in small groups, and the first node is in all of them, so that no way through them is long.
class NodeGroups {
public:
    /// `name`: of all of them, for people; what a server could take for several names is replaced. `server`: its version.
    NodeGroups(std::string name, const std::array<int, 3>& server);

    /// The property of the node in this place, of so many. Where the number grows, each node but the first stays where it was.
    [[nodiscard]] std::string of(std::size_t place, std::size_t nodes) const;

private:
    [[nodiscard]] std::string group(std::size_t number) const;

    std::string name_;
    bool small_;
};

}  // namespace stemwire::host
