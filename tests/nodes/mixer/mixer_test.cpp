// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/mixer/mixer.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <memory>

#include "nodes/mixer/parameters.hpp"
#include "tests/support/node_bench.hpp"

namespace stemwire::nodes {
namespace {

using test::Run;
using test::Signals;

constexpr std::uint32_t length = 4800;
constexpr std::uint32_t ramp_frames = 960;

/// A mixer built up by a test.
class Desk {
public:
    Desk() : settings_(mixer_parameters()) {}

    Desk& bus(const std::string& name, const ChannelLayout& layout)
    {
        settings_["buses"].given = true;
        settings_["buses"].layouts.emplace_back(name, layout);
        return *this;
    }

    Desk& channel(const std::string& name, const ChannelLayout& layout, double gain_db = 0.0, double pan = 0.0,
                  std::vector<std::pair<std::string, double>> to = {})
    {
        Settings channel(test::row(mixer_parameters(), "channels").children);
        channel["layout"].layout = layout;
        test::give(channel, "gain", gain_db);
        test::give(channel, "pan", pan);
        channel["to"].given = !to.empty();
        channel["to"].gains = std::move(to);
        settings_["channels"].records.emplace_back(name, channel);
        return *this;
    }

    Desk& flag(const std::string& name)
    {
        test::give(settings_["channels"].records.back().second, name, 1.0);
        return *this;
    }

    Settings& settings() { return settings_; }

    std::unique_ptr<Mixer> make() const
    {
        Errors errors;
        const Ports ports = mixer_ports(settings_, test::NoHints{}, errors);
        check_mixer(settings_, errors);
        EXPECT_TRUE(errors.empty()) << errors.front().message;
        return std::make_unique<Mixer>(complete_mixer_settings(settings_), ports);
    }

private:
    Settings settings_;
};

double linear(double gain_db)
{
    return std::pow(10.0, gain_db / 20.0);
}

Signals noise(std::size_t channels, float amplitude = 1.0f)
{
    Signals signals;
    for (std::size_t i = 0; i < channels; ++i) signals.push_back(test::noise_channel(length, i, amplitude));
    return signals;
}

TEST(Mixer, one_channel_at_unity_passes_to_the_bit)
{
    const Signals in = noise(2);
    EXPECT_EQ(test::process(*Desk().channel("a", ChannelLayout::stereo()).make(), in, 2, length), in);
}

TEST(Mixer, every_combination_of_gain_pan_and_send_is_the_sum_of_products)
{
    const double gains_db[] = {-120.0, -6.0, 0.0, 12.0, gain_off};
    const double pans[] = {-1.0, -0.3, 0.0, 0.8, 1.0};
    const Signals in = noise(3);
    for (const double gain_db : gains_db)
        for (const double pan : pans)
            for (const double send_db : gains_db) {
                Desk desk;
                desk.bus("main", ChannelLayout::stereo()).bus("send", ChannelLayout::mono());
                desk.channel("m", ChannelLayout::mono(), gain_db, pan, {{"send", send_db}, {"main", -3.0}});
                desk.channel("s", ChannelLayout::stereo(), gain_db, pan, {{"main", send_db}});
                const Signals out = test::process(*desk.make(), in, 3, length, {.block = 100});
                const double gain = linear(gain_db);
                const double send = linear(send_db);
                const double angle = (pan + 1.0) * M_PI / 4.0;
                for (std::uint32_t i = 0; i < length; ++i) {
                    const double left = gain * (linear(-3.0) * std::cos(angle) * in[0][i] + send * std::min(1.0, 1.0 - pan) * in[1][i]);
                    const double right = gain * (linear(-3.0) * std::sin(angle) * in[0][i] + send * std::min(1.0, 1.0 + pan) * in[2][i]);
                    ASSERT_NEAR(out[0][i], left, 4e-6) << gain_db << ' ' << pan << ' ' << send_db;
                    ASSERT_NEAR(out[1][i], right, 4e-6) << gain_db << ' ' << pan << ' ' << send_db;
                    ASSERT_NEAR(out[2][i], gain * send * in[0][i], 4e-6) << gain_db << ' ' << pan << ' ' << send_db;
                }
            }
}

TEST(Mixer, mono_at_the_centre_is_3_dB_down_on_both_sides)
{
    const Signals out = test::process(*Desk().channel("m", ChannelLayout::mono()).make(), {std::vector<float>(length, 1.0f)}, 2, length);
    EXPECT_NEAR(out[0][0], std::sqrt(0.5), 1e-7);
    EXPECT_EQ(out[0], out[1]);
}

TEST(Mixer, two_channels_of_opposite_sign_cancel)
{
    Signals in = noise(2);
    for (std::uint32_t i = 0; i < length; ++i) in[1][i] = -in[0][i];
    const Signals out = test::process(
        *Desk().channel("a", ChannelLayout::mono(), -4.0, 0.3).channel("b", ChannelLayout::mono(), -4.0, 0.3).make(), in, 2, length);
    for (const auto& channel : out)
        for (const float sample : channel) ASSERT_NEAR(sample, 0.0, 1e-7);
}

TEST(Mixer, swapped_sides_and_pans_give_swapped_outputs)
{
    const Signals in = noise(3);
    const Signals mirrored{in[1], in[0], in[2]};
    const auto mix = [](const Signals& signals, double pan) {
        return test::process(*Desk().channel("s", ChannelLayout::stereo(), -1.0, pan).channel("m", ChannelLayout::mono(), -1.0, pan).make(),
                             signals, 2, length);
    };
    const Signals left = mix(in, -0.4);
    const Signals right = mix(mirrored, 0.4);
    for (std::uint32_t i = 0; i < length; ++i) {
        ASSERT_NEAR(left[0][i], right[1][i], 3e-7);
        ASSERT_NEAR(left[1][i], right[0][i], 3e-7);
    }
}

/// All that can change while playing, changed while other changes are still ramping.
Run busy_hands(std::uint32_t block)
{
    return {.block = block,
            .changes = {{100, "a.gain", -12.0}, {300, "a.pan", 0.7}, {500, "b.to.main", -20.0}, {800, "b.to.send", 0.0},
                        {1500, "c.mute", 1.0}, {1700, "a.solo", 1.0}, {2000, "a.solo", 0.0}, {3000, "b.gain", gain_off},
                        {3100, "c.mute", 0.0}}};
}

Signals mix_with_busy_hands(std::uint32_t block)
{
    Desk desk;
    desk.bus("main", ChannelLayout::stereo()).bus("send", ChannelLayout::stereo());
    desk.channel("a", ChannelLayout::mono()).channel("b", ChannelLayout::stereo()).channel("c", *ChannelLayout::named("5.1"));
    return test::process(*desk.make(), noise(9, 0.1f), 4, length, busy_hands(block));
}

TEST(Mixer, sounds_the_same_however_it_is_cut)
{
    const Signals whole = mix_with_busy_hands(length);
    for (const std::uint32_t block : test::cuts) EXPECT_TRUE(test::sound_the_same(mix_with_busy_hands(block), whole)) << block;
}

TEST(Mixer, a_change_of_gain_is_a_straight_line_of_20_ms)
{
    const Signals ones{std::vector<float>(length, 1.0f)};
    const auto mixer = Desk().bus("main", ChannelLayout::mono()).channel("a", ChannelLayout::mono()).make();
    const Signals out = test::process(*mixer, ones, 1, length, {.changes = {{1000, "a.gain", gain_off}}});
    for (std::uint32_t i = 0; i < length; ++i)
        ASSERT_NEAR(out[0][i], i < 1000 ? 1.0 : std::max(0.0, 1.0 - (i - 1000.0) / ramp_frames), 1e-6) << i;
    EXPECT_EQ(out[0].back(), 0.0f);
}

TEST(Mixer, no_change_of_anything_is_a_step)
{
    // Four channels of ones of gain at most 1 may all ramp at once, over 960 frames, from one side of a range of 1 to the other.
    const Signals ones(5, std::vector<float>(length, 1.0f));
    Desk desk;
    desk.bus("main", ChannelLayout::stereo()).bus("send", ChannelLayout::stereo());
    desk.channel("a", ChannelLayout::mono()).channel("b", ChannelLayout::stereo()).channel("c", ChannelLayout::stereo());
    const Signals out = test::process(*desk.make(), ones, 4, length, busy_hands(64));
    for (const auto& channel : out)
        for (std::uint32_t i = 1; i < length; ++i) ASSERT_LE(std::abs(channel[i] - channel[i - 1]), 4.0 / ramp_frames) << i;
}

TEST(Mixer, solo_mutes_every_channel_that_is_not_soloed)
{
    const Signals in = noise(3);
    Desk desk;
    desk.bus("main", ChannelLayout::mono());
    desk.channel("a", ChannelLayout::mono()).channel("b", ChannelLayout::mono()).flag("solo");
    desk.channel("c", ChannelLayout::mono()).flag("solo").flag("mute");
    const Signals out = test::process(*desk.make(), in, 1, length);
    EXPECT_EQ(out[0], in[1]);
}

TEST(Mixer, a_muted_channel_lets_nothing_through_not_even_nan)
{
    Signals in = noise(2);
    in[1].assign(length, std::numeric_limits<float>::quiet_NaN());
    Desk desk;
    desk.bus("main", ChannelLayout::mono()).channel("a", ChannelLayout::mono()).channel("b", ChannelLayout::mono()).flag("mute");
    EXPECT_EQ(test::process(*desk.make(), in, 1, length)[0], in[0]);
}

TEST(Mixer, has_a_live_gain_from_every_channel_to_every_bus)
{
    Desk desk;
    desk.bus("main", ChannelLayout::stereo()).bus("send", ChannelLayout::stereo());
    desk.channel("a", ChannelLayout::mono()).channel("b", ChannelLayout::mono(), 0.0, 0.0, {{"send", -12.0}});
    const auto mixer = desk.make();
    EXPECT_EQ(mixer->live().at("a.to.main").get(), 0.0);
    EXPECT_EQ(mixer->live().at("a.to.send").get(), gain_off);
    EXPECT_EQ(mixer->live().at("b.to.main").get(), gain_off);
    EXPECT_EQ(mixer->live().at("b.to.send").get(), -12.0);
}

TEST(Mixer, meters_show_channels_after_gain_and_mute_then_buses)
{
    Desk desk;
    desk.channel("a", ChannelLayout::mono(), -6.0, -1.0).channel("b", ChannelLayout::stereo()).flag("mute");
    const auto mixer = desk.make();
    const std::uint32_t seconds_3 = 144000;
    test::process(*mixer,
                  {test::sine_channel(seconds_3, 1000.0, 0.5), std::vector<float>(seconds_3, 1.0f), std::vector<float>(seconds_3, 1.0f)}, 2,
                  seconds_3);
    ASSERT_EQ(mixer->meters().size(), 3u);
    const Meter& a = mixer->meters()[0];
    const Meter& b = mixer->meters()[1];
    const Meter& main = mixer->meters()[2];
    EXPECT_EQ(a.name, "a");
    EXPECT_EQ(b.name, "b");
    EXPECT_EQ(main.name, "main");
    EXPECT_FALSE(a.is_output);
    EXPECT_TRUE(main.is_output);
    const double peak = 0.5 * linear(-6.0);
    EXPECT_NEAR(a.peak, peak, 1e-3);
    EXPECT_NEAR(a.mean_square, peak * peak / 2.0, 1e-4);
    EXPECT_EQ(b.peak, 0.0f);
    EXPECT_NEAR(main.peak, peak, 1e-3);
    EXPECT_NEAR(main.mean_square, peak * peak / 4.0, 1e-4);  // one of two channels sounds
}

TEST(Mixer, meters_show_a_channel_on_whichever_bus_it_is_heard_and_after_silence)
{
    Desk desk;
    desk.bus("main", ChannelLayout::stereo()).bus("send", ChannelLayout::mono());
    desk.channel("a", ChannelLayout::mono()).channel("b", ChannelLayout::mono(), 0.0, 0.0, {{"send", -12.0}}).channel("c", ChannelLayout::mono());
    const auto mixer = desk.make();
    const auto peaks_after = [&](const Signals& in) {
        test::process(*mixer, in, 3, static_cast<std::uint32_t>(in[0].size()));
        return std::vector<float>{mixer->meters()[0].peak, mixer->meters()[1].peak, mixer->meters()[2].peak};
    };
    const std::vector<float> silence(256, 0.0f);
    EXPECT_EQ(peaks_after({silence, silence, silence}), (std::vector<float>{0.0f, 0.0f, 0.0f}));
    const std::vector<float> tone(256, 0.25f);
    EXPECT_EQ(peaks_after({tone, tone, silence}), (std::vector<float>{0.25f, 0.25f, 0.0f}));
    const std::vector<float> louder(256, 0.5f);
    EXPECT_EQ(peaks_after({louder, louder, tone}), (std::vector<float>{0.5f, 0.5f, 0.25f}));
}

TEST(Mixer, refuses_to_have_no_channel)
{
    Errors errors;
    check_mixer(Settings(mixer_parameters(), {}, {7, 3}), errors);
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].message, "a mixer needs at least one channel");
    EXPECT_EQ(errors[0].mark, (Mark{7, 3}));
}

TEST(Mixer, names_the_buses_where_a_channel_goes_to_none_of_them)
{
    Desk desk;
    desk.bus("main", ChannelLayout::stereo())
        .bus("send", ChannelLayout::stereo())
        .channel("a", ChannelLayout::mono(), 0.0, 0.0, {{"sned", 0.0}});
    desk.settings()["channels"].records.back().second["to"].mark = {12, 20};
    Errors errors;
    check_mixer(desk.settings(), errors);
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].message, "channel 'a' goes to 'sned', which is no bus of this mixer (its buses: main, send)");
    EXPECT_EQ(errors[0].mark, (Mark{12, 20}));
}

TEST(Mixer, says_which_channel_cannot_be_heard_on_its_bus)
{
    Desk desk;
    desk.channel("a", ChannelLayout::usual(12));
    Errors errors;
    const Ports ports = mixer_ports(desk.settings(), test::NoHints{}, errors);
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_NE(errors[0].message.find("shares no position with bus 'main' (stereo)"), std::string::npos);
    EXPECT_EQ(ports.outputs, (std::vector<PortGroup>{{"main", ChannelLayout::stereo()}}));
}

TEST(Mixer, a_channel_has_the_layout_of_what_is_linked_to_it)
{
    struct Hints final : PortHints {
        std::optional<ChannelLayout> linked(std::string_view group) const override
        {
            return group == "a" ? std::optional(*ChannelLayout::named("5.1")) : std::nullopt;
        }
    };
    Desk desk;
    desk.channel("a", {}).channel("b", {}).channel("c", ChannelLayout::mono());
    Errors errors;
    const Ports ports = mixer_ports(desk.settings(), Hints{}, errors);
    EXPECT_EQ(ports.inputs,
              (std::vector<PortGroup>{{"a", *ChannelLayout::named("5.1")}, {"b", ChannelLayout::stereo()}, {"c", ChannelLayout::mono()}}));
}

}  // namespace
}  // namespace stemwire::nodes
