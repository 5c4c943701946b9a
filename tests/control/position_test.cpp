// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "control/position.hpp"

namespace stemwire::control {
namespace {

TEST(Position, is_read_as_a_clock_or_as_a_quantity)
{
    EXPECT_EQ(parse_position("1:23.5", 48000).value(), 60 + 23.5);
    EXPECT_EQ(parse_position("1:02:03", 48000).value(), 3600 + 2 * 60 + 3);
    EXPECT_EQ(parse_position("0:00", 48000).value(), 0);
    EXPECT_EQ(parse_position("83 s", 48000).value(), 83);
    EXPECT_EQ(parse_position("2 min", 48000).value(), 120);
    EXPECT_EQ(parse_position("480 frames", 48000).value(), 480.0 / 48000);
    EXPECT_EQ(parse_position("7", 48000).value(), 7);
}

TEST(Position, refuses_what_is_no_time)
{
    for (const char* text : {"", ":", "1:", ":5", "1:60", "1:2:60", "1:60:00", "1:2:3:4", "1.5:00", "-1:00", "1:-5", "1:+5", "1:5s", "-3 s", "nan", "inf", "1:nan", "1:inf", "5 dB", "1e9 s", "99999999:00:00"})
        EXPECT_FALSE(parse_position(text, 48000)) << text;
}

TEST(Position, a_distance_has_a_sign)
{
    EXPECT_EQ(parse_distance("+5 s", 48000).value(), 5);
    EXPECT_EQ(parse_distance("-1:05", 48000).value(), -65);
    for (const char* text : {"", "5 s", "+", "-", "+-5", "--5", "+x"}) EXPECT_FALSE(parse_distance(text, 48000)) << text;
}

TEST(Position, is_shown_in_tenths_that_never_run_ahead)
{
    EXPECT_EQ(format_position(0), "0:00.0");
    EXPECT_EQ(format_position(83.5), "1:23.5");
    EXPECT_EQ(format_position(59.99), "0:59.9");
    EXPECT_EQ(format_position(3600 + 2 * 60 + 3), "1:02:03.0");
}

}  // namespace
}  // namespace stemwire::control
