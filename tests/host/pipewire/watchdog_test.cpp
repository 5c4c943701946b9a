// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/watchdog.hpp"

#include <gtest/gtest.h>

namespace stemwire::host {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr std::uint64_t step = second / 20;

using Nodes = std::vector<std::uint32_t>;

/// Two nodes, the first feeds the second.
graph::Graph chain()
{
    graph::Graph graph;
    graph.nodes = {{"a", 0, 1}, {"b", 1, 0}};
    graph.wires = {{{0, 0}, {1, 0}}};
    return graph;
}

TEST(Watchdog, finds_a_node_that_stands_still_while_its_driver_goes_on)
{
    Watchdog watchdog(chain());
    Nodes found;
    std::uint64_t ticks = 0;
    for (; found.empty() && ticks < 100; ++ticks) found = watchdog.check({{ticks, second + ticks * step}, {7, second + ticks * step}});
    EXPECT_EQ(found, Nodes{1});
    EXPECT_TRUE(watchdog.runs(0));
    EXPECT_FALSE(watchdog.runs(1));
}

TEST(Watchdog, blames_the_first_of_a_chain_that_stands_still)
{
    Watchdog watchdog(chain());
    Nodes found;
    for (std::uint64_t ticks = 0; found.empty() && ticks < 100; ++ticks) found = watchdog.check({{0, second + ticks * step}, {0, second + ticks * step}});
    EXPECT_EQ(found, Nodes{0});
}

TEST(Watchdog, is_quiet_while_the_driver_stands)
{
    Watchdog watchdog(chain());
    for (int tick = 0; tick < 1000; ++tick) EXPECT_TRUE(watchdog.check({{1, second}, {1, second}}).empty());
    for (int tick = 0; tick < 1000; ++tick) EXPECT_TRUE(watchdog.check({{1, 0}, {1, 0}}).empty());
}

TEST(Watchdog, gives_more_time_after_every_attempt)
{
    Watchdog watchdog(chain());
    std::vector<std::uint64_t> attempts;
    std::uint64_t cycles = 0;
    for (std::uint64_t now = second; attempts.size() < 4; now += step) {
        for (const std::uint32_t node : watchdog.check({{++cycles, now}, {0, now}})) {
            watchdog.restarted(node);
            attempts.push_back(now);
        }
    }
    EXPECT_LT(attempts[1] - attempts[0], attempts[2] - attempts[1]);
    EXPECT_LT(attempts[2] - attempts[1], attempts[3] - attempts[2]);
}

}  // namespace
}  // namespace stemwire::host
