// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "preset/preset.hpp"

namespace stemwire::preset {

/// A live parameter and the value that it takes. The address is that of LiveParameters, without the node: `drums.gain`.
struct LiveChange {
    std::string address;
    double value = 0.0;   ///< in the parameter's own number
    friend bool operator==(const LiveChange&, const LiveChange&) = default;
};

/// What becomes of one node of the new preset.
struct NodeChange {
    std::string name;
    std::optional<std::uint32_t> old;  ///< index of the node of this name and type in the old preset; nothing: it is new
    bool rebuild = false;              ///< something changed that cannot while it plays: its ports, its shape, a file
    std::vector<LiveChange> live{};    ///< of a node that is kept as it is: all that changed

    [[nodiscard]] bool is_unchanged() const noexcept { return old && !rebuild && live.empty(); }
};

/// A link between two ports by their names: `drums:output_FL`. The end that is an external is its name, or `name:port` where the preset names a port.
struct PortLink {
    std::string from;
    std::string to;
    friend auto operator<=>(const PortLink&, const PortLink&) = default;
};

/// Nodes of one fuse group, by name.
struct FuseGroup {
    std::string name;
    std::vector<std::string> nodes;
    friend auto operator<=>(const FuseGroup&, const FuseGroup&) = default;
};

/// How to get from one preset to another. Plain data; all that names something is by name, but for NodeChange::old.
struct Difference {
    std::vector<NodeChange> nodes;            ///< [node of the new preset]
    std::vector<std::string> removed;         ///< nodes that the new preset has not, or has with another type
    std::vector<ExternalModel> externals_added;   ///< one that says something else is removed and added
    std::vector<std::string> externals_removed;
    std::vector<PortLink> links_added;        ///< in the order of the new preset
    std::vector<PortLink> links_removed;      ///< in the order of the old one
    std::optional<std::vector<PortLink>> late;   ///< every link of the new preset that closes a loop, sorted, where these are not the old one's
    std::vector<FuseGroup> fuse_added;        ///< a group that has other nodes is removed and added
    std::vector<std::string> fuse_removed;
    bool transport = false;                   ///< loop, autostart, or whose transport is followed
    bool policy = false;                      ///< of links
    std::vector<std::string> messages;        ///< for the user: what changed and only a new start can follow, such as the session's name

    /// True where nothing is to be done while it runs; there may be messages.
    [[nodiscard]] bool empty() const noexcept;
};

/// What there is to do so that what plays `from` plays `to`. Follows from the parameter tables alone. Linear in the presets' sizes (times a logarithm).
[[nodiscard]] Difference difference(const Preset& from, const Preset& to);

/// Every link of a preset port by port, in its order: first between nodes, then with externals.
[[nodiscard]] std::vector<PortLink> port_links(const Preset& preset);

}  // namespace stemwire::preset
