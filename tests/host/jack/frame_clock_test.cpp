// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/jack/frame_clock.hpp"

#include <gtest/gtest.h>

#include <barrier>
#include <thread>
#include <vector>

namespace stemwire::host {
namespace {

constexpr std::uint32_t second = 48000;

TEST(FrameClock, counts_from_zero_wherever_the_server_stands)
{
    FrameClock clock;
    EXPECT_EQ(clock.enter(123456789, 256, 0, second), 0u);
    EXPECT_EQ(clock.enter(123456789 + 256, 256, 256, second), 256u);
    EXPECT_EQ(clock.end(), 512u);
}

TEST(FrameClock, goes_on_where_the_frame_time_wraps)
{
    FrameClock clock;
    const std::uint32_t start = 0u - 1000u;
    Frames seen = 0;
    for (std::uint32_t cycle = 0; cycle < 10; ++cycle) {
        EXPECT_EQ(clock.enter(start + cycle * 256, 256, seen, second), cycle * 256u);
        seen = (cycle + 1) * 256u;
    }
}

TEST(FrameClock, reaches_beyond_32_bits)
{
    FrameClock clock;
    constexpr std::uint32_t stride = second / 2;
    Frames seen = 0;
    std::uint32_t time = 7;
    const Frames beyond = (Frames{1} << 32) + 10 * stride;
    for (Frames expected = 0; expected < beyond; expected += stride, time += stride) {
        ASSERT_EQ(clock.enter(time, stride, seen, second), expected);
        seen = expected + stride;
    }
}

TEST(FrameClock, tells_all_clients_of_a_cycle_the_same)
{
    FrameClock clock;
    for (int client = 0; client < 3; ++client) EXPECT_EQ(clock.enter(1000, 64, 0, second), 0u);
    // One is late: it does the cycle before when the others have begun the next.
    EXPECT_EQ(clock.enter(1064, 64, 64, second), 64u);
    EXPECT_EQ(clock.enter(1128, 64, 128, second), 128u);
    EXPECT_EQ(clock.enter(1064, 64, 64, second), 64u);
    EXPECT_EQ(clock.end(), 192u);
}

TEST(FrameClock, follows_lost_cycles)
{
    FrameClock clock;
    static_cast<void>(clock.enter(0, 256, 0, second));
    EXPECT_EQ(clock.enter(256 * 5, 256, 256, second), 256u * 5);
}

TEST(FrameClock, goes_on_without_a_gap_when_another_driver_counts)
{
    FrameClock clock;
    static_cast<void>(clock.enter(100000, 256, 0, second));
    EXPECT_EQ(clock.enter(500, 256, 256, second), 256u);
    EXPECT_EQ(clock.enter(500, 256, 0, second), 256u) << "a client that comes new into this cycle";
    EXPECT_EQ(clock.enter(500 + 256, 256, 512, second), 512u);
    EXPECT_EQ(clock.enter(500 + 512 + 10 * second, 256, 768, second), 768u);
}

TEST(FrameClock, goes_on_after_a_restart)
{
    FrameClock clock;
    static_cast<void>(clock.enter(4000, 256, 0, second));
    clock.restart();
    EXPECT_EQ(clock.enter(90, 128, 0, second), 256u);
    EXPECT_EQ(clock.end(), 384u);
}

TEST(FrameClock, counts_as_the_process_that_leads)
{
    rt::Published<ClockMap> map;
    FrameClock leader;
    FrameClock follower;
    leader.share({&map, SharedClock::Role::leads});
    follower.share({&map, SharedClock::Role::follows});
    const std::uint32_t start = 0u - 5000u;
    Frames led = 0;
    for (std::uint32_t cycle = 0; cycle < 100; ++cycle, led += 100) ASSERT_EQ(leader.enter(start + cycle * 100, 100, led, second), led);
    EXPECT_EQ(follower.enter(start + 99 * 100, 100, 0, second), 9900u);
    EXPECT_EQ(follower.enter(start + 100 * 100, 100, 10000, second), 10000u);

    leader.restart();
    follower.restart();
    EXPECT_EQ(follower.enter(77, 100, 0, second), 10100u) << "counts on by itself, until the leader has said";
    EXPECT_EQ(leader.enter(177, 100, 0, second), 10000u);
    EXPECT_EQ(follower.enter(177, 100, 10200, second), 10200u) << "never back";
    EXPECT_EQ(leader.enter(577, 100, 10100, second), 10400u);
    EXPECT_EQ(follower.enter(577, 100, 10300, second), 10400u) << "as the leader";
}

TEST(FrameClock, goes_on_as_a_leader_before_it)
{
    rt::Published<ClockMap> map;
    map.set({.driver = 0, .position = 1000, .frame = Frames{1} << 40});
    FrameClock clock;
    clock.share({&map, SharedClock::Role::leads});
    EXPECT_EQ(clock.enter(1600, 100, 0, second), (Frames{1} << 40) + 600);
    EXPECT_EQ(clock.enter(1600, 100, 0, second), (Frames{1} << 40) + 600) << "another client";
    EXPECT_EQ(clock.end(), (Frames{1} << 40) + 700);
}

TEST(FrameClock, lets_a_process_join_after_days)
{
    rt::Published<ClockMap> map;
    FrameClock leader;
    leader.share({&map, SharedClock::Role::leads});
    constexpr std::uint32_t stride = second / 2;
    Frames led = 0;
    std::uint32_t time = 12345;
    for (; led < (Frames{3} << 32); led += stride, time += stride) ASSERT_EQ(leader.enter(time, stride, led, second), led);
    FrameClock follower;
    follower.share({&map, SharedClock::Role::follows});
    EXPECT_EQ(follower.enter(time, stride, 0, second), led);
}

TEST(FrameClock, agrees_with_itself_from_several_threads)
{
    constexpr int clients = 4;
    constexpr std::uint32_t cycles = 5000;
    FrameClock clock;
    std::vector<std::vector<Frames>> told(clients, std::vector<Frames>(cycles));
    std::barrier next_cycle(clients);
    std::vector<std::jthread> threads;
    for (int client = 0; client < clients; ++client)
        threads.emplace_back([&, client] {
            Frames seen = 0;
            for (std::uint32_t cycle = 0; cycle < cycles; ++cycle) {
                next_cycle.arrive_and_wait();
                // Every thousand cycles another driver takes over.
                const std::uint32_t time = cycle * 64 + (cycle / 1000) * 123456789u;
                told[static_cast<std::size_t>(client)][cycle] = clock.enter(time, 64, seen, second);
                seen = told[static_cast<std::size_t>(client)][cycle] + 64;
            }
        });
    threads.clear();
    for (const auto& client : told)
        for (std::uint32_t cycle = 0; cycle < cycles; ++cycle) ASSERT_EQ(client[cycle], cycle * 64u);
}

}  // namespace
}  // namespace stemwire::host
