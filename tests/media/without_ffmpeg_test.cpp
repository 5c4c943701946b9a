// SPDX-License-Identifier: GPL-3.0-or-later
// A program of its own: the other tests have FFmpeg in them from the start.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>

#include "media/encoder.hpp"
#include "media/ffmpeg.hpp"
#include "tests/support/temporary_folder.hpp"

namespace stemwire::media {

namespace {

bool ffmpeg_is_loaded()
{
    std::ifstream maps("/proc/self/maps");
    const std::string text{std::istreambuf_iterator<char>(maps), {}};
    return text.find("libavcodec") != std::string::npos;
}

TEST(WithoutFfmpeg, wav_and_flac_are_written_probed_and_read)
{
    const test::TemporaryFolder folder;
    std::vector<float> sine(48000);
    for (std::size_t i = 0; i < sine.size(); ++i) sine[i] = 0.5f * std::sin(0.05f * static_cast<float>(i));
    for (const std::string name : {"a.wav", "a.flac"}) {
        const auto encoder = make_encoder({.file = folder.file(name), .layout = ChannelLayout::stereo()}).value();
        const std::vector<const float*> channels{sine.data(), sine.data()};
        ASSERT_TRUE(encoder->write(channels, 48000));
        ASSERT_TRUE(encoder->finish());
        EXPECT_EQ(probe(folder.file(name)).value().seconds, 1.0);
        EXPECT_EQ(read_audio_file(folder.file(name)).value().channels[0].size(), sine.size());
    }
    EXPECT_FALSE(ffmpeg_is_loaded());
}

TEST(WithoutFfmpeg, a_module_of_another_build_is_refused)
{
    const std::string stale = std::getenv("STEMWIRE_STALE_MODULE");
    const auto module = load_ffmpeg(stale);
    ASSERT_FALSE(module);
    EXPECT_EQ(module.error().message, "needs FFmpeg, and " + stale + " belongs to another build of stemwire (install the program and its module together)");
    const auto library = load_ffmpeg("libm.so.6");
    ASSERT_FALSE(library);
    EXPECT_EQ(library.error().message, "needs FFmpeg, and libm.so.6 is no module of stemwire");
}

TEST(WithoutFfmpeg, what_needs_it_loads_it)
{
    const test::TemporaryFolder folder;
    const std::vector<float> silence(4800);
    const std::vector<const float*> channels{silence.data()};
    const auto encoder = make_encoder({.file = folder.file("a.opus"), .layout = ChannelLayout::mono()});
    ASSERT_TRUE(encoder) << to_string(encoder.error());
    ASSERT_TRUE((*encoder)->write(channels, 4800));
    ASSERT_TRUE((*encoder)->finish());
    EXPECT_EQ(probe(folder.file("a.opus")).value().streams[0].codec, "opus");
    EXPECT_TRUE(ffmpeg_is_loaded());
}

}  // namespace

}  // namespace stemwire::media
