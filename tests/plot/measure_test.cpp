// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/measure.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "dsp/biquad.hpp"
#include "plot/response.hpp"
#include "tests/nodes/effects/chain.hpp"

namespace stemwire {
namespace {

constexpr double rate_hz = 48000.0;
const std::atomic<bool> go_on{false};
const Ports stereo{.inputs = {{"input", ChannelLayout::stereo()}}, .outputs = {{"output", ChannelLayout::stereo()}}};

std::vector<double> levels(double low_db, double high_db)
{
    std::vector<double> all;
    for (double level = low_db; level <= high_db; level += 1.0) all.push_back(level);
    return all;
}

plot::StaticCurve curve_of(test::Chain chain, double slowest_s)
{
    const auto node = chain.make();
    plot::Subject subject(*node, stereo, rate_hz, go_on);
    return *plot::static_curve(subject, levels(-70.0, 6.0), slowest_s);
}

bool bends(test::Chain chain)
{
    const auto node = chain.make();
    plot::Subject subject(*node, stereo, rate_hz, go_on);
    return *plot::depends_on_level(subject);
}

TEST(Measure, finds_the_product_of_a_chain_whose_dynamics_rest)
{
    auto chain = test::Chain().unit("eq").band("highpass", 200.0).band("peak", 3000.0, 6.0);
    chain.unit("compressor").set("threshold", -80.0).set("ratio", 20.0).set("knee", 40.0).unit("limiter").set("ceiling", -40.0).unit("gain").set("gain", -3.0);
    const auto node = chain.make();
    plot::Subject subject(*node, stereo, rate_hz, go_on);
    const auto impulse = plot::impulse_response(subject, 5.0);
    const plot::Response response(impulse->front(), node->latency(), rate_hz);
    const double q = std::numbers::sqrt2 / 2.0;
    const auto highpass = dsp::design_biquad(dsp::FilterShape::highpass, 200.0, 0.0, q, rate_hz);
    const auto peak = dsp::design_biquad(dsp::FilterShape::peak, 3000.0, 6.0, q, rate_hz);
    for (double hz = 20.0; hz < 20000.0; hz *= 1.2) {
        const auto z = std::polar(1.0, -2.0 * std::numbers::pi * hz / rate_hz);
        const auto transfer = [&](const dsp::BiquadCoefficients& c) { return (c.b0 + c.b1 * z + c.b2 * z * z) / (1.0 + c.a1 * z + c.a2 * z * z); };
        const auto expected = transfer(highpass) * transfer(peak) * std::pow(10.0, -3.0 / 20.0);
        EXPECT_NEAR(response.at(hz).gain_db, 20.0 * std::log10(std::abs(expected)), 0.02) << hz;
        EXPECT_NEAR(std::remainder(response.at(hz).phase_deg - std::arg(expected) * 180.0 / std::numbers::pi, 360.0), 0.0, 0.2) << hz;
    }
}

TEST(Measure, finds_the_gain_computer_of_a_compressor)
{
    constexpr double threshold = -30.0;
    constexpr double ratio = 4.0;
    constexpr double knee = 10.0;
    const auto curve = curve_of(test::Chain().unit("compressor").set("threshold", threshold).set("ratio", ratio).set("knee", knee).set("makeup", 3.0), 0.11);
    for (const auto* branch : {&curve.rising, &curve.falling})
        for (const auto& [input, output] : *branch) {
            // Giannoulis, Massberg and Reiss (2012), equation 4.
            double expected = input;
            const double over = input - threshold;
            if (2.0 * std::abs(over) <= knee) expected += (1.0 / ratio - 1.0) * (over + knee / 2.0) * (over + knee / 2.0) / (2.0 * knee);
            else if (over > 0.0) expected = threshold + over / ratio;
            // Between two peaks of the sine, half a millisecond, the release of 100 ms gives back 0.5 % of what was taken, at most 27 dB.
            EXPECT_NEAR(output, expected + 3.0, 0.005 * 27.0 + 0.01) << input;
        }
    EXPECT_FALSE(curve.has_two_branches());
}

TEST(Measure, finds_the_ceiling_of_a_limiter)
{
    const auto curve = curve_of(test::Chain().unit("limiter").set("ceiling", -12.0), 0.1);
    for (const auto& [input, output] : curve.rising) EXPECT_NEAR(output, std::min(input, -12.0), 0.1) << input;
}

TEST(Measure, finds_both_thresholds_of_a_gate)
{
    const auto curve = curve_of(test::Chain().unit("gate").set("threshold", -39.5).set("hysteresis", 6.0).set("range", -20.0), 0.151);
    ASSERT_TRUE(curve.has_two_branches());
    for (const auto& [input, output] : curve.rising) EXPECT_NEAR(output, input - (input < -39.5 ? 20.0 : 0.0), 0.01) << input;
    for (const auto& [input, output] : curve.falling) EXPECT_NEAR(output, input - (input < -45.5 ? 20.0 : 0.0), 0.01) << input;
}

TEST(Measure, waits_for_what_holds)
{
    // The gate stays open for a second after the level has fallen: a shorter look would find it open at any level.
    const auto curve = curve_of(test::Chain().unit("gate").set("threshold", -40.5).set("hysteresis", 0.0).set("hold", 1.0).set("release", 0.001).set("range", -20.0), 1.01);
    for (const auto& [input, output] : curve.falling) EXPECT_NEAR(output, input - (input < -40.5 ? 20.0 : 0.0), 0.01) << input;
}

TEST(Measure, finds_one_gain_at_every_level_of_what_is_linear)
{
    const auto curve = curve_of(test::Chain().unit("eq").band("peak", 1000.0, 12.0), 0.0);
    for (const auto& [input, output] : curve.rising) EXPECT_NEAR(output, input + 12.0, 0.01);
    EXPECT_FALSE(curve.has_two_branches());
}

TEST(Measure, tells_what_depends_on_the_level)
{
    EXPECT_TRUE(bends(test::Chain().unit("compressor").set("attack", 1.0).set("release", 5.0)));
    EXPECT_TRUE(bends(test::Chain().unit("limiter").set("ceiling", 0.0).set("lookahead", 0.05)));
    EXPECT_TRUE(bends(test::Chain().unit("gate").set("attack", 1.0)));
    EXPECT_FALSE(bends(test::Chain().unit("compressor").set("ratio", 1.0)));
    EXPECT_FALSE(bends(test::Chain().unit("eq").band("highpass", 20.0)));
    EXPECT_FALSE(bends(test::Chain().unit("delay").set("time", 0.15).set("feedback", 0.98).set("mix", 1.0)));
    EXPECT_FALSE(bends(test::Chain().unit("delay").set("time", 10.0).set("mix", 1.0)));
}

TEST(Measure, has_the_impulse_itself_where_nothing_changes_it)
{
    const auto node = test::Chain().unit("gain").make();
    plot::Subject subject(*node, stereo, rate_hz, go_on);
    const auto impulse = *plot::impulse_response(subject, 1.0);
    ASSERT_EQ(impulse.size(), 2u);
    EXPECT_NEAR(impulse[0].front(), 1.0, 1e-6);
    EXPECT_TRUE(std::all_of(impulse[1].begin() + 1, impulse[1].end(), [](float sample) { return sample == 0.0f; }));
}

TEST(Measure, leaves_off_when_it_is_interrupted)
{
    const auto node = test::Chain().unit("gain").make();
    const std::atomic<bool> stop{true};
    plot::Subject subject(*node, stereo, rate_hz, stop);
    // It would take weeks.
    EXPECT_TRUE(plot::static_curve(subject, levels(-60.0, 0.0), 1e6).has_value());
}

}  // namespace
}  // namespace stemwire
