// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/session_clock.hpp"

#include <gtest/gtest.h>

namespace stemwire::host {
namespace {

spa_io_clock cycle(std::uint32_t driver, std::uint64_t position, std::uint64_t duration = 256)
{
    spa_io_clock clock{};
    clock.id = driver;
    clock.position = position;
    clock.duration = duration;
    clock.rate = {1, 48000};
    return clock;
}

TEST(SessionClock, begins_at_zero_and_counts_frames)
{
    SessionClock clock;
    EXPECT_EQ(clock.enter(cycle(1, 10'000)), 0u);
    EXPECT_EQ(clock.enter(cycle(1, 10'256, 64)), 256u);
    EXPECT_EQ(clock.enter(cycle(1, 10'320)), 320u);
    EXPECT_EQ(clock.end(), 576u);
    EXPECT_EQ(clock.xruns(), 0u);
    EXPECT_EQ(clock.rate_hz(), 48000u);
    EXPECT_EQ(clock.quantum(), 256u);
}

TEST(SessionClock, loses_no_cycle_to_a_server_that_restarts_further_on)
{
    SessionClock clock;
    EXPECT_EQ(clock.enter(cycle(1, 1024)), 0u);
    clock.begin_anew();
    EXPECT_EQ(clock.driver(), SPA_ID_INVALID);
    for (const std::uint64_t position : {4096u, 4096u}) EXPECT_EQ(clock.enter(cycle(1, position)), 256u);
    EXPECT_EQ(clock.enter(cycle(1, 4096 + 256)), 512u);
    EXPECT_EQ(clock.xruns(), 0u);
}

TEST(SessionClock, tells_every_node_of_a_cycle_the_same)
{
    SessionClock clock;
    EXPECT_EQ(clock.enter(cycle(1, 0)), 0u);
    for (int node = 0; node < 3; ++node) EXPECT_EQ(clock.enter(cycle(1, 256)), 256u);
}

TEST(SessionClock, follows_a_gap_and_counts_the_cycles_in_it_once)
{
    SessionClock clock;
    EXPECT_EQ(clock.enter(cycle(1, 0)), 0u);
    for (int node = 0; node < 3; ++node) EXPECT_EQ(clock.enter(cycle(1, 4 * 256)), 4u * 256u);
    EXPECT_EQ(clock.xruns(), 3u);
}

TEST(SessionClock, counts_a_cycle_that_some_nodes_missed_once)
{
    SessionClock clock;
    EXPECT_EQ(clock.enter(cycle(1, 0)), 0u);
    EXPECT_EQ(clock.enter(cycle(1, 256)), 256u);
    EXPECT_EQ(clock.enter(cycle(1, 512)), 512u);
    for (int node = 0; node < 3; ++node) clock.missed(256, 512);
    EXPECT_EQ(clock.xruns(), 1u);
    // Who was late in this cycle and left out of the next.
    clock.missed(512, 768);
    EXPECT_EQ(clock.enter(cycle(1, 1024)), 1024u);
    clock.missed(512, 1024);
    EXPECT_EQ(clock.xruns(), 3u);
}

TEST(SessionClock, goes_on_without_a_gap_when_the_driver_changes)
{
    SessionClock clock;
    EXPECT_EQ(clock.enter(cycle(1, 1'000'000)), 0u);
    EXPECT_EQ(clock.enter(cycle(2, 5)), 256u);
    EXPECT_EQ(clock.enter(cycle(1, 9'000'000)), 512u);
    EXPECT_EQ(clock.driver(), 1u);
    EXPECT_EQ(clock.xruns(), 0u);
}

TEST(SessionClock, does_not_move_for_a_node_that_is_woken_twice)
{
    SessionClock clock;
    EXPECT_EQ(clock.enter(cycle(1, 0)), 0u);
    EXPECT_EQ(clock.enter(cycle(1, 0)), 0u);
    EXPECT_EQ(clock.enter(cycle(1, 256)), 256u);
    EXPECT_EQ(clock.xruns(), 0u);
}

TEST(SessionClock, never_goes_back)
{
    SessionClock clock;
    EXPECT_EQ(clock.enter(cycle(1, 5'000)), 0u);
    EXPECT_EQ(clock.enter(cycle(1, 100)), 256u);
    EXPECT_EQ(clock.enter(cycle(1, 100 + 3600 * 48000ull)), 512u);
    EXPECT_EQ(clock.enter(cycle(1, 356 + 3600 * 48000ull)), 768u);
}

}  // namespace
}  // namespace stemwire::host
