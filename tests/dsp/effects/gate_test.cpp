// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/gate.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace stemwire::dsp {
namespace {

constexpr double rate_hz = 48000.0;
constexpr Gate::Controls controls{
    .threshold_db = -20.0, .hysteresis_db = 6.0, .range_db = -40.0, .attack_s = 0.002, .hold_s = 0.010, .release_s = 0.020};

/// The gain that the gate has at each level.
std::vector<double> gains(const std::vector<double>& levels_db, const Gate::Controls& with = controls)
{
    Gate gate;
    gate.prepare(rate_hz, with);
    std::vector<double> result;
    for (const double level_db : levels_db) {
        const auto level = static_cast<float>(decibels_to_linear(level_db));
        float sample = level;
        float* channel = &sample;
        gate.process({&channel, 1}, 1);
        result.push_back(static_cast<double>(sample) / level);
    }
    return result;
}

void append(std::vector<double>& levels_db, double level_db, std::size_t frames)
{
    levels_db.insert(levels_db.end(), frames, level_db);
}

TEST(Gate, stays_closed_below_the_threshold)
{
    for (const double gain : gains(std::vector<double>(4800, -20.1))) ASSERT_NEAR(gain, 0.01, 1e-6);
}

TEST(Gate, opens_with_its_attack)
{
    const auto gain = gains(std::vector<double>(960, -19.9));
    for (std::size_t i = 0; i < gain.size(); ++i)
        ASSERT_NEAR(gain[i], 1.0 - 0.99 * std::exp(-static_cast<double>(i + 1) / (0.002 * rate_hz)), 3e-6) << i;
}

TEST(Gate, keeps_its_times_when_it_is_prepared_again_at_another_rate)
{
    Gate gate;
    gate.prepare(rate_hz, controls);
    gate.prepare(2 * rate_hz, controls);
    for (int i = 0; i < 960; ++i) {
        float sample = 1.0f;
        float* channel = &sample;
        gate.process({&channel, 1}, 1);
        ASSERT_NEAR(sample, 1.0 - 0.99 * std::exp(-(i + 1) / (0.002 * 2 * rate_hz)), 3e-6) << i;
    }
}

TEST(Gate, holds_and_then_closes_with_its_release)
{
    std::vector<double> levels_db(4800, 0.0);
    append(levels_db, -30.0, 4800);
    const auto gain = gains(levels_db);
    for (std::size_t i = 0; i < 4800; ++i) {
        const double closing = i < 480 ? 0.0 : static_cast<double>(i - 480 + 1);
        ASSERT_NEAR(gain[4800 + i], 0.01 + 0.99 * std::exp(-closing / (0.020 * rate_hz)), 3e-6) << i;
    }
}

TEST(Gate, between_the_two_thresholds_stays_as_it_is)
{
    std::vector<double> levels_db;
    append(levels_db, -23.0, 2400);
    append(levels_db, -10.0, 2400);
    append(levels_db, -23.0, 4800);
    const auto gain = gains(levels_db);
    EXPECT_NEAR(gain[2399], 0.01, 1e-6);
    EXPECT_NEAR(gain.back(), 1.0, 1e-6);
}

TEST(Gate, a_sine_does_not_chatter)
{
    Gate gate;
    gate.prepare(rate_hz, controls);
    float last = 0.0f;
    for (int i = 0; i < 48'000; ++i) {
        float sample = 0.5f * static_cast<float>(std::sin(2.0 * M_PI * 60.0 / rate_hz * i));
        const float before = sample;
        float* channel = &sample;
        gate.process({&channel, 1}, 1);
        if (i > 4800) {
            ASSERT_EQ(sample, before) << i;
        }
        last = sample;
    }
    EXPECT_NE(last, 0.0f);
}

TEST(Gate, with_a_range_of_off_lets_nothing_through)
{
    auto silent = controls;
    silent.range_db = gain_off;
    for (const double gain : gains(std::vector<double>(100, -30.0), silent)) ASSERT_EQ(gain, 0.0);
}

TEST(Gate, one_loud_channel_opens_all)
{
    Gate gate;
    gate.prepare(rate_hz, controls);
    std::vector<float> loud(4800, 1.0f);
    std::vector<float> quiet(4800, 1e-4f);
    const std::vector<float*> channels{quiet.data(), loud.data()};
    gate.process(channels, 4800);
    EXPECT_NEAR(quiet.back(), 1e-4, 1e-9);
}

}  // namespace
}  // namespace stemwire::dsp
