// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt/transport_schedule.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace stemwire::rt {
namespace {

constexpr Epoch first = 1;

TEST(TransportSchedule, stands_still_until_a_change_is_scheduled)
{
    const TransportSchedule schedule;
    TransportSchedule::Memory memory;
    const TransportCycle cycle = schedule.cycle(1000, 256, memory);
    ASSERT_EQ(cycle.segment_count, 1u);
    EXPECT_FALSE(cycle.segments()[0].rolling);
    EXPECT_EQ(cycle.segments()[0].frames, 256u);
}

TEST(TransportSchedule, starts_inside_a_cycle_on_the_very_frame)
{
    TransportSchedule schedule;
    TransportSchedule::Memory memory;
    schedule.schedule({.at_clock = 1100, .cue = {.epoch = first, .start = 48000}, .rolling = true}, 1000);
    const TransportCycle cycle = schedule.cycle(1000, 256, memory);
    ASSERT_EQ(cycle.segment_count, 2u);
    EXPECT_EQ(cycle.segments()[0].frames, 100u);
    EXPECT_FALSE(cycle.segments()[0].rolling);
    EXPECT_EQ(cycle.segments()[1].offset, 100u);
    EXPECT_EQ(cycle.segments()[1].frames, 156u);
    EXPECT_TRUE(cycle.segments()[1].rolling);
    EXPECT_EQ(cycle.segments()[1].unrolled, 48000u);
    EXPECT_EQ(schedule.cycle(1256, 256, memory).segments()[0].unrolled, 48156u);
}

TEST(TransportSchedule, any_cutting_into_cycles_covers_the_same_timeline)
{
    TransportSchedule schedule;
    TransportSchedule::Memory memory;
    schedule.schedule({.at_clock = 500, .cue = {.epoch = first, .start = 10, .loop_from = 20, .loop_to = 50}, .rolling = true}, 0);
    for (const std::uint32_t size : {1u, 7u, 64u, 1000u}) {
        for (Frames clock = 0; clock < 2000; clock += size) {
            const TransportCycle cycle = schedule.cycle(clock, size, memory);
            for (const TransportSegment& segment : cycle.segments())
                for (std::uint32_t i = 0; i < segment.frames; ++i) {
                    const Frames at = clock + segment.offset + i;
                    ASSERT_EQ(segment.rolling, at >= 500) << at;
                    if (segment.rolling) {
                        ASSERT_EQ(segment.unrolled + i, 10 + at - 500) << at;
                    }
                }
        }
    }
}

TEST(TransportSchedule, folds_the_timeline_into_the_loop)
{
    const Cue cue{.epoch = first, .start = 0, .loop_from = 20, .loop_to = 50};
    EXPECT_EQ(fold_into_loop(cue, 49), 49u);
    EXPECT_EQ(fold_into_loop(cue, 50), 20u);
    EXPECT_EQ(fold_into_loop(cue, 79), 49u);
    EXPECT_EQ(fold_into_loop(cue, 80), 20u);
}

TEST(TransportSchedule, a_start_behind_the_loop_never_enters_it)
{
    EXPECT_EQ(fold_into_loop({.epoch = first, .start = 60, .loop_from = 20, .loop_to = 50}, 70), 70u);
}

TEST(TransportSchedule, what_is_in_force_goes_on_until_the_next_change)
{
    TransportSchedule schedule;
    TransportSchedule::Memory memory;
    schedule.schedule({.at_clock = 100, .cue = {.epoch = first}, .rolling = true}, 0);
    schedule.schedule({.at_clock = 1000, .cue = {.epoch = first + 1, .start = 7}, .rolling = true}, 500);
    EXPECT_EQ(schedule.at(999).epoch, first);
    EXPECT_EQ(schedule.at(999).unrolled, 899u);
    EXPECT_EQ(schedule.at(1000).epoch, first + 1);
    EXPECT_EQ(schedule.at(1000).unrolled, 7u);
}

/// Cycles of 256 frames behind a change that follows the graph's timeline.
class FollowingSchedule : public ::testing::Test {
protected:
    static constexpr std::uint32_t quantum = 256;

    void follow(TransportChange::Mover mover, Epoch epoch, Frames start) { schedule_.schedule({.at_clock = 0, .cue = {.epoch = epoch, .start = start}, .rolling = true, .mover = mover}, 0); }

    /// The next cycle, in which the graph is at this frame; `lost` cycles before it are never asked for.
    TransportSegment cycle(Frames graph_frame, bool graph_rolls = true, Frames lost = 0)
    {
        clock_ += (1 + lost) * quantum;
        const TransportCycle cycle = schedule_.cycle(clock_, quantum, memory_, {.rolling = graph_rolls, .frame = graph_frame});
        EXPECT_EQ(cycle.segment_count, 1u);
        return cycle.segments()[0];
    }

    TransportSchedule schedule_;
    TransportSchedule::Memory memory_;
    Frames clock_ = 0;
};

TEST_F(FollowingSchedule, begins_in_the_cycle_of_its_very_frame_and_never_again_once_it_lost_its_place)
{
    follow(TransportChange::Mover::exactly, first, 480);
    EXPECT_FALSE(cycle(479).rolling);
    EXPECT_FALSE(cycle(481).rolling);
    const TransportSegment begun = cycle(480);
    EXPECT_TRUE(begun.rolling);
    EXPECT_EQ(begun.epoch, first);
    EXPECT_EQ(begun.unrolled, 480u);
    EXPECT_EQ(begun.frames, quantum);
    EXPECT_TRUE(cycle(480 + quantum).rolling);
    EXPECT_FALSE(cycle(5000).rolling);
    EXPECT_FALSE(cycle(480).rolling);
}

TEST_F(FollowingSchedule, joins_wherever_the_graph_is_behind_its_start)
{
    follow(TransportChange::Mover::joining, first, 480);
    EXPECT_FALSE(cycle(400).rolling);
    const TransportSegment joined = cycle(700);
    EXPECT_TRUE(joined.rolling);
    EXPECT_EQ(joined.unrolled, 700u);
}

TEST_F(FollowingSchedule, goes_on_after_a_pause_of_the_graph_and_after_cycles_that_were_lost)
{
    follow(TransportChange::Mover::exactly, first, 0);
    EXPECT_TRUE(cycle(0).rolling);
    EXPECT_FALSE(cycle(quantum, false).rolling);
    EXPECT_FALSE(cycle(quantum, false).rolling);
    EXPECT_TRUE(cycle(quantum).rolling);
    EXPECT_TRUE(cycle(quantum * 5, true, 3).rolling);
    EXPECT_FALSE(cycle(quantum * 5, true).rolling);
}

TEST_F(FollowingSchedule, plays_the_epoch_before_until_the_graph_moves_to_the_next)
{
    follow(TransportChange::Mover::exactly, first, 0);
    EXPECT_EQ(cycle(0).epoch, first);
    follow(TransportChange::Mover::exactly, first + 1, 48000);
    const TransportSegment before = cycle(quantum);
    EXPECT_TRUE(before.rolling);
    EXPECT_EQ(before.epoch, first);
    const TransportSegment after = cycle(48000);
    EXPECT_TRUE(after.rolling);
    EXPECT_EQ(after.epoch, first + 1);
}

TEST(Published, a_reader_never_sees_a_torn_record)
{
    struct Record {
        std::uint64_t value[8];
    };
    Published<Record> published;
    std::atomic<bool> over{false};
    std::jthread writer([&] {
        for (std::uint64_t i = 1; i < 200'000; ++i) published.set({{i, i, i, i, i, i, i, i}});
        over = true;
    });
    std::uint64_t last = 0;
    while (!over) {
        const auto record = published.try_get();
        if (!record) continue;
        for (const std::uint64_t value : record->value) ASSERT_EQ(value, record->value[0]);
        ASSERT_GE(record->value[0], last);
        last = record->value[0];
    }
}

}  // namespace
}  // namespace stemwire::rt
