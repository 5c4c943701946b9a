// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "fixtures.hpp"
#include "media/decode_pool.hpp"

namespace stemwire::media {

namespace {

using test::Planes;

constexpr int rate_hz = 44100;
constexpr double seconds = 6.0;
constexpr auto frames = static_cast<std::size_t>(rate_hz * seconds);

/// Overwrites a part of a file: from and count as shares of its size.
void overwrite(const std::string& path, double from, double count)
{
    const auto size = static_cast<double>(std::filesystem::file_size(path));
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(size * from));
    for (auto left = static_cast<std::size_t>(size * count); left > 0; --left) file.put(static_cast<char>(left * 2654435761u >> 24));
}

void cut(const std::string& path, double share)
{
    std::filesystem::resize_file(path, static_cast<std::uintmax_t>(static_cast<double>(std::filesystem::file_size(path)) * share));
}

class DamageTest : public testing::Test {
protected:
    void make(const std::string& name, const std::string& options)
    {
        file_ = folder_.file(name);
        test::make_sound(file_, options, seconds, rate_hz);
        whole_ = test::decode_with_ffmpeg(file_, 2);
    }

    /// All of the file, from a frame on.
    Planes play(Frames from = 0)
    {
        stream_ = pool_.open({.file = file_}).value();
        EXPECT_TRUE(stream_->prepare(rate_hz, true));
        stream_->cue({.epoch = 1, .start = from});
        Planes heard(2, std::vector<float>(frames - from));
        for (std::size_t done = 0; done < frames - from; done += 1000) {
            const std::vector<float*> at{heard[0].data() + done, heard[1].data() + done};
            const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(1000, frames - from - done));
            stream_->fill(count);
            stream_->read(1, from + done, at, count);
        }
        return heard;
    }

    void expect_same(const Planes& heard, std::size_t from, std::size_t count, double tolerance = 0.0)
    {
        EXPECT_LE(test::largest_difference(test::part(heard, from, count), test::part(whole_, from, count)), tolerance) << from;
    }

    test::TemporaryFolder folder_;
    std::string file_;
    Planes whole_;
    DecodePool pool_{0};
    std::unique_ptr<DecodedStream> stream_;
};

TEST_F(DamageTest, in_the_middle_of_a_flac_is_skipped_and_the_rest_stays_in_time)
{
    make("a.flac", "-c:a flac");
    overwrite(file_, 0.4, 0.05);
    const Planes heard = play();
    expect_same(heard, 0, frames / 3);
    expect_same(heard, frames * 2 / 3, frames / 3);
    const auto message = stream_->take_message();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->substr(0, 22), "a.flac is damaged at 2") << *message;
    EXPECT_EQ(stream_->take_message(), std::nullopt);
}

TEST_F(DamageTest, in_the_middle_of_a_matroska_file_is_skipped_and_the_rest_stays_in_time)
{
    make("a.mka", "-c:a flac");
    overwrite(file_, 0.4, 0.05);
    const Planes heard = play();
    expect_same(heard, 0, frames / 3);
    expect_same(heard, frames * 11 / 12, frames / 12);  // FFmpeg finds into the file again at the next cluster, every 5 s
    EXPECT_TRUE(stream_->take_message());
}

TEST_F(DamageTest, in_the_middle_of_an_mp3_is_skipped_and_the_rest_stays_in_time)
{
    make("a.mp3", "-c:a libmp3lame -b:a 192k");
    overwrite(file_, 0.4, 0.05);
    const Planes heard = play();
    expect_same(heard, 0, frames / 3, 1e-3);
    EXPECT_TRUE(stream_->take_message());
}

TEST_F(DamageTest, at_the_end_of_a_file_that_was_cut_off_is_said_with_its_place)
{
    make("a.flac", "-c:a flac");
    cut(file_, 0.5);
    const Planes heard = play();
    ASSERT_TRUE(stream_->end());
    expect_same(heard, 0, *stream_->end() - 1);
    char said[64];
    const double end_s = static_cast<double>(*stream_->end()) / rate_hz;
    std::snprintf(said, sizeof said, "ends at %.2f s, though it says that it is 6.00 s long", end_s);
    EXPECT_EQ(stream_->take_message(), std::optional<std::string>(std::string("a.flac ") + said));
}

TEST_F(DamageTest, leaves_other_streams_alone_and_never_crashes)
{
    const std::vector<std::pair<const char*, const char*>> formats{{"a.ogg", "-c:a libvorbis"}, {"a.opus", "-c:a libopus -ar 48000"},
                                                                   {"a.m4a", "-c:a aac"},       {"a.mka", "-c:a libopus"},
                                                                   {"b.m4a", "-c:a alac"},      {"a.aiff", ""}};
    for (const auto& [name, options] : formats) {
        for (const double from : {0.1, 0.5, 0.9}) {
            make(name, options);
            overwrite(file_, from, 0.08);
            if (pool_.open({.file = file_})) {
                static_cast<void>(play());
                static_cast<void>(play(frames / 2));
            }
        }
    }
}

TEST_F(DamageTest, of_a_flac_file_that_has_vanished_is_none)
{
    make("a.flac", "-c:a flac");
    static_cast<void>(play(frames - 1000));
    std::filesystem::remove(file_);
    stream_->cue({.epoch = 2, .start = 0});
    Planes heard(2, std::vector<float>(1000));
    const std::vector<float*> out{heard[0].data(), heard[1].data()};
    stream_->fill(1000);
    stream_->read(2, 0, out, 1000);
    expect_same(heard, 0, 1000);
    EXPECT_EQ(stream_->take_message(), std::nullopt);
}

TEST_F(DamageTest, of_a_file_that_has_vanished_is_silence_and_a_message)
{
    make("a.mp3", "-c:a libmp3lame");
    static_cast<void>(play(frames - 1000));
    std::filesystem::remove(file_);
    stream_->cue({.epoch = 2, .start = 0});
    stream_->fill(1000);
    std::vector<float> left(1000, 1.0f);
    std::vector<float> right(1000, 1.0f);
    const std::vector<float*> out{left.data(), right.data()};
    stream_->read(2, 0, out, 1000);
    EXPECT_EQ(left, std::vector<float>(1000));
    EXPECT_EQ(stream_->take_message(), std::optional<std::string>("a.mp3 cannot be read any more: it does not exist"));
}

}  // namespace

}  // namespace stemwire::media
