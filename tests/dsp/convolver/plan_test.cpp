// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/plan.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace stemwire::dsp::convolver {

namespace {

void count(const PlannedLevel& level, std::vector<int>& times)
{
    for (std::size_t tap = level.offset + level.skipped * level.size; tap < level.end && tap < times.size(); ++tap) ++times[tap];
}

/// How often each tap is computed where a call brings a whole unit, and where it doesn't.
struct Coverage {
    std::vector<int> in_units;
    std::vector<int> in_pieces;
};

Coverage coverage(const Plan& plan, std::size_t end)
{
    Coverage times{std::vector<int>(end, 0), std::vector<int>(end, 0)};
    count(plan.main, times.in_units);
    for (const PlannedLevel& level : plan.upper) count(level, times.in_units);
    for (std::size_t tap = 0; tap < end; ++tap)
        times.in_pieces[tap] = tap >= plan.unit ? times.in_units[tap] : tap < base_block ? 1 : 0;
    for (const PlannedLevel& level : plan.lower) count(level, times.in_pieces);
    return times;
}

void expect_in_time(const PlannedLevel& level, std::size_t interval)
{
    ASSERT_GE(level.offset, level.size + level.spread - interval);
    const std::size_t begin = level.offset + level.skipped * level.size;
    ASSERT_LT(begin, level.end);  // what has no taps is no level
    ASSERT_EQ(level.partitions, (level.end - begin + level.size - 1) / level.size);
    ASSERT_EQ(level.spread % interval, 0u);
}

TEST(Plan, covers_every_tap_once_and_none_too_early)
{
    for (const bool throughput : {false, true})
        for (const std::size_t quantum : {1u, 64u, 480u, 256u, 1024u, 8192u})
            for (const std::size_t first : {0u, 1u, 63u, 64u, 65u, 960u, 96000u})
                for (const std::size_t length : {1u, 63u, 64u, 65u, 448u, 1000u, 96000u, 1440000u}) {
                    const Plan plan = make_plan({.first_tap = first, .end = first + length, .quantum = quantum, .throughput = throughput});
                    const auto times = coverage(plan, first + length);
                    for (std::size_t tap = first; tap < first + length; ++tap) {
                        ASSERT_EQ(times.in_units[tap], 1) << first << " " << length << " tap " << tap;
                        ASSERT_EQ(times.in_pieces[tap], 1) << first << " " << length << " tap " << tap;
                    }
                    for (const PlannedLevel& level : plan.upper) expect_in_time(level, plan.unit);
                    for (const PlannedLevel& level : plan.lower) expect_in_time(level, base_block);
                }
}

TEST(Plan, spreads_what_is_longer_than_a_call)
{
    const Plan plan = make_plan({.end = 96000, .quantum = 256});
    EXPECT_EQ(256 % plan.unit, 0u);
    ASSERT_FALSE(plan.upper.empty());
    for (const PlannedLevel& level : plan.upper) EXPECT_EQ(level.spread, level.size > 256 ? level.size : plan.unit);
}

TEST(Plan, spreads_what_is_for_calls_that_nobody_expects)
{
    for (const bool throughput : {false, true}) {
        const Plan plan = make_plan({.end = 960000, .quantum = 16384, .throughput = throughput});
        ASSERT_FALSE(plan.lower.empty());
        EXPECT_GT(plan.lower.back().size, base_block);
        for (const PlannedLevel& level : plan.lower) EXPECT_EQ(level.spread, level.size) << throughput;
    }
}

TEST(Plan, waits_for_no_more_frames_than_a_call_has)
{
    for (const std::size_t quantum : {64u, 192u, 960u, 1024u})
        EXPECT_EQ(quantum % make_plan({.end = 96000, .quantum = quantum}).unit, 0u) << quantum;
    for (const std::size_t quantum : {1u, 63u, 96u, 480u})
        EXPECT_EQ(make_plan({.end = 96000, .quantum = quantum}).unit, base_block) << quantum;
}

}  // namespace

}  // namespace stemwire::dsp::convolver
