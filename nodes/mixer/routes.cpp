// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/mixer/routes.hpp"

#include <algorithm>
#include <array>
#include <numbers>

namespace stemwire::nodes {

namespace {

constexpr double minus_3_db = std::numbers::sqrt2 / 2.0;

/// What a position gives to the two sides of a stereo downmix.
struct Downmix {
    Position position;
    double left;
    double right;
};

constexpr std::array<Downmix, 8> downmix_table{{
    {Position::FL, 1.0, 0.0},
    {Position::FR, 0.0, 1.0},
    {Position::FC, minus_3_db, minus_3_db},
    {Position::SL, minus_3_db, 0.0},
    {Position::SR, 0.0, minus_3_db},
    {Position::RL, minus_3_db, 0.0},
    {Position::RR, 0.0, minus_3_db},
    {Position::RC, 0.5, 0.5},
}};

PanRole balance_of(Position position)
{
    switch (position) {
    case Position::FL:
    case Position::SL:
    case Position::RL:
    case Position::FLC:
    case Position::TFL:
    case Position::TRL: return PanRole::balance_left;
    case Position::FR:
    case Position::SR:
    case Position::RR:
    case Position::FRC:
    case Position::TFR:
    case Position::TRR: return PanRole::balance_right;
    default: return PanRole::none;
    }
}

std::vector<Route> from_one_position(Position position, const ChannelLayout& bus)
{
    if (const auto same = bus.find(position)) return {{0, *same, 1.0, PanRole::none}};
    const auto left = bus.find(Position::FL);
    const auto right = bus.find(Position::FR);
    if (left && right) return {{0, *left, 1.0, PanRole::power_left}, {0, *right, 1.0, PanRole::power_right}};
    if (const auto centre = bus.find(Position::FC)) return {{0, *centre, 1.0, PanRole::none}};
    if (bus.is_mono()) return {{0, 0, 1.0, PanRole::none}};
    return {};
}

std::vector<Route> to_common_positions(const ChannelLayout& channel, const ChannelLayout& bus)
{
    std::vector<Route> routes;
    for (std::size_t to = 0; to < bus.size(); ++to)
        if (const auto from = channel.find(bus[to])) routes.push_back({*from, to, 1.0, balance_of(bus[to])});
    return routes;
}

/// Both sides of the downmix times `factor`, the left one to `left` of the bus and the right one to `right`.
std::vector<Route> downmix(const ChannelLayout& channel, std::size_t left, std::size_t right, double factor)
{
    std::vector<Route> routes;
    const auto add = [&](const Downmix& row, double side, std::size_t to) {
        if (const auto from = channel.find(row.position); from && side > 0.0)
            routes.push_back({*from, to, factor * side, balance_of(row.position)});
    };
    for (const Downmix& row : downmix_table) add(row, row.left, left);
    for (const Downmix& row : downmix_table) add(row, row.right, right);
    return routes;
}

}  // namespace

std::vector<Route> make_routes(const ChannelLayout& channel, const ChannelLayout& bus)
{
    if (channel.is_mono()) return from_one_position(channel[0], bus);
    auto common = to_common_positions(channel, bus);
    const bool same = channel.size() == bus.size() && common.size() == bus.size();
    const auto left = bus.find(Position::FL);
    const auto right = bus.find(Position::FR);
    if (!same && bus.size() == 2 && left && right) return downmix(channel, *left, *right, 1.0);
    if (!same && bus.is_mono() && common.empty()) return downmix(channel, 0, 0, 0.5);
    return common;
}

}  // namespace stemwire::nodes
