// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/fuse_groups.hpp"

namespace stemwire::session {

namespace {

/// A preset's links, with a group standing for all that is in it.
class Groups {
public:
    explicit Groups(const preset::Preset& preset) : preset_(preset), group_of_(group_of_nodes(preset)) {}

    /// A node outside a group that hears it and feeds it, if there is one.
    [[nodiscard]] std::optional<Error> node_between() const
    {
        for (std::uint32_t group = 0; group < preset_.fused.size(); ++group) {
            const std::vector<bool> hears = hearing(group);
            for (const graph::Wire& wire : preset_.graph.wires)
                if (hears[wire.from.node] && group_of_[wire.from.node] != group && group_of_[wire.to.node] == group && !wire.feedback)
                    return Error{"fuse: " + preset_.nodes[wire.from.node].name + " lies between nodes of " + preset_.fused[group].name + " and must be in it too", preset_.path,
                                 preset_.fused[group].mark};
        }
        return std::nullopt;
    }

private:
    [[nodiscard]] bool within_group(const graph::Wire& wire) const
    {
        return group_of_[wire.from.node].has_value() && group_of_[wire.from.node] == group_of_[wire.to.node];
    }

    /// [node]: whether it hears the group.
    [[nodiscard]] std::vector<bool> hearing(std::uint32_t group) const
    {
        std::vector<bool> hears(preset_.nodes.size(), false);
        for (std::size_t round = 0; round < preset_.nodes.size(); ++round)
            for (const graph::Wire& wire : preset_.graph.wires)
                if (!wire.feedback && !within_group(wire) && (group_of_[wire.from.node] == group || hears[wire.from.node])) reach(wire.to.node, hears);
        return hears;
    }

    /// What feeds one node of a group feeds all.
    void reach(std::uint32_t node, std::vector<bool>& reached) const
    {
        reached[node] = true;
        if (!group_of_[node]) return;
        for (const std::uint32_t member : preset_.fused[*group_of_[node]].nodes) reached[member] = true;
    }

    const preset::Preset& preset_;
    std::vector<std::optional<std::uint32_t>> group_of_;
};

}  // namespace

std::vector<std::optional<std::uint32_t>> group_of_nodes(const preset::Preset& preset)
{
    std::vector<std::optional<std::uint32_t>> group_of(preset.nodes.size());
    for (std::uint32_t group = 0; group < preset.fused.size(); ++group)
        for (const std::uint32_t node : preset.fused[group].nodes) group_of[node] = group;
    return group_of;
}

std::optional<Error> fuse_error(const preset::Preset& preset)
{
    return Groups(preset).node_between();
}

}  // namespace stemwire::session
