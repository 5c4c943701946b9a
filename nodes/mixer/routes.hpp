// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

#include "stemwire/layout.hpp"

namespace stemwire::nodes {

/// How a route's gain follows the channel's pan.
enum class PanRole {
    none,
    power_left,     ///< constant power, towards the left
    power_right,
    balance_left,   ///< stands on the left: attenuated when the pan goes right
    balance_right,
};

/// One way from a channel's position to a bus's position.
struct Route {
    std::size_t from;  ///< index into the channel's layout
    std::size_t to;    ///< index into the bus's layout
    double factor;     ///< linear, at centre for a balance, before the pan law for constant power
    PanRole pan;
    friend bool operator==(const Route&, const Route&) = default;
};

/// How a channel reaches a bus, in the order of the bus's positions; the first rule that fits:
/// 1. one position: to the same position of the bus, else by constant power to FL and FR, else to FC, else to a bus of one position;
/// 2. the same positions: each to its own;
/// 3. to stereo: FL and FR as they are, FC and the surrounds (SL, SR, RL, RR) at −3 dB, RC at −6 dB on both sides, LFE and heights left
///    out (ITU-R BS.775-3, annex 4, table 2);
/// 4. to one position that the channel lacks: half the sum of both sides of rule 3;
/// 5. anything else: to those positions that both have.
/// The pan of a channel with several positions is a balance of those on the left and on the right.
[[nodiscard]] std::vector<Route> make_routes(const ChannelLayout& channel, const ChannelLayout& bus);

}  // namespace stemwire::nodes
