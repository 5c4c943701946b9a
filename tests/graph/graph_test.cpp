// SPDX-License-Identifier: GPL-3.0-or-later
#include "graph/graph.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "graph/pairing.hpp"
#include "stemwire/layout.hpp"

namespace stemwire::graph {
namespace {

Graph nodes(std::size_t count, std::uint32_t ports = 1)
{
    Graph graph;
    for (std::size_t i = 0; i < count; ++i) graph.nodes.push_back({"n" + std::to_string(i), ports, ports, 0});
    return graph;
}

TEST(Order, each_node_comes_after_all_that_feed_it)
{
    std::mt19937 random(1);
    for (int round = 0; round < 50; ++round) {
        Graph graph = nodes(12);
        for (int i = 0; i < 20; ++i)
            graph.wires.push_back({{static_cast<std::uint32_t>(random() % 12), 0}, {static_cast<std::uint32_t>(random() % 12), 0}});
        mark_feedback(graph);
        const auto order = processing_order(graph);
        ASSERT_EQ(order.size(), 12u);
        const auto place = [&](std::uint32_t node) { return std::ranges::find(order, node) - order.begin(); };
        for (const Wire& wire : graph.wires) {
            if (!wire.feedback) {
                ASSERT_LT(place(wire.from.node), place(wire.to.node));
            }
        }
    }
}

/// Whether `from` reaches `to` by the wires marked in `used`, by trying every wire again and again.
bool reaches(const Graph& graph, const std::vector<bool>& used, std::uint32_t from, std::uint32_t to)
{
    std::set<std::uint32_t> reached{from};
    for (std::size_t round = 0; round < graph.nodes.size(); ++round)
        for (std::size_t i = 0; i < graph.wires.size(); ++i)
            if (used[i] && reached.contains(graph.wires[i].from.node)) reached.insert(graph.wires[i].to.node);
    return reached.contains(to);
}

TEST(Feedback, agrees_with_trying_every_wire_in_turn)
{
    std::mt19937 random(4);
    for (int round = 0; round < 100; ++round) {
        Graph graph = nodes(7, 2);
        for (int i = 0; i < 12; ++i) {
            const auto from = static_cast<std::uint32_t>(random() % 7);
            const auto to = static_cast<std::uint32_t>(random() % 7);
            for (std::uint32_t channel = 0; channel < 2; ++channel) graph.wires.push_back({{from, channel}, {to, channel}});
        }
        mark_feedback(graph);
        std::vector<bool> used(graph.wires.size(), false);
        for (std::size_t i = 0; i < graph.wires.size(); ++i) {
            const Wire& wire = graph.wires[i];
            ASSERT_EQ(wire.feedback, reaches(graph, used, wire.to.node, wire.from.node)) << "round " << round << " wire " << i;
            used[i] = !wire.feedback;
        }
    }
}

TEST(Order, ties_keep_the_order_of_the_preset)
{
    Graph graph = nodes(4);
    graph.wires = {{{3, 0}, {0, 0}}};
    EXPECT_EQ(processing_order(graph), (std::vector<std::uint32_t>{1, 2, 3, 0}));
}

TEST(Feedback, the_wire_that_closes_the_loop_is_the_late_one)
{
    Graph graph = nodes(3);
    graph.wires = {{{0, 0}, {1, 0}}, {{1, 0}, {2, 0}}, {{2, 0}, {0, 0}}, {{0, 0}, {2, 0}}, {{1, 0}, {1, 0}}};
    mark_feedback(graph);
    std::vector<bool> late;
    for (const Wire& wire : graph.wires) late.push_back(wire.feedback);
    EXPECT_EQ(late, (std::vector<bool>{false, false, true, false, true}));
}

TEST(Pairing, joins_the_same_positions_whatever_their_order)
{
    const ChannelLayout swapped({Position::FR, Position::FL});
    const auto pairs = pair_channels(ChannelLayout::stereo(), swapped);
    ASSERT_TRUE(pairs);
    EXPECT_EQ(*pairs, (std::vector<std::pair<std::size_t, std::size_t>>{{0, 1}, {1, 0}}));
}

TEST(Pairing, mono_feeds_all_and_hears_all)
{
    EXPECT_EQ(pair_channels(ChannelLayout::mono(), ChannelLayout::stereo())->size(), 2u);
    EXPECT_EQ(pair_channels(*ChannelLayout::named("5.1"), ChannelLayout::mono())->size(), 6u);
    EXPECT_FALSE(pair_channels(ChannelLayout::stereo(), *ChannelLayout::named("quad")));
}

TEST(Layout, every_usual_layout_has_its_channels_and_reads_back)
{
    for (std::size_t channels = 1; channels <= 16; ++channels) EXPECT_EQ(ChannelLayout::usual(channels).size(), channels);
    for (const char* name : {"mono", "stereo", "quad", "5.1", "7.1"}) EXPECT_EQ(to_string(*ChannelLayout::named(name)), name);
    EXPECT_EQ(to_string(ChannelLayout({Position::FL, Position::LFE})), "[FL, LFE]");
}

TEST(Layout, what_has_no_usual_layout_has_auxiliary_channels_by_number_up_to_sixteen)
{
    const ChannelLayout twelve = ChannelLayout::usual(12);
    for (std::size_t channel = 0; channel < 12; ++channel) EXPECT_EQ(to_string(twelve[channel]), "AUX" + std::to_string(channel));
    EXPECT_EQ(ChannelLayout::usual(17), ChannelLayout::usual(16));
}

TEST(Layout, ports_are_named_by_group_and_position)
{
    const std::vector<PortGroup> groups{{"main", ChannelLayout::stereo()}, {"click", ChannelLayout::mono()}};
    EXPECT_EQ(port_names(groups), (std::vector<std::string>{"main_FL", "main_FR", "click_MONO"}));
    EXPECT_EQ(channel_count(groups), 3u);
}

}  // namespace
}  // namespace stemwire::graph
