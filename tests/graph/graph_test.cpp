// SPDX-License-Identifier: GPL-3.0-or-later
#include "graph/graph.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>

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
        for (int i = 0; i < 20; ++i) graph.wires.push_back({{static_cast<std::uint32_t>(random() % 12), 0}, {static_cast<std::uint32_t>(random() % 12), 0}});
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

/// Every arrival time at an input port over all paths, by walking them all.
class Paths {
public:
    Paths(const Graph& graph, const Alignment& alignment) : graph_(graph), alignment_(alignment) {}

    /// Times at which sound that left sources at 0 reaches this node's inputs, after the input's delay.
    std::vector<std::uint64_t> arrivals(std::uint32_t node) const
    {
        std::vector<std::uint64_t> times;
        for (std::size_t index = 0; index < graph_.wires.size(); ++index) {
            const Wire& wire = graph_.wires[index];
            if (wire.to.node != node || wire.feedback || std::ranges::find(alignment_.unaligned, index) != alignment_.unaligned.end()) continue;
            auto before = arrivals(wire.from.node);
            if (before.empty()) before = {0};
            for (const std::uint64_t time : before)
                times.push_back(time + graph_.nodes[wire.from.node].latency + alignment_.output_delay[wire.from.node][wire.from.port] + alignment_.input_delay[node][wire.to.port]);
        }
        return times;
    }

private:
    const Graph& graph_;
    const Alignment& alignment_;
};

TEST(Align, every_path_into_a_node_takes_the_same_time)
{
    std::mt19937 random(2);
    int delayed = 0;
    for (int round = 0; round < 200; ++round) {
        Graph graph = nodes(8, 2);
        for (GraphNode& node : graph.nodes) node.latency = random() % 3 == 0 ? 100 + random() % 100 : 0;
        for (int i = 0; i < 10; ++i) {
            auto a = static_cast<std::uint32_t>(random() % 8);
            auto b = static_cast<std::uint32_t>(random() % 8);
            if (a == b) continue;
            graph.wires.push_back({{std::min(a, b), static_cast<std::uint32_t>(random() % 2)}, {std::max(a, b), static_cast<std::uint32_t>(random() % 2)}});
        }
        mark_feedback(graph);
        const Alignment alignment = align(graph);
        if (!alignment.unaligned.empty()) continue;
        for (std::uint32_t node = 0; node < 8; ++node) {
            const auto times = Paths(graph, alignment).arrivals(node);
            for (const std::uint64_t time : times) ASSERT_EQ(time, times.front()) << "round " << round << " node " << node;
        }
        for (const auto& ports : alignment.input_delay)
            for (const std::uint32_t delay : ports) delayed += delay > 0 ? 1 : 0;
    }
    EXPECT_GT(delayed, 50);
}

TEST(Align, paths_that_meet_in_one_port_are_aligned_at_the_outputs)
{
    // 0 -> 1 (late) -> 3, 2 -> 3: both into the same port.
    Graph graph = nodes(4);
    graph.nodes[1].latency = 64;
    graph.wires = {{{0, 0}, {1, 0}}, {{1, 0}, {3, 0}}, {{2, 0}, {3, 0}}};
    const Alignment alignment = align(graph);
    EXPECT_EQ(alignment.output_delay[2][0], 64u);
    EXPECT_EQ(alignment.output_delay[1][0], 0u);
    EXPECT_EQ(alignment.input_delay[3][0], 0u);
    EXPECT_TRUE(alignment.unaligned.empty());
}

TEST(Align, an_output_that_feeds_both_a_late_node_and_what_follows_it_is_reported)
{
    // 0 -> 1 (late) -> 2 and 0 -> 2 in one port: delaying 0 would delay both.
    Graph graph = nodes(3);
    graph.nodes[1].latency = 64;
    graph.wires = {{{0, 0}, {1, 0}}, {{1, 0}, {2, 0}}, {{0, 0}, {2, 0}}};
    EXPECT_EQ(align(graph).unaligned, (std::vector<std::uint32_t>{2}));
}

TEST(Align, what_reaches_a_sink_arrives_together_and_its_latency_is_known)
{
    Graph graph = nodes(3);
    graph.externals = 1;
    graph.nodes[1].latency = 64;
    graph.wires = {{{0, 0}, {1, 0}}};
    graph.outer_links = {{1, 0, true, 0, ChannelLayout::mono(), ""}, {2, 0, true, 0, ChannelLayout::mono(), ""}};
    const Alignment alignment = align(graph);
    EXPECT_EQ(alignment.output_delay[2][0], 64u);
    EXPECT_EQ(alignment.external_latency[0], 64u);
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

TEST(Layout, ports_are_named_by_group_and_position)
{
    const std::vector<PortGroup> groups{{"main", ChannelLayout::stereo()}, {"click", ChannelLayout::mono()}};
    EXPECT_EQ(port_names(groups), (std::vector<std::string>{"main_FL", "main_FR", "click_MONO"}));
    EXPECT_EQ(channel_count(groups), 3u);
}

}  // namespace
}  // namespace stemwire::graph
