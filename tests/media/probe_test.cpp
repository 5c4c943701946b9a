// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/probe.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "media/probe_cache.hpp"

namespace stemwire::media {

namespace {

class ProbeTest : public testing::Test {
protected:
    /// Three stems with titles and languages in one file.
    std::string make_stems()
    {
        test::make_sound(folder_.file("a.wav"), "", 1.0);
        test::make_sound(folder_.file("b.wav"), "", 1.0, 48000, 1);
        const std::string about = "-metadata:s:0 title=Drums -metadata:s:1 title='\"/home/me/stems/bass.wav\"' -metadata:s:1 language=deu";
        test::ffmpeg("-i '" + folder_.file("a.wav") + "' -i '" + folder_.file("b.wav") + "' -map 0 -map 1 -map 0 -c:a flac " + about +
                     " -disposition:a:0 0 -disposition:a:1 default '" + folder_.file("stems.mka") + "'");
        return folder_.file("stems.mka");
    }
    test::TemporaryFolder folder_;
};

TEST_F(ProbeTest, lists_the_streams)
{
    const auto info = probe(make_stems());
    ASSERT_TRUE(info);
    ASSERT_EQ(info->streams.size(), 3u);
    EXPECT_EQ(info->streams[0].title, "Drums");
    EXPECT_EQ(info->streams[0].codec, "flac");
    EXPECT_EQ(info->streams[0].layout, ChannelLayout::stereo());
    EXPECT_EQ(info->streams[0].rate_hz, 44100);
    EXPECT_EQ(info->streams[1].title, "bass.wav");
    EXPECT_EQ(info->streams[1].language, "deu");
    EXPECT_EQ(info->streams[1].layout, ChannelLayout::mono());
    EXPECT_EQ(info->streams[1].rate_hz, 48000);
    EXPECT_NEAR(info->seconds.value_or(0.0), 1.0, 0.01);
}

TEST(SelectStream, refuses_a_rate_that_no_recording_has)
{
    FileInfo file{.path = "stems.wav", .streams = {StreamInfo{.rate_hz = 10'000'000}}};
    EXPECT_TRUE(select_stream(file, ""));
    file.streams[0].rate_hz = 10'000'001;
    EXPECT_EQ(select_stream(file, "").error().message, "says that it has 10000001 frames a second (at most 10 million are played)");
    EXPECT_EQ(select_stream(file, "").error().file, "stems.wav");
}

TEST_F(ProbeTest, selects_a_stream_by_index_title_or_language)
{
    const auto info = probe(make_stems());
    ASSERT_TRUE(info);
    EXPECT_EQ(select_stream(*info, "").value().index, 1) << "the default one";
    EXPECT_EQ(select_stream(*info, "2").value().index, 2);
    EXPECT_EQ(select_stream(*info, "Drums").value().index, 0);
    EXPECT_EQ(select_stream(*info, "deu").value().index, 1);
    EXPECT_EQ(select_stream(*info, "3").error().message, "has no audio stream 3 (there is 0 'Drums', 1 'bass.wav' (deu), 2)");
}

TEST_F(ProbeTest, says_what_is_wrong_in_plain_words)
{
    EXPECT_EQ(probe(folder_.write("empty.wav", "")).error().message, "is empty");
    EXPECT_EQ(probe(folder_.file("none.wav")).error().message, "does not exist");
    EXPECT_EQ(probe(folder_.path().string()).error().message, "is a folder, not a media file");
    EXPECT_EQ(probe(folder_.write("text.wav", "a shopping list: milk, bread, strings")).error().message,
              "is not a media file that FFmpeg knows, or is damaged");
    test::ffmpeg("-f lavfi -i color=size=32x32:duration=0.1 '" + folder_.file("film.mkv") + "'");
    EXPECT_EQ(probe(folder_.file("film.mkv")).error().message, "has no audio stream");
    EXPECT_EQ(probe(folder_.file("film.mkv")).error().file, folder_.file("film.mkv"));
}

TEST_F(ProbeTest, opens_a_file_anew_only_when_it_has_changed)
{
    const auto file = folder_.file("a.wav");
    test::make_sound(file, "", 1.0);
    EXPECT_EQ(probe_cached(file).value().streams[0].rate_hz, 44100);
    EXPECT_EQ(probe_cached(file).value().streams[0].rate_hz, 44100);
    test::make_sound(file, "", 1.5, 48000);
    EXPECT_EQ(probe_cached(file).value().streams[0].rate_hz, 48000);
}

}  // namespace

}  // namespace stemwire::media
