// SPDX-License-Identifier: GPL-3.0-or-later
#include "graph/pairing.hpp"

#include <algorithm>

namespace stemwire::graph {

namespace {

bool same_positions(const ChannelLayout& from, const ChannelLayout& to)
{
    return from.size() == to.size() &&
           std::ranges::all_of(from.positions(), [&](Position position) { return to.find(position).has_value(); });
}

}  // namespace

std::optional<std::vector<std::pair<std::size_t, std::size_t>>> pair_channels(const ChannelLayout& from, const ChannelLayout& to)
{
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    if (same_positions(from, to)) {
        for (std::size_t channel = 0; channel < from.size(); ++channel) pairs.emplace_back(channel, *to.find(from[channel]));
        return pairs;
    }
    if (!from.is_mono() && !to.is_mono()) return std::nullopt;
    for (std::size_t out = 0; out < from.size(); ++out)
        for (std::size_t in = 0; in < to.size(); ++in) pairs.emplace_back(out, in);
    return pairs;
}

}  // namespace stemwire::graph
