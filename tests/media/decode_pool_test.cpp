// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/decode_pool.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

#include "dsp/resampler.hpp"
#include "fixtures.hpp"

namespace stemwire::media {

namespace {

using test::Planes;

constexpr int file_rate_hz = 44100;
constexpr double forever = std::numeric_limits<double>::infinity();

std::unique_ptr<DecodedStream> open(DecodePool& pool, const StreamRequest& request)
{
    auto stream = pool.open(request);
    if (!stream) throw std::runtime_error(to_string(stream.error()));
    return std::move(*stream);
}

/// Reads an epoch from `from` on as the realtime side does, offline: fill, then read, in blocks of odd sizes.
class Player {
public:
    explicit Player(DecodedStream& stream) : stream_(stream), planes_(stream.channels()) {}

    const Planes& play(Epoch epoch, Frames from, std::size_t frames, bool fills = true)
    {
        planes_.assign(stream_.channels(), std::vector<float>(frames));
        std::vector<float*> at(planes_.size());
        std::uint32_t size = 1;
        for (std::size_t done = 0; done < frames; size = size % 2999 + 57) {
            const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(size, frames - done));
            for (std::size_t channel = 0; channel < at.size(); ++channel) at[channel] = planes_[channel].data() + done;
            if (fills) stream_.fill(count);
            missing += stream_.read(epoch, from + done, at, count);
            done += count;
        }
        return planes_;
    }
    std::uint64_t missing = 0;

private:
    DecodedStream& stream_;
    Planes planes_;
};

/// What is heard at every timeline frame, by definition.
struct Oracle {
    Planes file;
    Frames start = 0;
    Frames from = 0;
    Frames to = endless;
    double count = 1.0;

    [[nodiscard]] float at(std::size_t channel, Frames timeline) const
    {
        const Frames once = std::min<Frames>(to, file[channel].size()) - from;
        if (timeline < start || static_cast<double>((timeline - start) / once) >= count) return 0.0f;
        return file[channel][from + (timeline - start) % once];
    }

    [[nodiscard]] Planes play(const Cue& cue, std::size_t frames) const
    {
        Planes planes(file.size(), std::vector<float>(frames));
        Frames timeline = cue.start;
        for (std::size_t i = 0; i < frames; ++i) {
            for (std::size_t channel = 0; channel < planes.size(); ++channel) planes[channel][i] = at(channel, timeline);
            ++timeline;
            if (cue.loops() && timeline == cue.loop_to) timeline = cue.loop_from;
        }
        return planes;
    }
};

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

TEST_F(DecodePoolTest, repeats_a_whole_file_of_unknown_length_without_a_gap)
{
    for (const auto& [name, options] : {std::pair{"a.mp3", "-c:a libmp3lame"}, std::pair{"a.m4a", "-c:a aac -aac_pns 0"}, std::pair{"a.opus", "-c:a libopus"}}) {
        const auto file = make(name, options, 0.7);
        const Planes decoded = test::decode_with_ffmpeg(file, 2);
        DecodePool pool(0);
        const auto stream = open(pool, {.file = file, .loop_count = forever});
        const double rate_hz = name == std::string("a.opus") ? 48000.0 : 44100.0;
        ASSERT_TRUE(stream->prepare(rate_hz, true));
        stream->cue({.epoch = 1});
        EXPECT_EQ(test::largest_difference(Player(*stream).play(1, 0, 200000), Oracle{.file = decoded, .count = forever}.play({}, 200000)), 0.0) << name;
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
    EXPECT_EQ(test::largest_difference(player.play(2, 54000, 20000), oracle.play({.start = 54000}, 20000)), 0.0) << "it rejoins at the right frame";
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

/// Reads in a thread of its own, never faster than the workers decode, and seeks now and then.
class Listener {
public:
    Listener(DecodedStream& stream, const Oracle& oracle, std::uint32_t block, std::uint32_t epochs)
        : stream_(stream), oracle_(oracle), block_(block), epochs_(epochs), thread_([this] { listen(); }) {}
    double difference()
    {
        thread_.join();
        return difference_;
    }

private:
    void listen()
    {
        for (Epoch epoch = 1; epoch <= epochs_; ++epoch) play_epoch(epoch);
    }

    void play_epoch(Epoch epoch)
    {
        const Cue cue{.epoch = epoch, .start = (epoch - 1) * 31007 % 90000};
        stream_.cue(cue);
        while (!stream_.cued(epoch)) std::this_thread::yield();
        Planes heard(stream_.channels(), std::vector<float>(40000 / block_ * block_));
        std::vector<float*> at(heard.size());
        std::uint32_t missing = 0;
        for (std::size_t done = 0; done < heard[0].size(); done += block_) {
            while (done > 0 && !is_over(cue.start + done) && stream_.buffered_seconds() * file_rate_hz < block_ + 1.0) std::this_thread::yield();
            for (std::size_t channel = 0; channel < at.size(); ++channel) at[channel] = heard[channel].data() + done;
            missing += stream_.read(epoch, cue.start + done, at, block_);
        }
        difference_ = std::max(difference_, test::largest_difference(heard, oracle_.play(cue, heard[0].size())) + missing);
    }

    [[nodiscard]] bool is_over(Frames at) const { return stream_.end() && *stream_.end() <= at + block_; }

    DecodedStream& stream_;
    const Oracle& oracle_;
    std::uint32_t block_;
    std::uint32_t epochs_;
    double difference_ = 0.0;
    std::thread thread_;
};

/// Files of which each has another sound.
std::vector<std::string> make_stems(const test::TemporaryFolder& folder, int count, double seconds, const std::string& codec)
{
    std::vector<std::string> files;
    for (int stem = 0; stem < count; ++stem) {
        files.push_back(folder.file("stem" + std::to_string(stem) + ".wav"));
        test::make_sound(files.back(), codec + " -af volume=0." + std::to_string(9 - stem), seconds, file_rate_hz, 2);
    }
    return files;
}

/// Eight streams in one file, as a muxer interleaves them.
std::string pack_stems(const test::TemporaryFolder& folder)
{
    std::string inputs;
    std::string maps;
    const auto files = make_stems(folder, 8, 3.0, "-c:a pcm_s16le");
    for (std::size_t stem = 0; stem < files.size(); ++stem) {
        inputs += " -i '" + files[stem] + "'";
        maps += " -map " + std::to_string(stem);
    }
    test::ffmpeg(inputs + maps + " -c:a flac '" + folder.file("stems.mka") + "'");
    return folder.file("stems.mka");
}

void expect_stems_play(const std::string& file, int count)
{
    DecodePool pool(2);
    std::vector<Oracle> oracles;
    std::vector<std::unique_ptr<DecodedStream>> streams;
    for (int stem = 0; stem < count; ++stem) {
        oracles.push_back({.file = test::decode_with_ffmpeg(file, 2, "-map 0:a:" + std::to_string(stem))});
        streams.push_back(open(pool, {.file = file, .stream = std::to_string(stem)}));
        ASSERT_TRUE(streams.back()->prepare(file_rate_hz, false));
    }
    std::vector<std::unique_ptr<Listener>> listeners;
    for (std::size_t stem = 0; stem < streams.size(); ++stem)
        listeners.push_back(std::make_unique<Listener>(*streams[stem], oracles[stem], static_cast<std::uint32_t>(64 + 97 * stem), 2 + stem % 3));
    for (std::size_t stem = 0; stem < streams.size(); ++stem) EXPECT_EQ(listeners[stem]->difference(), 0.0) << "stem " << stem;
}

TEST_F(DecodePoolTest, plays_eight_streams_of_one_file_at_different_speeds)
{
    expect_stems_play(pack_stems(folder_), 8);
}

TEST_F(DecodePoolTest, plays_eight_streams_that_stand_one_behind_the_other)
{
    test::pack_one_behind_the_other(make_stems(folder_, 8, 3.0, "-c:a pcm_s16le"), folder_.file("stems.mka"));
    expect_stems_play(folder_.file("stems.mka"), 8);
}

TEST_F(DecodePoolTest, plays_streams_that_stand_further_apart_than_a_queue_holds)
{
    // 26 s of 44.1 kHz stereo float are 9.2 MB: more than the 8 MB of a queue.
    test::pack_one_behind_the_other(make_stems(folder_, 3, 26.0, "-c:a pcm_f32le"), folder_.file("stems.mka"));
    expect_stems_play(folder_.file("stems.mka"), 3);
}

TEST_F(DecodePoolTest, fills_streams_of_one_file_from_several_threads_offline)
{
    const auto file = pack_stems(folder_);
    DecodePool pool(0);
    std::vector<std::unique_ptr<DecodedStream>> streams;
    std::vector<std::thread> threads;
    std::vector<Planes> heard(8);
    for (int stem = 0; stem < 8; ++stem) {
        streams.push_back(open(pool, {.file = file, .stream = std::to_string(stem)}));
        ASSERT_TRUE(streams.back()->prepare(file_rate_hz, true));
        streams.back()->cue({.epoch = 1, .start = 60000});
    }
    for (std::size_t stem = 0; stem < 8; ++stem)
        threads.emplace_back([&, stem] { heard[stem] = Player(*streams[stem]).play(1, 60000, 50000); });
    for (auto& thread : threads) thread.join();
    for (std::size_t stem = 0; stem < 8; ++stem) {
        const Oracle oracle{.file = test::decode_with_ffmpeg(file, 2, "-map 0:a:" + std::to_string(stem))};
        EXPECT_EQ(test::largest_difference(heard[stem], oracle.play({.start = 60000}, 50000)), 0.0) << "stem " << stem;
    }
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
