// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/meter_ballistics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "stemwire/units.hpp"

namespace stemwire::dsp {
namespace {

constexpr double rate_hz = 48000.0;

void run(Meter& meter, const Level& per_frame, std::uint32_t frames, std::uint32_t block)
{
    MeterBallistics ballistics;
    ballistics.prepare(rate_hz);
    for (std::uint32_t frame = 0; frame < frames; frame += block) {
        const std::uint32_t count = std::min(block, frames - frame);
        ballistics.begin_block(count);
        ballistics.update(meter, {per_frame.peak, per_frame.sum_squares * static_cast<float>(count)});
    }
}

TEST(MeterBallistics, a_peak_falls_by_20_dB_a_second)
{
    for (const std::uint32_t block : {1u, 63u, 256u, 4096u}) {
        Meter meter;
        run(meter, {0.5f, 0.0f}, 1, 1);
        EXPECT_EQ(meter.peak, 0.5f);
        run(meter, {}, 24000, block);
        EXPECT_NEAR(linear_to_decibels(meter.peak), linear_to_decibels(0.5) - 10.0, 0.05) << block;
    }
}

TEST(MeterBallistics, the_mean_square_rises_to_63_percent_in_300_ms)
{
    for (const std::uint32_t block : {1u, 63u, 256u, 4096u}) {
        Meter meter;
        run(meter, {0.5f, 0.25f}, 14400, block);
        EXPECT_NEAR(meter.mean_square, 0.25 * (1.0 - std::exp(-1.0)), 1e-3) << block;
    }
}

TEST(MeterBallistics, the_channels_of_a_group_share_one_mean)
{
    Meter meter;
    MeterBallistics ballistics;
    ballistics.prepare(rate_hz);
    ballistics.begin_block(96000);
    ballistics.update(meter, Level{1.0f, 96000.0f} + Level{}, 2);
    EXPECT_NEAR(meter.mean_square, 0.5 * (1.0 - std::exp(-2.0 / 0.3)), 1e-4);
}

TEST(MeterBallistics, what_is_not_finite_does_not_stick)
{
    Meter meter;
    const float bad = std::numeric_limits<float>::quiet_NaN();
    run(meter, {bad, bad}, 256, 256);
    run(meter, {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::infinity()}, 256, 256);
    EXPECT_EQ(meter.peak, 0.0f);
    EXPECT_EQ(meter.mean_square, 0.0f);
}

}  // namespace
}  // namespace stemwire::dsp
