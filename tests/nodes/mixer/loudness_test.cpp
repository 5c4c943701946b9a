// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include <ebur128.h>

#include "nodes/mixer/mixer.hpp"
#include "nodes/mixer/parameters.hpp"
#include "tests/support/node_bench.hpp"

namespace stemwire::nodes {
namespace {

constexpr std::uint32_t length = 10 * 48'000;

/// A stereo channel on two stereo buses.
std::unique_ptr<Mixer> make_mixer(const std::string& meters)
{
    Settings settings(mixer_parameters());
    settings["meters"].text = meters;
    settings["buses"].given = true;
    settings["buses"].layouts = {{"main", ChannelLayout::stereo()}, {"phones", ChannelLayout::stereo()}};
    Settings channel(test::row(mixer_parameters(), "channels").children);
    channel["to"].given = true;
    channel["to"].gains = {{"main", 0.0}, {"phones", -6.0}};
    settings["channels"].records.emplace_back("noise", channel);
    Errors errors;
    const Ports ports = mixer_ports(settings, test::NoHints{}, errors);
    return std::make_unique<Mixer>(complete_mixer_settings(settings), ports);
}

/// Louder and louder.
test::Signals swelling_noise()
{
    test::Signals signals;
    for (std::size_t channel = 0; channel < 2; ++channel) {
        signals.push_back(test::noise_channel(length, channel, 0.2f));
        for (std::size_t i = 0; i < length; ++i) signals.back()[i] *= 0.1f + static_cast<float>(i) / length;
    }
    return signals;
}

TEST(MixerLoudness, of_each_bus_is_what_libebur128_measures)
{
    const auto mixer = make_mixer("lufs");
    const test::Signals out = test::process(*mixer, swelling_noise(), 4, length, {.block = 1000});
    for (std::size_t bus = 0; bus < 2; ++bus) {
        const LoudnessReading* reading = mixer->loudness_of(bus == 0 ? "main" : "phones");
        ASSERT_NE(reading, nullptr);
        ebur128_state* state = ebur128_init(2, 48'000, EBUR128_MODE_I | EBUR128_MODE_M | EBUR128_MODE_S | EBUR128_MODE_TRUE_PEAK);
        std::vector<float> interleaved;
        for (std::size_t i = 0; i < length; ++i)
            for (std::size_t channel = 0; channel < 2; ++channel) interleaved.push_back(out[2 * bus + channel][i]);
        ebur128_add_frames_float(state, interleaved.data(), length);
        std::array<double, 5> expected{};
        ebur128_loudness_momentary(state, &expected[0]);
        ebur128_loudness_shortterm(state, &expected[1]);
        ebur128_loudness_global(state, &expected[2]);
        ebur128_true_peak(state, 0, &expected[3]);
        ebur128_true_peak(state, 1, &expected[4]);
        ebur128_destroy(&state);
        EXPECT_NEAR(reading->momentary_lufs, expected[0], 0.1);
        EXPECT_NEAR(reading->short_term_lufs, expected[1], 0.1);
        EXPECT_NEAR(reading->integrated_lufs, expected[2], 0.1);
        EXPECT_NEAR(20.0 * std::log10(reading->true_peak), 20.0 * std::log10(std::max(expected[3], expected[4])), 0.1);
    }
}

TEST(MixerLoudness, begins_anew_with_every_epoch)
{
    const auto mixer = make_mixer("lufs");
    test::Signals signals = swelling_noise();
    for (auto& samples : signals) std::fill_n(samples.begin(), length / 2, 0.9f);
    test::process(*mixer, signals, 4, length, {.transport = {{0, {.rolling = true, .epoch = 1}}, {length / 2, {.rolling = true, .epoch = 2}}}});
    const auto fresh = make_mixer("lufs");
    for (auto& samples : signals) samples.erase(samples.begin(), samples.begin() + length / 2);
    test::process(*fresh, signals, 4, length / 2);
    EXPECT_NEAR(mixer->loudness_of("main")->integrated_lufs, fresh->loudness_of("main")->integrated_lufs, 0.1);
    EXPECT_NEAR(mixer->loudness_of("main")->true_peak, fresh->loudness_of("main")->true_peak, 0.01);
}

TEST(MixerLoudness, is_not_measured_unless_it_is_asked_for)
{
    EXPECT_EQ(make_mixer("levels")->loudness_of("main"), nullptr);
    EXPECT_EQ(make_mixer("lufs")->loudness_of("noise"), nullptr);
}

}  // namespace
}  // namespace stemwire::nodes
