// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/reverb/reverb.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "nodes/reverb/parameters.hpp"
#include "tests/support/lambda_node.hpp"

namespace stemwire::nodes {

namespace {

using Signals = std::vector<std::vector<float>>;

constexpr double rate_hz = 48000;
constexpr float close = 2e-6f;  // single precision, on values up to 1

std::vector<float> noise(std::size_t frames, std::uint64_t seed)
{
    std::vector<float> samples(frames);
    for (std::size_t i = 0; i < frames; ++i) samples[i] = 0.1f * test::noise(i, seed);
    return samples;
}

/// A reverb with some settings, prepared.
class Room {
public:
    struct Given {
        double wet_db = 0.0;
        double dry_db = gain_off;
        double predelay_s = 0.0;
        double latency = 0.0;
        bool parallel = false;
    };

    Room(Signals impulse, const Given& given, std::size_t channels = 2, bool offline = false, std::uint32_t batch = 0)
        : reverb_(settings(given), channels, media::AudioFile{rate_hz, std::move(impulse)})
    {
        EXPECT_TRUE(reverb_.prepare({.rate_hz = rate_hz, .max_frames = 8192, .offline = offline, .quantum = 256, .batch = batch}).has_value());
    }

    Signals run(const Signals& in, std::size_t frames, std::uint32_t block_frames = 256)
    {
        Signals padded = in;
        for (auto& channel : padded) channel.resize(frames);
        Signals out(in.size(), std::vector<float>(frames));
        for (std::size_t done = 0; done < frames; done += block_frames) {
            const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(block_frames, frames - done));
            std::vector<const float*> inputs;
            std::vector<float*> outputs;
            for (auto& channel : padded) inputs.push_back(channel.data() + done);
            for (auto& channel : out) outputs.push_back(channel.data() + done);
            reverb_.process({inputs, outputs, count, cycle_});
        }
        return out;
    }

    Reverb& node() { return reverb_; }

private:
    static Settings settings(const Given& given)
    {
        Settings made(reverb_parameters());
        made["wet"].number = given.wet_db;
        made["dry"].number = given.dry_db;
        made["predelay"].number = given.predelay_s;
        made["latency"].number = given.latency;
        if (given.parallel) made["routing"].text = "parallel";
        return made;
    }

    TransportCycle cycle_{};
    Reverb reverb_;
};

/// Two channels that die away, different from each other.
Signals hall(std::size_t frames, std::size_t channels = 2)
{
    Signals impulse;
    for (std::size_t channel = 0; channel < channels; ++channel) {
        impulse.push_back(noise(frames, channel));
        for (std::size_t i = 0; i < frames; ++i)
            impulse[channel][i] *= static_cast<float>(std::exp(-5.0 * static_cast<double>(i) / static_cast<double>(frames)));
    }
    return impulse;
}

void expect_near(const std::vector<float>& measured, const std::vector<float>& wanted, std::size_t offset = 0, float factor = 1.0f)
{
    for (std::size_t i = 0; i < measured.size(); ++i) {
        const float value = i >= offset && i - offset < wanted.size() ? factor * wanted[i - offset] : 0.0f;
        ASSERT_NEAR(measured[i], value, close) << "frame " << i;
    }
}

TEST(Reverb, answers_an_impulse_with_its_impulse_on_the_same_frame)
{
    Room room(hall(5000), {});
    const auto out = room.run({{1.0f}, {0.5f}}, 9000);
    expect_near(out[0], hall(5000)[0]);
    expect_near(out[1], hall(5000)[1], 0, 0.5f);
    EXPECT_EQ(room.node().latency(), 0u);
    EXPECT_EQ(room.node().tail(), 4999u);
}

TEST(Reverb, leads_one_channel_through_all)
{
    const auto out = Room({hall(3000)[0]}, {}, 3).run({{1.0f}, {0.0f}, {1.0f}}, 4000);
    expect_near(out[0], hall(3000)[0]);
    expect_near(out[1], {});
    expect_near(out[2], hall(3000)[0]);
}

TEST(Reverb, crosses_the_channels_in_true_stereo)
{
    const Signals impulse = hall(3000, 4);
    const auto left = Room(impulse, {}).run({{1.0f}, {}}, 4000);
    expect_near(left[0], impulse[0]);
    expect_near(left[1], impulse[1]);
    const auto right = Room(impulse, {}).run({{}, {1.0f}}, 4000);
    expect_near(right[0], impulse[2]);
    expect_near(right[1], impulse[3]);
}

TEST(Reverb, in_parallel_gives_each_output_one_channel_of_the_impulse_counted_round)
{
    for (const std::size_t channels : {1u, 2u, 3u, 4u, 6u}) {
        const Signals impulse = hall(600, channels);
        for (const std::size_t outputs : {1u, 2u, 5u}) {
            Signals in(outputs);
            for (std::size_t channel = 0; channel < outputs; ++channel) in[channel] = {0.1f * static_cast<float>(channel + 1)};
            const auto out = Room(impulse, {.parallel = true}, outputs).run(in, 900);
            for (std::size_t channel = 0; channel < outputs; ++channel)
                expect_near(out[channel], impulse[channel % channels], 0, 0.1f * static_cast<float>(channel + 1));
        }
    }
}

TEST(Reverb, swaps_its_outputs_when_inputs_and_impulse_are_swapped)
{
    const Signals impulse = hall(3000);
    const auto out = Room(impulse, {.dry_db = -6.0}).run({noise(2000, 5), noise(2000, 6)}, 6000);
    const auto swapped = Room({impulse[1], impulse[0]}, {.dry_db = -6.0}).run({noise(2000, 6), noise(2000, 5)}, 6000);
    EXPECT_EQ(out[0], swapped[1]);
    EXPECT_EQ(out[1], swapped[0]);
}

TEST(Reverb, mixes_dry_and_wet_by_their_gains)
{
    const Signals in{noise(4000, 1), noise(4000, 2)};
    // With an impulse of one frame both ways are the input: 0.25 · 2 + 0.5 of it.
    const auto out = Room({{2.0f}}, {.wet_db = linear_to_decibels(0.25), .dry_db = linear_to_decibels(0.5)}).run(in, 4000);
    expect_near(out[0], in[0]);
    expect_near(out[1], in[1]);
}

TEST(Reverb, delays_the_wet_alone_by_the_predelay)
{
    Room room({{1.0f}}, {.dry_db = 0.0, .predelay_s = 0.02});
    const auto out = room.run({{1.0f}, {0.5f}}, 3000);
    std::vector<float> wanted(3000);
    wanted[0] = wanted[960] = 1.0f;  // 20 ms at 48 kHz
    expect_near(out[0], wanted);
    EXPECT_EQ(room.node().tail(), 960u);
}

TEST(Reverb, reports_the_latency_by_which_dry_and_wet_lag)
{
    Room room(hall(5000), {.dry_db = 0.0, .latency = 3.0});
    const auto out = room.run({{1.0f}, {1.0f}}, 9000);
    ASSERT_EQ(room.node().latency(), 768u);
    auto wanted = hall(5000)[0];
    wanted[0] += 1.0f;
    expect_near(out[0], wanted, 768);
}

TEST(Reverb, sounds_the_same_offline)
{
    const Signals in{noise(20000, 1), noise(20000, 2)};
    const auto live = Room(hall(30000), {}).run(in, 60000);
    const auto offline = Room(hall(30000), {}, 2, true).run(in, 60000);
    expect_near(live[0], offline[0]);
    expect_near(live[1], offline[1]);
}

TEST(Reverb, sounds_the_same_in_batches)
{
    const Signals in{noise(40000, 1), noise(40000, 2)};
    const Room::Given given{.dry_db = -3.0, .latency = 2.0};
    const auto live = Room(hall(50000), given).run(in, 100000);
    const auto batched = Room(hall(50000), given, 2, true, largest_batch).run(in, 100000, largest_batch);
    expect_near(live[0], batched[0]);
    expect_near(live[1], batched[1]);
}

TEST(Reverb, does_not_care_how_the_signal_is_cut)
{
    const Signals in{noise(20000, 1), noise(20000, 2)};
    const auto once = [&](std::uint32_t block_frames) {
        return Room(hall(10000), {.dry_db = 0.0, .latency = 1.0}).run(in, 40000, block_frames);
    };
    const auto wanted = once(8192);
    for (const std::uint32_t block_frames : {1u, 63u, 64u, 256u, 1000u}) {
        const auto out = once(block_frames);
        expect_near(out[0], wanted[0]);
        expect_near(out[1], wanted[1]);
    }
}

TEST(Reverb, changes_gains_on_a_ramp_of_20_ms)
{
    Room room({{1.0f}}, {});
    const Signals ones(2, std::vector<float>(9600, 1.0f));
    (void)room.run(ones, 256);
    room.node().live().find("wet")->set(gain_off);
    const auto out = room.run(ones, 2048)[0];
    for (std::size_t i = 0; i < 960; ++i) ASSERT_NEAR(out[i], 1.0f - static_cast<float>(i) / 960.0f, 1e-5f) << i;
    for (std::size_t i = 960; i < 2048; ++i) ASSERT_EQ(out[i], 0.0f) << i;
}

TEST(Reverb, hears_what_is_no_number_as_silence)
{
    Signals in{noise(3000, 1), noise(3000, 2)};
    Signals holes = in;
    using Limits = std::numeric_limits<float>;
    constexpr float no_numbers[] = {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()};
    for (std::size_t i = 0; i < 3000; i += 100) {
        holes[0][i] = no_numbers[i / 100 % 3];
        in[0][i] = 0.0f;
    }
    EXPECT_EQ(Room(hall(2000), {.dry_db = 0.0}).run(holes, 6000), Room(hall(2000), {.dry_db = 0.0}).run(in, 6000));
}

TEST(Reverb, begins_again_after_a_long_silence_and_afresh_when_prepared)
{
    Room room(hall(2000), {});
    const Signals in{noise(3000, 1), noise(3000, 2)};
    const auto first = room.run(in, 100 * 256);
    const auto second = room.run(in, 100 * 256);
    expect_near(second[0], first[0]);
    EXPECT_EQ(room.run(in, 1000)[0][0], first[0][0]);
    ASSERT_TRUE(room.node().prepare({.rate_hz = rate_hz}).has_value());
    expect_near(room.run(in, 100 * 256)[0], first[0]);
}

TEST(Reverb, takes_another_impulse_while_the_tail_of_the_old_one_rings_out)
{
    Room room(hall(5000), {});
    (void)room.run({{1.0f}, {0.5f}}, 256);
    ASSERT_TRUE(room.node().replace_impulse({rate_hz, hall(3000, 4)}).has_value());
    EXPECT_EQ(room.node().tail(), 4999u);
    const auto old_tail = room.run({{}, {}}, 100 * 256);
    const auto wanted = hall(5000);
    expect_near(old_tail[0], {wanted[0].begin() + 256, wanted[0].end()});
    expect_near(old_tail[1], {wanted[1].begin() + 256, wanted[1].end()}, 0, 0.5f);
    (void)room.run({{}, {}}, 400 * 256);  // until the old one is at rest and given back
    EXPECT_EQ(room.node().collect(), 1u);
    const auto out = room.run({{1.0f}, {}}, 5000);
    expect_near(out[0], hall(3000, 4)[0]);
    expect_near(out[1], hall(3000, 4)[1]);
}

TEST(Reverb, keeps_its_impulse_where_another_does_not_fit)
{
    Room room({{1.0f}}, {});
    const auto refused = room.node().replace_impulse({rate_hz, Signals(3, {0.5f})});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().message, "an impulse of 3 channels does not fit a reverb of 2");
    expect_near(room.run({{1.0f}, {}}, 512)[0], {1.0f});
}

TEST(Reverb, goes_over_to_a_louder_impulse_in_50_ms)
{
    Room room({{1.0f}}, {});
    const Signals ones(2, std::vector<float>(9600, 1.0f));
    (void)room.run(ones, 256);
    ASSERT_TRUE(room.node().replace_impulse({rate_hz, {{2.0f}}}).has_value());
    const auto out = room.run(ones, 4096)[0];
    for (std::size_t i = 0; i < out.size(); ++i) ASSERT_NEAR(out[i], std::min(2.0f, 1.0f + static_cast<float>(i) / 2400.0f), 1e-5f) << i;
}

TEST(Reverb, meters_its_output)
{
    Room room({{1.0f}}, {.wet_db = linear_to_decibels(0.5)});
    (void)room.run(Signals(2, std::vector<float>(48000, 0.5f)), 96 * 256);
    ASSERT_EQ(room.node().meters().size(), 1u);
    EXPECT_NEAR(room.node().meters()[0].peak.load(), 0.25f, close);
}

}  // namespace

}  // namespace stemwire::nodes
