// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/effects/effects.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>

#include "dsp/true_peak.hpp"
#include "nodes/effects/parameters.hpp"
#include "tests/nodes/effects/chain.hpp"

namespace stemwire::nodes {
namespace {

using test::Chain;
using test::Change;
using test::Signals;

constexpr std::uint32_t length = 9600;
constexpr std::string_view unit_names[] = {"eq", "compressor", "limiter", "gate", "delay", "gain"};

Signals noise(float amplitude = 0.5f, std::uint32_t frames = length)
{
    return {test::noise_channel(frames, 1, amplitude), test::noise_channel(frames, 2, amplitude)};
}

/// Sound, a long silence, sound again: everything has time to fall asleep and to wake.
Signals sound_and_silence()
{
    Signals signals = noise(0.8f, 300'000);
    for (auto& channel : signals) std::fill(channel.begin() + 5'003, channel.begin() + 280'017, 0.0f);
    return signals;
}

/// Every live value of every unit moved, twice, while sound goes through.
std::vector<Change> busy_hands(LiveParameters& live)
{
    std::vector<Change> changes;
    std::uint32_t at = 100;
    for (const LiveValue& value : live.all()) {
        const Parameter& row = value.parameter();
        const double high = std::min(row.maximum, row.kind == Kind::gain ? 3.0 : row.maximum);
        changes.push_back({at, value.address(), row.kind == Kind::frequency ? 9000.0 : high});
        at += 71;
    }
    for (const LiveValue& value : live.all()) {
        changes.push_back({at, value.address(), value.get()});
        at += 53;
    }
    return changes;
}

/// What goes through, and what is heard aside of it.
Signals beside(const Signals& through, const Signals& aside)
{
    Signals both = through;
    both.insert(both.end(), aside.begin(), aside.end());
    return both;
}

TEST(Effects, a_side_chain_lowers_what_goes_through_by_the_curve_and_the_attack)
{
    constexpr double threshold_db = -20.0, ratio = 4.0, attack_s = 0.01, aside_db = -8.0, through = 0.9;
    Chain chain;
    chain.unit("compressor").set("sidechain", 1.0).set("threshold", threshold_db).set("ratio", ratio).set("attack", attack_s).set("knee", 0.0);
    const std::vector<float> steady(length, static_cast<float>(through));
    std::vector<float> aside(length, 0.0f);
    for (std::uint32_t i = 1'000; i < length; ++i) aside[i] = static_cast<float>((i % 2 == 0 ? 1.0 : -1.0) * decibels_to_linear(aside_db));
    const auto out = test::process(*chain.make(), beside({steady, steady}, {std::vector<float>(length, 0.0f), aside}), 2, length);
    for (std::uint32_t i = 0; i < length; ++i) {
        // The detector rises at once; its one pole has gone 1 - exp(-t / attack) of the way.
        const double way = i < 1'000 ? 0.0 : 1.0 - std::exp(-(i - 1'000 + 1.0) / (attack_s * test::bench_rate_hz));
        const double wanted = through * decibels_to_linear(-way * (aside_db - threshold_db) * (1.0 - 1.0 / ratio));
        ASSERT_NEAR(out[0][i], wanted, 2e-4) << i;
        ASSERT_EQ(out[1][i], out[0][i]);
    }
}

TEST(Effects, a_side_chain_is_all_that_opens_a_gate)
{
    Chain chain;
    chain.unit("gate").set("sidechain", 1.0).set("threshold", -20.0).set("hold", 0.0).set("attack", 0.001).set("release", 0.001);
    const Signals in = noise();
    std::vector<float> aside(length, 0.0f);
    std::fill_n(aside.begin() + 3'000, 3'000, 0.5f);
    const auto out = test::process(*chain.make(), beside(in, {aside, aside}), 2, length);
    constexpr std::uint32_t settled = 1'000;  // 20 time constants: 2e-9
    for (std::size_t channel = 0; channel < 2; ++channel)
        for (std::uint32_t i = 0; i < length; ++i) {
            const bool opens_or_closes = (i >= 3'000 && i < 3'000 + settled) || (i >= 6'000 && i < 6'000 + settled);
            const bool open = i >= 3'000 && i < 6'000;
            if (!opens_or_closes) {
                ASSERT_NEAR(out[channel][i], open ? in[channel][i] : 0.0f, 1e-6) << i;
            }
        }
}

TEST(Effects, a_side_chain_gives_the_same_bits_however_it_is_cut_and_stays_awake_for_it)
{
    Chain chain;
    chain.unit("compressor").set("sidechain", 1.0).set("threshold", -40.0);
    const Signals in = beside(sound_and_silence(), noise(0.5f, 300'000));
    const auto whole = test::process(*chain.make(), in, 2, 300'000, {.block = 8192});
    EXPECT_EQ(test::process(*chain.make(), in, 2, 300'000, {.block = 63}), whole);
    // Awake all the while: the first frame after the silence is as low as one that the compressor has long heard.
    const Signals never_silent = beside(noise(0.8f, 300'000), noise(0.5f, 300'000));
    const auto steady = test::process(*chain.make(), never_silent, 2, 300'000);
    for (std::uint32_t i = 280'017; i < 290'000; ++i) ASSERT_EQ(whole[0][i], steady[0][i]) << i;
}

TEST(Effects, a_side_chain_behind_a_limiter_is_refused)
{
    Chain chain;
    chain.unit("limiter").unit("compressor").set("sidechain", 1.0);
    Errors errors;
    check_effects(chain.settings(), errors);
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_NE(errors[0].message.find("before the limiter"), std::string::npos);
}

TEST(Effects, every_unit_sounds_the_same_however_it_is_cut)
{
    const Signals in = noise();
    Chain chain = Chain::all();
    const auto run = [&](std::uint32_t block) {
        const auto node = chain.make();
        return test::process(*node, in, 2, length, {.block = block, .changes = busy_hands(node->live())});
    };
    const Signals whole = run(length);
    for (const std::uint32_t block : test::cuts) EXPECT_TRUE(test::sound_the_same(run(block), whole)) << block;
}

TEST(Effects, falls_asleep_and_wakes_on_the_same_frame_however_it_is_cut)
{
    const Signals in = sound_and_silence();
    const auto frames = static_cast<std::uint32_t>(in[0].size());
    Chain chain = Chain::all();
    const auto run = [&](std::uint32_t block) {
        const test::Run how{.block = block,
                            .changes = {{200'001, "gain.gain", 0.0}, {280'001, "eq.bands.2.gain", -6.0}, {280'010, "delay.mix", 0.0}}};
        return test::process(*chain.make(), in, 2, frames, how);
    };
    const Signals whole = run(8192);
    for (const std::uint32_t block : test::cuts) EXPECT_EQ(run(block), whole) << block;
}

TEST(Effects, after_its_tail_there_is_silence)
{
    Signals in = noise(0.5f, 300'000);
    for (auto& channel : in) std::fill(channel.begin() + 5'000, channel.end(), 0.0f);
    const auto node = Chain::all().make();
    const Signals out = test::process(*node, in, 2, 300'000);
    const std::size_t over = 5'000 + node->latency() + node->tail();
    ASSERT_LT(over, 300'000u);
    for (const auto& channel : out) {
        for (std::size_t i = over; i < channel.size(); ++i) ASSERT_LT(std::abs(channel[i]), 1e-4f) << i;  // −100 dB, raised by 12 and 6 dB
        EXPECT_EQ(channel.back(), 0.0f);
    }
}

TEST(Effects, what_sleeping_leaves_out_cannot_be_heard)
{
    // A noise 200 dB down keeps everything awake.
    Signals in = sound_and_silence();
    Signals restless = in;
    for (auto& channel : restless)
        for (std::size_t i = 0; i < channel.size(); ++i)
            if (channel[i] == 0.0f) channel[i] = 1e-10f * test::noise(i, 9);
    const auto frames = static_cast<std::uint32_t>(in[0].size());
    const Signals slept = test::process(*Chain::all().make(), in, 2, frames);
    const Signals awake = test::process(*Chain::all().make(), restless, 2, frames);
    for (std::size_t channel = 0; channel < 2; ++channel)
        for (std::uint32_t i = 0; i < frames; ++i) ASSERT_NEAR(slept[channel][i], awake[channel][i], 1e-4) << i;
}

TEST(Effects, what_is_not_finite_counts_as_silence_and_does_not_stick)
{
    const float bad[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                         -std::numeric_limits<float>::infinity(), std::numeric_limits<float>::max()};
    Signals in = noise();
    Signals clean = in;
    for (std::size_t i = 0; i < 400; ++i) {
        in[i % 2][1000 + i] = bad[i % 4];
        clean[i % 2][1000 + i] = 0.0f;
    }
    EXPECT_EQ(test::process(*Chain::all().make(), in, 2, length), test::process(*Chain::all().make(), clean, 2, length));
}

TEST(Effects, a_neutral_chain_passes_what_it_hears_at_its_latency)
{
    Chain chain;
    chain.unit("gain").unit("eq").band("peak", 1000.0).band("highshelf", 5000.0).unit("compressor").set("ratio", 1.0);
    chain.unit("gate").set("threshold", -120.0).set("attack", 0.0001).unit("delay").set("mix", 0.0).unit("limiter").set("ceiling", 0.0);
    const auto node = chain.make();
    const Signals in = noise(0.2f);
    const Signals out = test::process(*node, in, 2, length);
    EXPECT_EQ(node->latency(), 240 + dsp::true_peak_latency);
    // The gate is 10⁻⁶ from open after 14 of its time constants of 4.8 frames.
    for (std::uint32_t i = node->latency() + 100; i < length; ++i)
        for (std::size_t channel = 0; channel < 2; ++channel) ASSERT_NEAR(out[channel][i], in[channel][i - node->latency()], 1e-6) << i;
}

TEST(Effects, latency_is_the_sum_of_the_units)
{
    Chain chain;
    chain.unit("limiter").set("lookahead", 0.002).unit("eq").band("notch", 50.0).unit("limiter").set("lookahead", 0.003);
    const auto node = chain.make();
    ASSERT_TRUE(node->prepare({.rate_hz = 48000.0}));
    EXPECT_EQ(node->latency(), 96 + 144 + 2 * dsp::true_peak_latency);
}

TEST(Effects, tail_is_that_of_echoes_and_filters)
{
    Chain chain;
    chain.unit("delay").set("time", 0.5).set("feedback", 0.5).set("mix", 0.5);
    const auto node = chain.make();
    ASSERT_TRUE(node->prepare({.rate_hz = 48000.0}));
    // 0.5ⁿ < 10⁻⁵ for n = 17, and the first echo comes one time late.
    EXPECT_EQ(node->tail(), 18u * 24'000u);
    node->live().find("delay.mix")->set(0.0);
    EXPECT_EQ(node->tail(), 0u);
}

TEST(Effects, swapped_inputs_give_swapped_outputs)
{
    const Signals in = noise();
    const Signals out = test::process(*Chain::all().make(), in, 2, length);
    const Signals swapped = test::process(*Chain::all().make(), {in[1], in[0]}, 2, length);
    EXPECT_EQ(swapped, (Signals{out[1], out[0]}));
}

TEST(Effects, any_number_of_channels_is_treated_alike)
{
    const Signals one{test::noise_channel(length, 3, 0.5f)};
    const Signals mono = test::process(*Chain::all().make(ChannelLayout::mono()), one, 1, length);
    const Signals three = test::process(*Chain::all().make(ChannelLayout::usual(3)), {one[0], one[0], one[0]}, 3, length);
    for (const auto& channel : three) EXPECT_EQ(channel, mono[0]);
}

TEST(Effects, the_order_of_the_chain_is_the_order_of_the_sound)
{
    const Signals in{std::vector<float>(length, 0.9f), std::vector<float>(length, 0.9f)};
    Chain first;
    first.unit("gain").set("gain", -20.0).unit("gate").set("threshold", -10.0);
    Chain last;
    last.unit("gate").set("threshold", -10.0).unit("gain").set("gain", -20.0);
    EXPECT_EQ(test::process(*first.make(), in, 2, length)[0].back(), 0.0f);
    EXPECT_NEAR(test::process(*last.make(), in, 2, length)[0].back(), 0.09, 1e-6);
}

TEST(Effects, each_unit_of_a_kind_has_its_own_address)
{
    Chain chain;
    chain.unit("gain").set("gain", -3.0).unit("gain").set("gain", -4.0);
    const auto node = chain.make();
    EXPECT_EQ(node->live().at("gain.gain").get(), -3.0);
    EXPECT_EQ(node->live().at("gain-2.gain").get(), -4.0);
}

/// The largest second difference: what a click is, where the signal itself has next to none.
double roughness(const std::vector<float>& samples, std::uint32_t from)
{
    double largest = 0.0;
    for (std::size_t i = from; i + 2 < samples.size(); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(samples[i]) - 2.0 * samples[i + 1] + samples[i + 2]));
    return largest;
}

TEST(Effects, no_change_of_an_equalizer_clicks)
{
    const Signals in{test::sine_channel(length, 100.0, 0.5)};
    const double steady = roughness(in[0], 0);
    const std::vector<Change> moves[] = {
        {{4800, "eq.bands.1.gain", 12.0}}, {{4800, "eq.bands.1.frequency", 4000.0}}, {{4800, "eq.bands.1.enabled", 0.0}}};
    for (const auto& changes : moves) {
        Chain chain;
        chain.unit("eq").band("peak", 150.0, 3.0);
        const Signals out = test::process(*chain.make(ChannelLayout::mono()), in, 1, length, {.changes = changes});
        // Louder by at most 12 dB; a step of a thirtieth of that between control steps may bend it as much again. A jump would be a hundred
        // times that.
        EXPECT_LT(roughness(out[0], 4000), 2.0 * 4.0 * steady + 0.5 * 3.0 / 30.0 * 0.05) << changes[0].address;
    }
}

TEST(Effects, clip_cuts_what_the_drive_raises_over_the_ceiling)
{
    constexpr double drive_db = 12.0, ceiling_db = -3.0;
    const Signals in = noise();
    Chain chain;
    chain.unit("clip").set("drive", drive_db).set("ceiling", ceiling_db);
    const Signals out = test::process(*chain.make(), in, 2, length);
    const double drive = std::pow(10.0, drive_db / 20.0), ceiling = std::pow(10.0, ceiling_db / 20.0);
    for (std::size_t channel = 0; channel < 2; ++channel)
        for (std::uint32_t i = 0; i < length; ++i) {
            const double raised = drive * static_cast<double>(in[channel][i]);
            ASSERT_NEAR(out[channel][i], raised > ceiling ? ceiling : raised < -ceiling ? -ceiling : raised, 1e-6) << i;
        }
}

TEST(Effects, clip_goes_to_another_drive_and_ceiling_over_20_ms)
{
    const Signals steady{std::vector<float>(length, 0.5f)};
    Chain chain;
    chain.unit("clip");
    const test::Run how{.changes = {{3000, "clip.drive", linear_to_decibels(4.0)}, {6000, "clip.ceiling", linear_to_decibels(0.25)}}};
    const Signals out = test::process(*chain.make(ChannelLayout::mono()), steady, 1, length, how);
    for (std::uint32_t i = 0; i < length; ++i) {
        const double drive = i < 3000 ? 1.0 : std::min(4.0, 1.0 + 3.0 * (i - 3000.0) / 960.0);
        const double ceiling = i < 6000 ? 1.0 : std::max(0.25, 1.0 - 0.75 * (i - 6000.0) / 960.0);
        ASSERT_NEAR(out[0][i], std::min(0.5 * drive, ceiling), 2e-6) << i;
    }
}

TEST(Effects, balance_lowers_the_side_that_it_turns_away_from_and_no_other_channel)
{
    const Signals in{test::noise_channel(length, 1), test::noise_channel(length, 2), test::noise_channel(length, 3)};
    for (const double pan : {-1.0, -0.4, 0.0, 0.25, 1.0}) {
        Chain chain;
        chain.unit("balance").set("pan", pan);
        const Signals out = test::process(*chain.make(ChannelLayout::usual(3)), in, 3, length);
        const double left = pan > 0.0 ? 1.0 - pan : 1.0;
        const double right = pan < 0.0 ? 1.0 + pan : 1.0;
        for (std::uint32_t i = 0; i < length; ++i) {
            ASSERT_NEAR(out[0][i], left * static_cast<double>(in[0][i]), 1e-6) << pan;
            ASSERT_NEAR(out[1][i], right * static_cast<double>(in[1][i]), 1e-6) << pan;
            ASSERT_EQ(out[2][i], in[2][i]) << pan;
        }
    }
    Chain mono;
    mono.unit("balance").set("pan", 1.0);
    EXPECT_EQ(test::process(*mono.make(ChannelLayout::mono()), {in[0]}, 1, length)[0], in[0]);
}

TEST(Effects, balance_turns_over_20_ms)
{
    const Signals ones{std::vector<float>(length, 1.0f), std::vector<float>(length, 1.0f)};
    Chain chain;
    chain.unit("balance");
    const Signals out = test::process(*chain.make(), ones, 2, length, {.changes = {{3000, "balance.pan", 1.0}}});
    for (std::uint32_t i = 0; i < length; ++i) {
        ASSERT_NEAR(out[0][i], i < 3000 ? 1.0 : std::max(0.0, 1.0 - (i - 3000.0) / 960.0), 1e-6) << i;
        ASSERT_EQ(out[1][i], 1.0f) << i;
    }
}

TEST(Effects, clip_and_balance_sound_the_same_however_they_are_cut)
{
    const Signals in = noise();
    Chain chain;
    chain.unit("clip").set("drive", 6.0).unit("balance").set("pan", 0.3);
    const auto run = [&](std::uint32_t block) {
        const auto node = chain.make();
        return test::process(*node, in, 2, length, {.block = block, .changes = busy_hands(node->live())});
    };
    const Signals whole = run(length);
    for (const std::uint32_t block : test::cuts) EXPECT_TRUE(test::sound_the_same(run(block), whole)) << block;
}

TEST(Effects, a_gain_ramps_over_20_ms)
{
    const Signals ones{std::vector<float>(length, 1.0f)};
    Chain chain;
    chain.unit("gain");
    const Signals out = test::process(*chain.make(ChannelLayout::mono()), ones, 1, length, {.changes = {{3000, "gain.gain", gain_off}}});
    for (std::uint32_t i = 0; i < length; ++i)
        ASSERT_NEAR(out[0][i], i < 3000 ? 1.0 : std::max(0.0, 1.0 - (i - 3000.0) / 960.0), 1e-6) << i;
}

TEST(Effects, prepared_again_it_starts_afresh)
{
    const Signals in = noise();
    const auto node = Chain::all().make();
    const Signals first = test::process(*node, in, 2, length);
    EXPECT_EQ(test::process(*node, in, 2, length), first);
    const Signals other_rate = test::process(*node, in, 2, length, {.rate_hz = 96000.0});
    EXPECT_EQ(other_rate, test::process(*Chain::all().make(), in, 2, length, {.rate_hz = 96000.0}));
}

TEST(Effects, the_meter_shows_the_output)
{
    Chain chain;
    chain.unit("gain").set("gain", -20.0);
    const auto node = chain.make();
    test::process(*node, {std::vector<float>(length, 1.0f), std::vector<float>(length, 0.0f)}, 2, length);
    ASSERT_EQ(node->meters().size(), 1u);
    EXPECT_EQ(node->meters()[0].name, "output");
    EXPECT_NEAR(node->meters()[0].peak, 0.1, 1e-6);
}

TEST(Effects, every_parameter_takes_both_ends_of_its_range)
{
    const Signals in = noise();
    for (const std::string_view name : unit_names) {
        Chain chain;
        chain.unit(std::string(name));
        if (name == "eq") chain.band("peak", 1000.0, 6.0);
        const auto count = chain.make()->live().all().size();
        for (std::size_t index = 0; index < count; ++index)
            for (const bool high : {false, true}) {
                const auto node = chain.make();
                LiveValue& value = node->live().all()[index];
                value.set(high ? value.parameter().maximum : value.parameter().minimum);
                for (const auto& channel : test::process(*node, in, 2, length))
                    for (const float sample : channel) ASSERT_TRUE(std::isfinite(sample)) << name << ' ' << value.address() << ' ' << high;
            }
    }
}

TEST(Effects, refuses_an_empty_chain_and_a_gain_that_a_band_lacks)
{
    Chain chain;
    Errors errors;
    check_effects(chain.settings(), errors);
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].message, "a chain needs at least one unit");
    errors.clear();
    check_effects(chain.unit("eq").band("lowpass", 100.0, 3.0).settings(), errors);
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].message, "a lowpass band has no 'gain'");
}

}  // namespace
}  // namespace stemwire::nodes
