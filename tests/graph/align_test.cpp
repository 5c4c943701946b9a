// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include "graph/graph.hpp"

namespace stemwire::graph {
namespace {

Graph nodes(std::size_t count, std::uint32_t ports = 1)
{
    Graph graph;
    for (std::size_t i = 0; i < count; ++i) graph.nodes.push_back({"n" + std::to_string(i), ports, ports, 0});
    return graph;
}

Graph random_graph(std::mt19937& random)
{
    constexpr std::uint32_t size = 8;
    Graph graph = nodes(size, 2);
    graph.externals = 2;
    const auto below = [&](std::uint32_t limit) { return static_cast<std::uint32_t>(random() % limit); };
    for (GraphNode& node : graph.nodes) node.latency = below(3) == 0 ? 100 + below(100) : 0;
    for (int i = 0; i < 11; ++i) graph.wires.push_back({{below(size), below(2)}, {below(size), below(2)}});
    for (int i = 0; i < 2; ++i) graph.outer_links.push_back({below(size), 0, true, below(2), ChannelLayout::mono(), ""});
    graph.outer_links.push_back({below(size), 1, false, below(2), ChannelLayout::mono(), ""});
    mark_feedback(graph);
    return graph;
}

/// Walks every path there is, one by one: the oracle of alignment.
class Paths {
public:
    Paths(const Graph& graph, const Alignment& alignment) : graph_(graph), alignment_(alignment) {}

    /// Frames after which sound that begins at 0 in every source and every device reaches this node, over each path.
    std::multiset<std::uint64_t> into_node(std::uint32_t node) const
    {
        std::multiset<std::uint64_t> times;
        for (const Wire& wire : graph_.wires)
            if (wire.to.node == node && !wire.feedback)
                for (const std::uint64_t time : out_of({wire.from.node, wire.from.port}))
                    times.insert(time + alignment_.input_delay[node][wire.to.port]);
        for (const OuterLink& link : graph_.outer_links)
            if (!link.outward && link.node == node) times.insert(alignment_.input_delay[node][link.first_port]);
        return times;
    }

    std::multiset<std::uint64_t> into_external(std::uint32_t external) const
    {
        std::multiset<std::uint64_t> times;
        for (const OuterLink& link : graph_.outer_links)
            if (link.outward && link.external == external) times.merge(out_of({link.node, link.first_port}));
        return times;
    }

private:
    std::multiset<std::uint64_t> out_of(const Endpoint& output) const
    {
        auto before = into_node(output.node);
        if (before.empty()) before.insert(0);
        std::multiset<std::uint64_t> times;
        for (const std::uint64_t time : before)
            times.insert(time + graph_.nodes[output.node].latency + alignment_.output_delay[output.node][output.port]);
        return times;
    }

    const Graph& graph_;
    const Alignment& alignment_;
};

bool all_equal(const std::multiset<std::uint64_t>& times)
{
    return times.empty() || *times.begin() == *times.rbegin();
}

/// A device and a wire in one port cannot be aligned: the device is heard now, whatever our outputs do.
bool meets_a_device(const Graph& graph)
{
    return std::ranges::any_of(graph.outer_links, [&](const OuterLink& link) {
        return !link.outward && std::ranges::any_of(graph.wires, [&](const Wire& wire) {
            return !wire.feedback && wire.to == Endpoint{link.node, link.first_port};
        });
    });
}

TEST(Align, every_path_takes_the_same_time)
{
    std::mt19937 random(2);
    int aligned = 0;
    int delayed = 0;
    int in_time_at_sink = 0;
    for (int round = 0; round < 2000; ++round) {
        const Graph graph = random_graph(random);
        const Alignment alignment = align(graph);
        if (!alignment.unaligned.empty() || meets_a_device(graph)) continue;
        ++aligned;
        const Paths paths(graph, alignment);
        for (std::uint32_t node = 0; node < graph.nodes.size(); ++node) {
            const auto times = paths.into_node(node);
            ASSERT_TRUE(all_equal(times)) << "round " << round << " node " << node;
            ASSERT_EQ(times.empty() ? 0 : *times.begin(), alignment.node_latency[node]) << "round " << round << " node " << node;
        }
        const auto sink = paths.into_external(0);
        ASSERT_EQ(sink.empty() ? 0 : *sink.rbegin(), alignment.external_latency[0]) << "round " << round;
        in_time_at_sink += all_equal(sink) ? 1 : 0;
        for (const auto& ports : alignment.input_delay) delayed += std::accumulate(ports.begin(), ports.end(), 0u) > 0 ? 1 : 0;
    }
    EXPECT_GT(aligned, 500);
    EXPECT_GT(delayed, 100);
    EXPECT_GT(in_time_at_sink, aligned * 3 / 4) << "all but where one of the sink's outputs feeds the other";
}

TEST(Align, delays_no_path_more_than_the_longest)
{
    std::mt19937 random(5);
    for (int round = 0; round < 500; ++round) {
        const Graph graph = random_graph(random);
        const Alignment alignment = align(graph);
        const std::uint64_t all = std::accumulate(graph.nodes.begin(), graph.nodes.end(), std::uint64_t{0},
                                                  [](std::uint64_t sum, const GraphNode& node) { return sum + node.latency; });
        for (const auto* delays : {&alignment.input_delay, &alignment.output_delay})
            for (const auto& ports : *delays)
                for (const std::uint32_t delay : ports) ASSERT_LE(delay, all) << "round " << round;
    }
}

TEST(Align, without_latency_there_is_no_delay)
{
    std::mt19937 random(6);
    Graph graph = random_graph(random);
    for (GraphNode& node : graph.nodes) node.latency = 0;
    const Alignment alignment = align(graph);
    for (const auto* delays : {&alignment.input_delay, &alignment.output_delay})
        for (const auto& ports : *delays) EXPECT_EQ(ports, (std::vector<std::uint32_t>{0, 0}));
    EXPECT_TRUE(alignment.unaligned.empty());
}

TEST(Align, a_port_that_only_feedback_reaches_is_not_delayed)
{
    // 0 (late) -> 1 on its first port; 1 hears itself on its second.
    Graph graph = nodes(2, 2);
    graph.nodes[0].latency = 64;
    graph.wires = {{{0, 0}, {1, 0}}, {{1, 1}, {1, 1}}};
    mark_feedback(graph);
    EXPECT_EQ(align(graph).input_delay[1], (std::vector<std::uint32_t>{0, 0}));
}

TEST(Align, a_device_is_delayed_to_what_it_is_heard_with)
{
    // 0 (late) -> 1 on its first port, a microphone on its second; nothing is linked to the third.
    Graph graph = nodes(2, 3);
    graph.externals = 1;
    graph.nodes[0].latency = 64;
    graph.wires = {{{0, 0}, {1, 0}}};
    graph.outer_links = {{1, 0, false, 1, ChannelLayout::mono(), ""}};
    EXPECT_EQ(align(graph).input_delay[1], (std::vector<std::uint32_t>{0, 64, 0}));
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

TEST(Align, every_channel_of_a_link_to_a_sink_is_aligned_and_no_other_port)
{
    // The middle two of four ports of 0 meet 1 (late) in the sink.
    Graph graph = nodes(2, 4);
    graph.externals = 1;
    graph.nodes[1].latency = 64;
    graph.outer_links = {{0, 0, true, 1, ChannelLayout::stereo(), ""}, {1, 0, true, 1, ChannelLayout::stereo(), ""}};
    const Alignment alignment = align(graph);
    EXPECT_EQ(alignment.output_delay[0], (std::vector<std::uint32_t>{0, 64, 64, 0}));
    EXPECT_EQ(alignment.output_delay[1], (std::vector<std::uint32_t>{0, 0, 0, 0}));
    EXPECT_EQ(alignment.external_latency, (std::vector<std::uint32_t>{64}));
}

TEST(Align, every_channel_of_a_device_is_delayed_and_no_other_port)
{
    // 0 (late) -> 1 on its first port, a device on the middle two of the others.
    Graph graph = nodes(2, 5);
    graph.externals = 1;
    graph.nodes[0].latency = 64;
    graph.wires = {{{0, 0}, {1, 0}}};
    graph.outer_links = {{1, 0, false, 2, ChannelLayout::stereo(), ""}};
    EXPECT_EQ(align(graph).input_delay[1], (std::vector<std::uint32_t>{0, 0, 64, 64, 0}));
}

TEST(Align, nothing_has_no_latency)
{
    EXPECT_TRUE(align(Graph{}).external_latency.empty());
}

TEST(Align, a_thousand_outputs_in_one_port_are_one_class)
{
    Graph graph = nodes(1001);
    graph.nodes[500].latency = 64;
    for (std::uint32_t node = 0; node < 1000; ++node) graph.wires.push_back({{node, 0}, {1000, 0}});
    const Alignment alignment = align(graph);
    for (std::uint32_t node = 0; node < 1000; ++node) ASSERT_EQ(alignment.output_delay[node][0], node == 500 ? 0u : 64u) << node;
}

}  // namespace
}  // namespace stemwire::graph
