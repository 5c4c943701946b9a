// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/generator/generator.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "nodes/generator/parameters.hpp"
#include "tests/support/node_bench.hpp"

namespace stemwire::nodes {
namespace {

using test::Run;
using test::Signals;

constexpr std::uint32_t length = 12'000;

Settings settings_of(std::string_view signal)
{
    Settings settings(generator_parameters());
    settings["signal"].text = signal;
    return settings;
}

std::unique_ptr<Generator> make(const Settings& settings)
{
    Errors errors;
    const Ports ports = generator_ports(settings, test::NoHints{}, errors);
    EXPECT_TRUE(errors.empty());
    return std::make_unique<Generator>(settings, ports);
}

std::vector<float> play(const Settings& settings, const Run& run = {})
{
    return test::process(*make(settings), {}, 1, length, run).front();
}

std::vector<float> from_frame(const Settings& settings, Frames unrolled)
{
    return play(settings, {.transport = {{0, {.rolling = true, .epoch = 3, .unrolled = unrolled}}}});
}

TEST(Generator, a_sine_has_its_frequency_phase_and_peak)
{
    Settings settings = settings_of("sine");
    test::give(settings, "frequency", 997.0);
    test::give(settings, "level", -6.0);
    const auto out = play(settings);
    for (std::uint32_t i = 0; i < length; ++i)
        ASSERT_NEAR(out[i], std::pow(10.0, -0.3) * std::sin(2.0 * M_PI * 997.0 * i / 48000.0), 1e-6) << i;
}

TEST(Generator, every_signal_is_a_function_of_the_timeline)
{
    for (const std::string_view signal : {"sine", "white", "pink", "impulse", "sweep"}) {
        Settings settings = settings_of(signal);
        settings["interval"].number = 0.01;
        const auto whole = play(settings);
        const auto later = from_frame(settings, 4321);
        for (std::uint32_t i = 0; i + 4321 < length; ++i) ASSERT_EQ(later[i], whole[i + 4321]) << signal << ' ' << i;
    }
}

TEST(Generator, sounds_the_same_however_it_is_cut)
{
    for (const std::string_view signal : {"sine", "white", "pink", "impulse", "sweep", "silence"}) {
        Settings settings = settings_of(signal);
        settings["interval"].number = 0.01;
        const auto run = [&](std::uint32_t block) {
            return play(settings,
                        {.block = block,
                         .changes = {{1000, "frequency", 3000.0}, {1500, "level", -3.0}, {2000, "mute", 1.0}, {5000, "mute", 0.0}}});
        };
        const auto whole = run(length);
        for (const std::uint32_t block : test::cuts) EXPECT_TRUE(test::sound_the_same({run(block)}, {whole})) << signal << ' ' << block;
    }
}

TEST(Generator, a_change_of_frequency_keeps_the_phase)
{
    Settings settings = settings_of("sine");
    test::give(settings, "level", 0.0);
    const auto out = play(settings, {.changes = {{3001, "frequency", 5000.0}}});
    for (std::uint32_t i = 0; i < length; ++i) {
        const double turns = i < 3001 ? i / 48.0 : 3001 / 48.0 + (i - 3001) * 5.0 / 48.0;
        ASSERT_NEAR(out[i], std::sin(2.0 * M_PI * turns), 2e-6) << i;
    }
}

TEST(Generator, is_silent_while_the_transport_stands_and_begins_on_its_frame)
{
    for (const std::string_view signal : {"sine", "white", "pink", "impulse", "sweep"}) {
        const Settings settings = settings_of(signal);
        const auto out =
            play(settings,
                 {.block = 100,
                  .transport = {{0, {.rolling = false}}, {250, {.rolling = true, .epoch = 1}}, {3000, {.rolling = false, .epoch = 2}}}});
        const auto whole = play(settings);
        for (std::uint32_t i = 0; i < length; ++i) ASSERT_EQ(out[i], i < 250 || i >= 3000 ? 0.0f : whole[i - 250]) << signal << ' ' << i;
    }
}

TEST(Generator, impulses_stand_on_multiples_of_the_interval)
{
    Settings settings = settings_of("impulse");
    test::give(settings, "level", 0.0);
    test::give(settings, "interval", 0.01);
    const auto out = play(settings);
    for (std::uint32_t i = 0; i < length; ++i) ASSERT_EQ(out[i], i % 480 == 0 ? 1.0f : 0.0f) << i;
    test::give(settings, "interval", 0.0);
    const auto once = play(settings);
    for (std::uint32_t i = 0; i < length; ++i) ASSERT_EQ(once[i], i == 0 ? 1.0f : 0.0f) << i;
}

TEST(Generator, noise_has_the_level_as_its_rms_and_differs_in_each_channel)
{
    Settings settings = settings_of("white");
    settings["channels"].layout = ChannelLayout::stereo();
    const std::uint32_t frames = 480'000;
    const Signals out = test::process(*make(settings), {}, 2, frames);
    double left = 0.0;
    double both = 0.0;
    for (std::uint32_t i = 0; i < frames; ++i) {
        left += static_cast<double>(out[0][i]) * out[0][i] / frames;
        both += static_cast<double>(out[0][i]) * out[1][i] / frames;
    }
    // Uniform noise: the variance of its square is 0.8 of the square's mean squared.
    EXPECT_NEAR(left / 0.01, 1.0, 5.0 * std::sqrt(0.8 / frames));
    EXPECT_NEAR(both / 0.01, 0.0, 5.0 * std::sqrt(1.0 / frames));
}

TEST(Generator, another_seed_is_another_noise)
{
    Settings settings = settings_of("white");
    const auto first = play(settings);
    test::give(settings, "seed", 1.0);
    EXPECT_NE(play(settings), first);
}

TEST(Generator, above_half_the_rate_a_sine_is_silent)
{
    Settings settings = settings_of("sine");
    test::give(settings, "frequency", 24'000.0);
    EXPECT_EQ(play(settings), std::vector<float>(length, 0.0f));
}

TEST(Generator, mute_ramps_over_20_ms_and_comes_back_in_phase)
{
    Settings settings = settings_of("sine");
    const auto whole = play(settings);
    const auto out = play(settings, {.changes = {{1000, "mute", 1.0}, {5000, "mute", 0.0}}});
    for (std::uint32_t i = 0; i < length; ++i) {
        double gain = 1.0;
        if (i >= 1000) gain = std::max(0.0, 1.0 - (i - 1000.0) / 960.0);
        if (i >= 5000) gain = std::min(1.0, (i - 5000.0) / 960.0);
        ASSERT_NEAR(out[i], gain * whole[i], 1e-7) << i;
    }
}

TEST(Generator, has_no_end_and_waits_for_nothing)
{
    const auto generator = make(settings_of("sine"));
    EXPECT_EQ(generator->end(), std::nullopt);
    EXPECT_TRUE(generator->end_known());
    EXPECT_EQ(generator->meters().front().name, "output");
}

TEST(Generator, refuses_what_its_signal_does_not_use)
{
    Settings settings = settings_of("white");
    test::give(settings, "frequency", 100.0);
    settings["frequency"].mark = {4, 9};
    Errors errors;
    check_generator(settings, errors);
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].message, "the signal 'white' has no 'frequency'");
    EXPECT_EQ(errors[0].mark, (Mark{4, 9}));
}

TEST(Generator, refuses_a_sweep_that_goes_nowhere)
{
    Settings settings = settings_of("sweep");
    test::give(settings, "to", 20.0);
    Errors errors;
    check_generator(settings, errors);
    EXPECT_EQ(errors.size(), 1u);
}

}  // namespace
}  // namespace stemwire::nodes
