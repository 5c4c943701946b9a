// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/decode_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

#include "dsp/resampler.hpp"
#include "fixtures.hpp"
#include "playing.hpp"
#include "tests/support/wav.hpp"

namespace stemwire::media {

namespace {

using test::Oracle;
using test::Planes;
using test::Player;
using test::open;

constexpr int file_rate_hz = 44100;
constexpr double forever = std::numeric_limits<double>::infinity();

class DecodePoolTest : public testing::Test {
protected:
    std::string make(const std::string& name, const std::string& options, double seconds = 3.0, int channels = 2)
    {
        test::make_sound(folder_.file(name), options, seconds, file_rate_hz, channels);
        return folder_.file(name);
    }

    /// Plays a request offline at the file's rate and compares it with the definition.
    void expect_plays(const StreamRequest& request, const Oracle& oracle, const Cue& cue, std::size_t frames)
    {
        DecodePool pool(0);
        const auto stream = open(pool, request);
        ASSERT_TRUE(stream->prepare(file_rate_hz, true));
        stream->cue(cue);
        Player player(*stream);
        EXPECT_EQ(test::largest_difference(player.play(cue.epoch, cue.start, frames), oracle.play(cue, frames)), 0.0);
        EXPECT_EQ(player.missing, 0u);
    }
    test::TemporaryFolder folder_;
};

TEST_F(DecodePoolTest, plays_start_trim_and_loop_composed)
{
    const auto file = make("a.flac", "-c:a flac");
    const StreamRequest request{.file = file, .start_seconds = 0.25, .trim_from = 0.5, .trim_to = 1.25, .loop_count = 3};
    const Oracle oracle{test::decode_with_ffmpeg(file, 2), 11025, 22050, 55125, 3};
    expect_plays(request, oracle, {.epoch = 1}, 150000);
    expect_plays(request, oracle, {.epoch = 1, .start = 77777}, 60000);
    expect_plays(request, oracle, {.epoch = 1, .start = 500000}, 5000);
}

TEST_F(DecodePoolTest, who_joins_in_later_hears_what_the_others_hear)
{
    const auto file = make("a.flac", "-c:a flac");
    for (const Cue& cue : {Cue{.epoch = 1, .start = 1000}, Cue{.epoch = 1, .start = 1000, .loop_from = 20'000, .loop_to = 50'000}}) {
        const Planes whole = [&] {
            DecodePool pool(0);
            const auto stream = open(pool, {.file = file});
            EXPECT_TRUE(stream->prepare(file_rate_hz, true));
            stream->cue(cue);
            return Player(*stream).play(1, cue.start, 150'000);
        }();
        DecodePool pool(0);
        const auto stream = open(pool, {.file = file});
        ASSERT_TRUE(stream->prepare(file_rate_hz, true));
        Cue later = cue;
        later.begin = 101'000;
        stream->cue(later);
        Player player(*stream);
        const Planes joined = player.play(1, later.begin, 50'000);
        EXPECT_EQ(player.missing, 0u);
        for (std::size_t channel = 0; channel < 2; ++channel)
            for (std::size_t i = 0; i < 50'000; ++i) ASSERT_EQ(joined[channel][i], whole[channel][100'000 + i]) << i;
    }
}

TEST_F(DecodePoolTest, repeats_a_whole_file_of_unknown_length_without_a_gap)
{
    const std::vector<std::pair<std::string, std::string>> formats{
        {"a.mp3", "-c:a libmp3lame"}, {"a.m4a", "-c:a aac -aac_pns 0"}, {"a.opus", "-c:a libopus"}};
    for (const auto& [name, options] : formats) {
        const auto file = make(name, options, 0.7);
        const Planes decoded = test::decode_with_ffmpeg(file, 2);
        DecodePool pool(0);
        const auto stream = open(pool, {.file = file, .loop_count = forever});
        const double rate_hz = name == "a.opus" ? 48000.0 : 44100.0;
        ASSERT_TRUE(stream->prepare(rate_hz, true));
        stream->cue({.epoch = 1});
        const Oracle oracle{.file = decoded, .count = forever};
        EXPECT_EQ(test::largest_difference(Player(*stream).play(1, 0, 200000), oracle.play({}, 200000)), 0.0) << name;
        EXPECT_EQ(stream->end(), std::nullopt);
    }
}

TEST_F(DecodePoolTest, decodes_a_transport_loop_as_one_endless_stream)
{
    const auto file = make("a.flac", "-c:a flac");
    const StreamRequest request{.file = file, .start_seconds = 0.25, .loop_count = 2};
    const Oracle oracle{.file = test::decode_with_ffmpeg(file, 2), .start = 11025, .count = 2};
    expect_plays(request, oracle, {.epoch = 7, .start = 1000, .loop_from = 5000, .loop_to = 30001}, 200000);
    expect_plays(request, oracle, {.epoch = 7, .start = 100000, .loop_from = 120000, .loop_to = 300000}, 500000);
    expect_plays(request, oracle, {.epoch = 7, .start = 20000, .loop_from = 20100, .loop_to = 20163}, 9000);
    expect_plays(request, oracle, {.epoch = 7, .start = 0, .loop_from = 0, .loop_to = 9000}, 40000);
    expect_plays(request, oracle, {.epoch = 7, .start = 40000, .loop_from = 0, .loop_to = 9000}, 40000);
}

TEST_F(DecodePoolTest, resamples_the_same_however_it_is_reached)
{
    const auto file = make("a.wav", "-c:a pcm_s16le", 2.0);
    const Planes decoded = test::decode_with_ffmpeg(file, 2);
    dsp::Resampler resampler(file_rate_hz, 48000, 2, dsp::ResamplerQuality::best);
    resampler.start(0, 0);
    Oracle oracle{Planes(2, std::vector<float>(resampler.output_length(decoded[0].size())))};
    const std::vector<const float*> in{decoded[0].data(), decoded[1].data()};
    const std::vector<float*> out{oracle.file[0].data(), oracle.file[1].data()};
    const auto frames = static_cast<std::uint32_t>(oracle.file[0].size());
    std::uint32_t made = 0;
    std::uint32_t taken = 0;
    while (taken < decoded[0].size()) {
        const std::vector<const float*> in_at{in[0] + taken, in[1] + taken};
        const std::vector<float*> out_at{out[0] + made, out[1] + made};
        const auto step = resampler.process(in_at, static_cast<std::uint32_t>(decoded[0].size()) - taken, out_at, frames - made);
        taken += step.consumed;
        made += step.produced;
    }
    while (made < frames) {
        const std::vector<float*> out_at{out[0] + made, out[1] + made};
        made += resampler.drain(out_at, frames - made);
    }
    DecodePool pool(0);
    const auto stream = open(pool, {.file = file});
    ASSERT_TRUE(stream->prepare(48000, true));
    Player player(*stream);
    Epoch epoch = 0;
    for (const Cue cue : {Cue{}, Cue{.start = 50001}, Cue{.start = 10, .loop_from = 5000, .loop_to = 30001}, Cue{.start = 95000}}) {
        Cue numbered = cue;
        numbered.epoch = ++epoch;
        stream->cue(numbered);
        EXPECT_EQ(test::largest_difference(player.play(epoch, cue.start, 100000), oracle.play(cue, 100000)), 0.0) << "start " << cue.start;
    }
    EXPECT_EQ(stream->end(), std::optional<Frames>(frames));
    EXPECT_EQ(player.missing, 0u);
}

TEST_F(DecodePoolTest, knows_the_end_once_it_has_been_decoded)
{
    const auto file = make("a.wav", "-c:a pcm_s16le", 1.0);
    DecodePool pool(0);
    const auto stream = open(pool, {.file = file, .start_seconds = 1.0, .loop_count = 2});
    ASSERT_TRUE(stream->prepare(file_rate_hz, true));
    stream->cue({.epoch = 1});
    stream->fill(1000);
    EXPECT_EQ(stream->end(), std::nullopt);
    Player player(*stream);
    static_cast<void>(player.play(1, 0, 140000));
    EXPECT_EQ(stream->end(), std::optional<Frames>(3 * 44100));
}

TEST_F(DecodePoolTest, counts_what_is_missing_only_where_the_file_has_audio)
{
    const auto file = make("a.wav", "-c:a pcm_s16le", 1.0);
    const Oracle oracle{.file = test::decode_with_ffmpeg(file, 2), .start = 44100};
    DecodePool pool(0);
    const auto stream = open(pool, {.file = file, .start_seconds = 1.0});
    ASSERT_TRUE(stream->prepare(file_rate_hz, true));
    stream->cue({.epoch = 1});
    Player player(*stream);
    static_cast<void>(player.play(1, 0, 40000, false));
    EXPECT_EQ(player.missing, 0u) << "the file has not begun";
    const Cue cue{.epoch = 2, .start = 44000};
    stream->cue(cue);
    stream->fill(1);
    static_cast<void>(player.play(2, 44000, 10000, false));
    const std::uint64_t starved = player.missing;
    EXPECT_GT(starved, 0u);
    EXPECT_EQ(test::largest_difference(player.play(2, 54000, 20000), oracle.play({.start = 54000}, 20000)), 0.0) << "it rejoins in time";
    EXPECT_EQ(player.missing, starved);
    static_cast<void>(player.play(2, 74000, 20000));
    static_cast<void>(player.play(2, 94000, 20000, false));
    EXPECT_EQ(player.missing, starved) << "the file is over";
}

TEST_F(DecodePoolTest, counts_exactly_the_frames_that_are_missing)
{
    const auto file = make("a.wav", "-c:a pcm_s16le", 2.0);
    DecodePool pool(0);
    const auto stream = open(pool, {.file = file});
    ASSERT_TRUE(stream->prepare(file_rate_hz, true));
    stream->cue({.epoch = 1});
    stream->fill(1024);
    Player player(*stream);
    static_cast<void>(player.play(1, 0, 5000, false));
    EXPECT_EQ(player.missing, 5000u - 1024u);
}

TEST_F(DecodePoolTest, counts_as_missing_only_what_of_a_loop_has_audio)
{
    const auto file = make("a.wav", "-c:a pcm_s16le", 1.0);
    DecodePool pool(0);
    const auto stream = open(pool, {.file = file, .start_seconds = 0.25});
    ASSERT_TRUE(stream->prepare(file_rate_hz, true));
    stream->cue({.epoch = 1, .loop_from = 5000, .loop_to = 20000});
    stream->fill(1);  // the silence before the file begins
    Player player(*stream);
    static_cast<void>(player.play(1, 0, 35000, false));
    EXPECT_EQ(player.missing, 2 * (20000u - 11025u)) << "twice round";
}

TEST_F(DecodePoolTest, keeps_the_old_epoch_playable_until_the_new_one_is_read)
{
    const auto file = make("a.flac", "-c:a flac");
    const Oracle oracle{.file = test::decode_with_ffmpeg(file, 2)};
    DecodePool pool(0);
    const auto stream = open(pool, {.file = file});
    ASSERT_TRUE(stream->prepare(file_rate_hz, true));
    stream->cue({.epoch = 1});
    stream->fill(20000);
    Player player(*stream);
    static_cast<void>(player.play(1, 0, 100, false));
    stream->cue({.epoch = 2, .start = 70000});
    stream->fill(9000);
    EXPECT_EQ(test::largest_difference(player.play(1, 100, 19900, false), oracle.play({.start = 100}, 19900)), 0.0);
    EXPECT_EQ(test::largest_difference(player.play(2, 70000, 9000, false), oracle.play({.start = 70000}, 9000)), 0.0);
    EXPECT_EQ(player.missing, 0u);
}

TEST_F(DecodePoolTest, is_cued_again_and_again_while_nobody_reads)
{
    const auto file = make("a.flac", "-c:a flac");
    const Oracle oracle{.file = test::decode_with_ffmpeg(file, 2)};
    DecodePool pool(2);
    const auto stream = open(pool, {.file = file});
    ASSERT_TRUE(stream->prepare(file_rate_hz, false));
    for (Epoch epoch = 1; epoch <= 20; ++epoch) {
        stream->cue({.epoch = epoch, .start = epoch * 5000});
        while (!stream->cued(epoch)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    Player player(*stream);
    EXPECT_EQ(test::largest_difference(player.play(20, 100000, 8000, false), oracle.play({.start = 100000}, 8000)), 0.0);
}

TEST_F(DecodePoolTest, flushes_denormals_in_its_workers)
{
    // What is resampled of denormals is denormals, unless they are flushed.
    const auto tiny = folder_.file("tiny.wav");
    test::write_audio(tiny, {file_rate_hz, {std::vector<float>(file_rate_hz, 1e-39f)}});
    DecodePool pool(1);
    const auto stream = open(pool, {.file = tiny});
    ASSERT_TRUE(stream->prepare(48000.0, false));
    stream->cue({.epoch = 1});
    while (!stream->cued(1)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const auto heard = Player(*stream).play(1, 0, 4800, false);
    EXPECT_EQ(std::ranges::count_if(heard[0], [](float sample) { return std::fpclassify(sample) == FP_SUBNORMAL; }), 0);
}

TEST_F(DecodePoolTest, maps_channels_as_ffmpeg_does)
{
    const auto stereo = make("stereo.wav", "-c:a pcm_s16le", 0.5, 2);
    const auto mono = make("mono.wav", "-c:a pcm_s16le", 0.5, 1);
    const auto surround = make("surround.wav", "-c:a pcm_s16le", 0.5, 6);
    const auto heard = [&](const std::string& file, const ChannelLayout& layout) {
        DecodePool pool(0);
        const auto stream = open(pool, {.file = file, .channels = layout});
        EXPECT_TRUE(stream->prepare(file_rate_hz, true));
        stream->cue({.epoch = 1});
        return Player(*stream).play(1, 0, 22050);
    };
    const double rounding = 1e-6;
    EXPECT_LE(test::largest_difference(heard(stereo, ChannelLayout::mono()), test::decode_with_ffmpeg(stereo, 1, "-ac 1")), rounding);
    EXPECT_LE(test::largest_difference(heard(surround, ChannelLayout::stereo()), test::decode_with_ffmpeg(surround, 2, "-ac 2")), rounding);
    const Planes one = test::decode_with_ffmpeg(mono, 1);
    EXPECT_EQ(test::largest_difference(heard(mono, ChannelLayout::stereo()), {one[0], one[0]}), 0.0) << "mono goes to all as it is";
    const Planes two = test::decode_with_ffmpeg(stereo, 2);
    EXPECT_LE(test::largest_difference(heard(stereo, ChannelLayout({Position::FR, Position::FL})), {two[1], two[0]}), rounding);
}

}  // namespace

}  // namespace stemwire::media
