// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/plan.hpp"

#include <gtest/gtest.h>

namespace stemwire::dsp::convolver {

namespace {

/// How often each tap is covered.
std::vector<int> coverage(const Plan& plan, std::size_t end)
{
    std::vector<int> count(end, 0);
    for (std::size_t tap = 0; plan.direct && tap < std::min(base_block, end); ++tap) ++count[tap];
    for (const PlannedLevel& level : plan.levels)
        for (std::size_t tap = level.offset + level.skipped * level.size; tap < level.end && tap < end; ++tap) ++count[tap];
    return count;
}

TEST(Plan, covers_every_tap_once_and_none_too_early)
{
    for (const bool throughput : {false, true})
        for (const std::size_t quantum : {1u, 64u, 256u, 1024u, 8192u})
            for (const std::size_t first : {0u, 1u, 63u, 64u, 65u, 960u, 96000u})
                for (const std::size_t length : {1u, 63u, 64u, 65u, 448u, 1000u, 96000u, 1440000u}) {
                    const Plan plan = make_plan({.first_tap = first, .end = first + length, .quantum = quantum, .throughput = throughput});
                    const auto count = coverage(plan, first + length);
                    for (std::size_t tap = first; tap < count.size(); ++tap) ASSERT_EQ(count[tap], 1) << first << " " << length << " tap " << tap;
                    for (const PlannedLevel& level : plan.levels) {
                        ASSERT_EQ(level.offset, level.size + level.spread - base_block);
                        ASSERT_GE(level.partitions * level.size, level.end - level.offset - level.skipped * level.size);
                    }
                }
}

TEST(Plan, spreads_what_is_longer_than_a_call)
{
    const Plan plan = make_plan({.end = 96000, .quantum = 256});
    ASSERT_FALSE(plan.levels.empty());
    for (const PlannedLevel& level : plan.levels) EXPECT_EQ(level.spread, level.size > 256 ? level.size : base_block);
}

TEST(Plan, needs_nothing_direct_where_the_output_may_be_late)
{
    EXPECT_FALSE(make_plan({.first_tap = 64, .end = 96064}).direct);
    EXPECT_TRUE(make_plan({.first_tap = 63, .end = 96063}).direct);
}

}  // namespace

}  // namespace stemwire::dsp::convolver
