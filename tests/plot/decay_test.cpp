// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/decay.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "plot/octaves.hpp"
#include "tests/support/lambda_node.hpp"

namespace stemwire {
namespace {

using plot::Decay;
constexpr double rate_hz = 8000.0;
using Impulse = std::vector<std::vector<float>>;

/// Falls by 60 dB in `seconds`, after `silence` frames.
std::vector<float> exponential(double seconds, std::size_t frames, std::size_t silence = 0)
{
    std::vector<float> samples(silence);
    for (std::size_t i = 0; samples.size() < frames; ++i) samples.push_back(static_cast<float>(std::pow(10.0, -3.0 * static_cast<double>(i) / rate_hz / seconds)));
    return samples;
}

TEST(Decay, of_an_exponential_is_a_straight_line)
{
    for (const double seconds : {0.3, 1.0, 2.5}) {
        const Impulse impulse{exponential(seconds, 40000)};
        const Decay decay(impulse, rate_hz);
        ASSERT_TRUE(decay.t20() && decay.t30() && decay.early());
        EXPECT_NEAR(decay.t20()->seconds, seconds, 0.001 * seconds);
        EXPECT_NEAR(decay.t30()->seconds, seconds, 0.001 * seconds);
        EXPECT_NEAR(decay.early()->seconds, seconds, 0.001 * seconds);
        EXPECT_NEAR(decay.t30()->start_db, 0.0, 0.01);
        EXPECT_NEAR(decay.levels_db()[static_cast<std::size_t>(seconds / 2.0 * rate_hz)], -30.0, 0.01);
    }
}

TEST(Decay, begins_where_the_sound_does)
{
    const Impulse impulse{exponential(0.5, 8000, 200), exponential(0.5, 8000, 230)};
    const Decay decay(impulse, rate_hz);
    EXPECT_EQ(decay.onset(), 200u);
    EXPECT_EQ(decay.levels_db().front(), 0.0);
}

TEST(Decay, tells_an_early_from_a_late_slope)
{
    // The energies of two decays: 0.2 s, and 2 s with 30 dB less energy, which is 40 dB less at the beginning and ten times as long.
    std::vector<float> samples = exponential(0.2, 40000);
    const std::vector<float> late = exponential(2.0, 40000);
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = std::sqrt(samples[i] * samples[i] + late[i] * late[i] * 1e-4f);
    const Decay decay(Impulse{samples}, rate_hz);
    EXPECT_NEAR(decay.early()->seconds, 0.2, 0.01);
    EXPECT_NEAR(decay.line(-40.0, -60.0)->seconds, 2.0, 0.02);
}

TEST(Decay, that_is_cut_short_has_no_time)
{
    // After n frames of a decay that loses 60 dB in N, what is to come is at last one frame's energy of Σ: 10 lg(1 / Σ) = −18.6 dB.
    constexpr std::size_t frames = 100;
    const Impulse impulse{exponential(0.5, frames)};
    double sum = 0.0;
    for (const float sample : impulse.front()) sum += static_cast<double>(sample) * sample;
    const double last_db = 10.0 * std::log10(static_cast<double>(impulse.front().back()) * impulse.front().back() / sum);
    const Decay decay(impulse, rate_hz);
    EXPECT_NEAR(decay.levels_db().back(), last_db, 1e-6);
    EXPECT_TRUE(decay.early());
    EXPECT_FALSE(decay.t20());
    EXPECT_FALSE(decay.t30());
}

TEST(Decay, of_silence_is_empty)
{
    EXPECT_TRUE(Decay(Impulse{std::vector<float>(100)}, rate_hz).levels_db().empty());
    EXPECT_FALSE(Decay(Impulse{std::vector<float>(100)}, rate_hz).t30());
    EXPECT_TRUE(Decay(Impulse{{}}, rate_hz).levels_db().empty());
}

TEST(Decay, of_one_echo_has_no_time)
{
    std::vector<float> samples(100);
    samples[10] = 1.0f;
    const Decay decay(Impulse{samples}, rate_hz);
    EXPECT_EQ(decay.onset(), 10u);
    EXPECT_FALSE(decay.early());
}

TEST(OctaveDecay, tells_a_low_tone_that_rings_from_a_high_one_that_does_not)
{
    // Two decaying tones, in the middle of their octaves and in a channel each.
    Impulse impulse{exponential(2.0, 32000), exponential(0.5, 32000)};
    for (std::size_t i = 0; i < impulse[0].size(); ++i) {
        impulse[0][i] *= static_cast<float>(std::sin(2.0 * M_PI * 250.0 / rate_hz * static_cast<double>(i)));
        impulse[1][i] *= static_cast<float>(std::sin(2.0 * M_PI * 2000.0 / rate_hz * static_cast<double>(i)));
    }
    const auto octaves = plot::octave_decays(impulse, rate_hz);
    ASSERT_EQ(octaves.size(), 5u);  // 2 kHz reaches up to 2.8 kHz of 4
    EXPECT_EQ(octaves[1].centre_hz, 250.0);
    ASSERT_TRUE(octaves[1].line);
    EXPECT_NEAR(octaves[1].line->seconds, 2.0, 0.02);
    EXPECT_EQ(octaves[4].centre_hz, 2000.0);
    ASSERT_TRUE(octaves[4].line);
    EXPECT_NEAR(octaves[4].line->seconds, 0.5, 0.01);
}

TEST(OctaveDecay, of_decaying_noise_is_that_of_the_noise_in_every_octave)
{
    Impulse impulse{exponential(1.0, 16000)};
    for (std::size_t i = 0; i < impulse[0].size(); ++i) impulse[0][i] *= test::noise(i, 3);
    // Of one decay: it is as random as the noise, the more so the narrower the octave.
    for (const auto& octave : plot::octave_decays(impulse, rate_hz)) {
        ASSERT_TRUE(octave.line) << octave.centre_hz;
        EXPECT_NEAR(octave.line->seconds, 1.0, 0.2) << octave.centre_hz;
    }
}

TEST(OctaveDecay, of_nothing_is_nothing)
{
    EXPECT_TRUE(plot::octave_decays(Impulse{}, rate_hz).empty());
    for (const auto& octave : plot::octave_decays(Impulse{std::vector<float>(100)}, rate_hz)) EXPECT_FALSE(octave.line);
}

}  // namespace
}  // namespace stemwire
