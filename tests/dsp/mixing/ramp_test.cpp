// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/ramp.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/dsp/mixing/channels.hpp"

namespace stemwire::dsp {
namespace {

constexpr double rate_hz = 48000.0;
constexpr std::uint32_t ramp_frames = 960;  // 20 ms

/// The gain itself: what a ramp makes of ones, in blocks of this size; at frame 100 the target is 1, at 600 it is −0.5.
std::vector<float> gains(std::uint32_t block)
{
    Ramp ramp;
    ramp.prepare(rate_hz, 0.25f);
    const std::vector<float> ones(4096, 1.0f);
    std::vector<float> out(3000);
    for (std::uint32_t frame = 0; frame < out.size();) {
        const std::uint32_t next_change = frame < 100 ? 100 : frame < 600 ? 600 : static_cast<std::uint32_t>(out.size());
        const std::uint32_t frames = std::min(block, next_change - frame);
        if (frame == 100) ramp.set_target(1.0f);
        if (frame == 600) ramp.set_target(-0.5f);
        ramp.apply(ones.data(), out.data() + frame, frames);
        ramp.advance(frames);
        frame += frames;
    }
    return out;
}

TEST(Ramp, is_a_straight_line_of_20_ms_from_wherever_it_is)
{
    const auto out = gains(64);
    const double turned_at = 0.25 + 0.75 * 500.0 / ramp_frames;
    for (std::uint32_t i = 0; i < out.size(); ++i) {
        double expected = 0.25;
        if (i >= 100) expected = 0.25 + 0.75 * (i - 100.0) / ramp_frames;
        if (i >= 600) expected = turned_at + (-0.5 - turned_at) * std::min(1.0, (i - 600.0) / ramp_frames);
        ASSERT_NEAR(out[i], expected, 1e-6) << i;
    }
    EXPECT_EQ(out.back(), -0.5f);
}

TEST(Ramp, sounds_the_same_however_it_is_cut)
{
    const auto whole = gains(4096);
    for (const std::uint32_t block : {1u, 63u, 64u, 256u, 1000u}) {
        const auto cut = gains(block);
        for (std::uint32_t i = 0; i < 600 + ramp_frames; ++i) ASSERT_NEAR(cut[i], whole[i], rounding_of_moving_gains) << block << ' ' << i;
        for (std::uint32_t i = 600 + ramp_frames; i < cut.size(); ++i) ASSERT_EQ(cut[i], -0.5f) << block << ' ' << i;
    }
}

TEST(Ramp, stands_exactly_at_its_target_when_it_is_over)
{
    Ramp ramp;
    ramp.prepare(44100.0, 1.0f);
    ramp.set_target(0.0f);
    EXPECT_TRUE(ramp.moves());
    ramp.advance(881);
    EXPECT_GT(ramp.value(), 0.0f);
    ramp.advance(1);
    EXPECT_TRUE(ramp.is_off());
    EXPECT_EQ(ramp.value(), 0.0f);
}

TEST(Ramp, stands_still_at_once_where_it_is_put)
{
    Ramp ramp;
    ramp.prepare(44100.0, 0.5f);
    EXPECT_FALSE(ramp.moves());
    ramp.set_target(1.0f);
    ramp.advance(100);
    ramp.jump(0.0f);
    EXPECT_FALSE(ramp.moves());
    EXPECT_TRUE(ramp.is_off());
}

}  // namespace
}  // namespace stemwire::dsp
