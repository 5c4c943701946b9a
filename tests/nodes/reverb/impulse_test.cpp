// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/reverb/impulse.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "nodes/reverb/parameters.hpp"
#include "stemwire/units.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/wav.hpp"

namespace stemwire::nodes {

namespace {

constexpr ImpulseShape as_it_is{48000, gain_off, false};

struct Hints : PortHints {
    std::optional<ChannelLayout> layout;
    std::optional<ChannelLayout> linked(std::string_view) const override { return layout; }
};

Settings settings_for(const std::string& path)
{
    Settings settings(reverb_parameters());
    settings["impulse"].text = path;
    settings["impulse"].mark = {3, 14};
    return settings;
}

std::string write_impulse(const test::TemporaryFolder& folder, std::size_t channels, std::size_t frames = 100, float first = 1.0f)
{
    test::Audio audio{48000, std::vector<std::vector<float>>(channels, std::vector<float>(frames))};
    for (auto& channel : audio.channels)
        if (frames > 0) channel[0] = first;
    const std::string path = folder.file("hall.wav");
    test::write_audio(path, audio);
    return path;
}

double sum_of(const std::vector<float>& samples)
{
    double sum = 0.0;
    for (const float sample : samples) sum += static_cast<double>(sample);
    return sum;
}

TEST(Impulse, opens_the_paths_that_its_channels_are_for)
{
    EXPECT_EQ(impulse_paths(1, 3).size(), 3u);
    for (const ImpulsePath& path : impulse_paths(1, 3)) EXPECT_TRUE(path.input == path.output && path.channel == 0);
    for (const ImpulsePath& path : impulse_paths(6, 6)) EXPECT_TRUE(path.input == path.output && path.channel == path.input);
    const auto stereo = impulse_paths(4, 2);
    ASSERT_EQ(stereo.size(), 4u);
    for (const ImpulsePath& path : stereo) EXPECT_EQ(path.channel, 2 * path.input + path.output);
    EXPECT_EQ(impulse_paths(4, 4).size(), 4u);
    EXPECT_TRUE(impulse_paths(2, 3).empty());
    const auto round = impulse_paths(2, 3, true);
    ASSERT_EQ(round.size(), 3u);
    for (std::size_t channel = 0; channel < 3; ++channel) EXPECT_TRUE(round[channel].input == channel && round[channel].output == channel && round[channel].channel == channel % 2);
    EXPECT_TRUE(impulse_paths(3, 2).empty());
}

TEST(Impulse, is_cut_after_the_last_frame_that_reaches_the_level_in_any_channel)
{
    media::AudioFile impulse{48000, {{1.0f, 0.1f, 0.01f, 0.0f, 0.0f}, {0.5f, 0.0f, 0.0f, 0.02f, 0.001f}}};
    const auto frames = [&](double trim_db) { return shape_impulse(impulse, {48000, trim_db, false}).channels[1].size(); };
    EXPECT_EQ(frames(gain_off), 5u);
    EXPECT_EQ(frames(-70.0), 5u);
    EXPECT_EQ(frames(-50.0), 4u);
    EXPECT_EQ(frames(-30.0), 2u);
    EXPECT_EQ(frames(0.0), 1u);
}

TEST(Impulse, gets_the_energy_of_its_loudest_channel_to_one)
{
    const media::AudioFile impulse{48000, {{3.0f, 4.0f}, {1.0f, 1.0f}}};
    const auto shaped = shape_impulse(impulse, {48000, gain_off, true});
    EXPECT_FLOAT_EQ(shaped.channels[0][0], 0.6f);
    EXPECT_FLOAT_EQ(shaped.channels[0][1], 0.8f);
    EXPECT_FLOAT_EQ(shaped.channels[1][0], 0.2f);
}

TEST(Impulse, has_the_same_gain_at_any_rate)
{
    // The gain for a constant signal is the sum of the taps; a raised cosine of 50 ms has all its energy below both Nyquist frequencies.
    media::AudioFile impulse{44100, {std::vector<float>(4410)}};
    for (std::size_t i = 0; i < 2205; ++i)
        impulse.channels[0][i + 1000] = static_cast<float>(0.5 - 0.5 * std::cos(2.0 * M_PI * static_cast<double>(i) / 2205.0));
    for (const double rate_hz : {44100.0, 48000.0, 96000.0}) {
        const auto shaped = shape_impulse(impulse, {rate_hz, gain_off, false});
        EXPECT_NEAR(sum_of(shaped.channels[0]) / sum_of(impulse.channels[0]), 1.0, 1e-4) << rate_hz;
        EXPECT_EQ(shaped.channels[0].size(), static_cast<std::size_t>(std::llround(4410 * rate_hz / 44100))) << rate_hz;
    }
}

TEST(Impulse, that_is_shorter_than_a_frame_keeps_its_gain_in_one)
{
    media::AudioFile impulse{16'000'000, {std::vector<float>(96, 0.01f), std::vector<float>(96, -0.02f)}};
    const auto shaped = shape_impulse(impulse, {48'000, gain_off, false});
    ASSERT_EQ(shaped.channels[0].size(), 1u);
    EXPECT_NEAR(shaped.channels[0][0], 0.96f, 1e-6f);
    EXPECT_NEAR(shaped.channels[1][0], -1.92f, 1e-6f);
}

TEST(Impulse, of_which_nothing_is_left_at_the_rate_stays_finite)
{
    media::AudioFile impulse{16'000'000, {{0.5f, -0.5f}}};
    const auto shaped = shape_impulse(impulse, {48'000, gain_off, true});
    EXPECT_EQ(shaped.channels[0], std::vector<float>{0.0f});
}

TEST(Impulse, is_read_as_it_is)
{
    const test::TemporaryFolder folder;
    const auto impulse = read_impulse(write_impulse(folder, 2, 100, 0.25f));
    ASSERT_TRUE(impulse.has_value());
    const auto shaped = shape_impulse(*impulse, as_it_is);
    ASSERT_EQ(shaped.channels.size(), 2u);
    EXPECT_EQ(shaped.channels[1].size(), 100u);
    EXPECT_EQ(shaped.channels[1][0], 0.25f);
}

TEST(Impulse, is_refused_where_nothing_could_be_heard_of_it)
{
    const test::TemporaryFolder folder;
    const auto message = [](const std::string& path) {
        Errors errors;
        check_reverb(settings_for(path), errors);
        return errors.size() == 1 && errors[0].mark == Mark{3, 14} ? errors[0].message : "";
    };
    EXPECT_EQ(message(write_impulse(folder, 2)), "");
    EXPECT_EQ(message(write_impulse(folder, 2, 100, 0.0f)), "hall.wav is silent, so nothing would be heard");
    EXPECT_EQ(message(write_impulse(folder, 1, 100, std::numeric_limits<float>::infinity())), "hall.wav has samples that are no numbers");
    EXPECT_EQ(message(write_impulse(folder, 1, 100, 1.1e10f)), "hall.wav has samples above +200 dB");
    EXPECT_EQ(message(write_impulse(folder, 1, 30 * 48000 + 1)), "hall.wav is longer than 30 s");
    EXPECT_EQ(message(write_impulse(folder, 1, 30 * 48000)), "");
    EXPECT_NE(message(write_impulse(folder, 1, 0)).find("hall.wav "), std::string::npos);
    EXPECT_NE(message(folder.write("hall.wav", "no music")).find("hall.wav "), std::string::npos);
    EXPECT_NE(message(folder.write("hall.wav", "")).find("hall.wav is empty"), std::string::npos);
}

TEST(Impulse, says_how_many_channels_the_node_gets)
{
    const test::TemporaryFolder folder;
    const auto size = [&](std::size_t channels, std::optional<ChannelLayout> linked) {
        Hints hints;
        hints.layout = linked;
        Errors errors;
        const Ports ports = reverb_ports(settings_for(write_impulse(folder, channels)), hints, errors);
        EXPECT_TRUE(errors.empty());
        EXPECT_EQ(ports.inputs[0].layout, ports.outputs[0].layout);
        return ports.inputs[0].layout.size();
    };
    EXPECT_EQ(size(1, std::nullopt), 2u);
    EXPECT_EQ(size(1, ChannelLayout::usual(6)), 6u);
    EXPECT_EQ(size(2, ChannelLayout::mono()), 2u);
    EXPECT_EQ(size(4, std::nullopt), 2u);
    EXPECT_EQ(size(6, std::nullopt), 6u);
}

TEST(Impulse, is_refused_where_it_does_not_fit_the_channels)
{
    const test::TemporaryFolder folder;
    Settings settings = settings_for(write_impulse(folder, 3));
    settings["channels"].layout = ChannelLayout::stereo();
    Errors errors;
    (void)reverb_ports(settings, Hints{}, errors);
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].message, "hall.wav has 3 channels (a node of 2 channels takes an impulse of 1 or 2, or of 4 for true stereo)");
}

}  // namespace

}  // namespace stemwire::nodes
