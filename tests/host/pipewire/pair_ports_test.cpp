// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/external_ports.hpp"

#include <gtest/gtest.h>

namespace stemwire::host {
namespace {

using Pairs = std::vector<std::pair<std::size_t, std::string>>;

std::vector<PortGlobal> ports(const std::vector<std::pair<std::string, std::string>>& names)
{
    std::vector<PortGlobal> made;
    for (const auto& [name, channel] : names) made.push_back({.name = name, .channel = channel});
    return made;
}

std::optional<Pairs> pair(const ChannelLayout& layout, const std::vector<PortGlobal>& theirs)
{
    std::vector<const PortGlobal*> pointers;
    for (const PortGlobal& port : theirs) pointers.push_back(&port);
    const auto pairs = pair_ports(layout, pointers);
    if (!pairs) return std::nullopt;
    Pairs named;
    for (const auto& [channel, port] : *pairs) named.emplace_back(channel, port->name);
    return named;
}

TEST(PairPorts, meets_the_same_positions_whatever_their_order)
{
    EXPECT_EQ(pair(ChannelLayout::stereo(), ports({{"b", "FR"}, {"a", "FL"}})), (Pairs{{0, "a"}, {1, "b"}}));
    EXPECT_EQ(pair(ChannelLayout::stereo(), ports({{"x_FC", ""}, {"x_FR", ""}, {"x_FL", ""}})), (Pairs{{0, "x_FL"}, {1, "x_FR"}}));
}

TEST(PairPorts, sends_mono_to_all_and_all_to_one)
{
    EXPECT_EQ(pair(ChannelLayout::mono(), ports({{"a", "FL"}, {"b", "FR"}})), (Pairs{{0, "a"}, {0, "b"}}));
    EXPECT_EQ(pair(ChannelLayout::stereo(), ports({{"in", ""}})), (Pairs{{0, "in"}, {1, "in"}}));
}

TEST(PairPorts, takes_as_many_without_matching_positions_in_their_order)
{
    EXPECT_EQ(pair(ChannelLayout::stereo(), ports({{"capture_1", "AUX0"}, {"capture_2", "AUX1"}})), (Pairs{{0, "capture_1"}, {1, "capture_2"}}));
}

TEST(PairPorts, has_no_answer_for_other_numbers)
{
    EXPECT_EQ(pair(ChannelLayout::stereo(), ports({{"a", "AUX0"}, {"b", "AUX1"}, {"c", "AUX2"}})), std::nullopt);
    EXPECT_EQ(pair(*ChannelLayout::named("5.1"), ports({{"a", "FL"}, {"b", "FR"}})), std::nullopt);
}

TEST(NameInJson, finds_the_name_among_other_keys)
{
    EXPECT_EQ(name_in_json(R"({"name":"sink a"})"), "sink a");
    EXPECT_EQ(name_in_json(R"({"other": 3, "name": "x"})"), "x");
    EXPECT_EQ(name_in_json("{}"), std::nullopt);
    EXPECT_EQ(name_in_json("null"), std::nullopt);
}

}  // namespace
}  // namespace stemwire::host
