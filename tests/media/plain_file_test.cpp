// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/plain_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <random>

#include "fixtures.hpp"

namespace stemwire::media {

namespace {

using test::Planes;

std::string contents(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Expected<std::unique_ptr<FrameSource>> open(const std::string& path, const ChannelLayout& wanted = {})
{
    const auto file = PlainFile::open(path);
    if (!file) return tl::unexpected(file.error());
    if (!*file) return failure("is not plain");
    return (*file)->open_stream(0, wanted);
}

/// No more than `most` frames.
Planes read_all(FrameSource& source, std::size_t most = 1u << 22)
{
    constexpr std::uint32_t piece = 3001;
    Planes planes(source.channels());
    std::vector<float*> at(planes.size());
    for (std::size_t done = 0; done < most;) {
        for (std::size_t channel = 0; channel < planes.size(); ++channel) {
            planes[channel].resize(done + piece);
            at[channel] = planes[channel].data() + done;
        }
        const std::uint32_t got = source.read(at, piece);
        for (auto& plane : planes) plane.resize(done + got);
        done += got;
        if (got < piece) break;
    }
    return planes;
}

class PlainFileTest : public testing::Test {
protected:
    test::TemporaryFolder folder_;
};

TEST_F(PlainFileTest, of_every_kind_of_flac_is_what_ffmpeg_decodes)
{
    const std::vector<std::string> kinds{"-compression_level 0", "-lpc_type fixed", "-lpc_type levinson -max_prediction_order 32 -min_prediction_order 30",
                                         "-frame_size 16", "-frame_size 32768", "-ch_mode left_side", "-ch_mode right_side", "-ch_mode mid_side",
                                         "-sample_fmt s32 -bits_per_raw_sample 24 -ch_mode mid_side", "-lpc_coeff_precision 2"};
    for (const std::string& kind : kinds) {
        const std::string file = folder_.file("a.flac");
        test::make_sound(file, "-c:a flac -strict experimental " + kind, 2.0);
        const auto source = open(file);
        ASSERT_TRUE(source) << kind;
        EXPECT_EQ(test::largest_difference(read_all(**source), test::decode_with_ffmpeg(file, 2)), 0.0) << kind;
        EXPECT_EQ((*source)->take_message(), std::nullopt) << kind;
    }
}

TEST_F(PlainFileTest, of_noise_silence_and_quiet_samples_is_what_ffmpeg_decodes)
{
    // Verbatim, constant, and with bits that are not used.
    for (const std::string sound : {"2*(random(0)-0.5)", "0", "0.25*floor(8*random(0))/8", "0.9*cos(PI*n)"}) {
        const std::string file = folder_.file("a.flac");
        test::ffmpeg("-f lavfi -i 'aevalsrc=" + sound + "|" + sound + ":d=2' -c:a flac '" + file + "'");
        const auto source = open(file);
        ASSERT_TRUE(source) << sound;
        EXPECT_EQ(test::largest_difference(read_all(**source), test::decode_with_ffmpeg(file, 2)), 0.0) << sound;
    }
}

TEST_F(PlainFileTest, has_the_channels_that_ffmpeg_finds)
{
    const std::vector<std::pair<std::string, ChannelLayout>> layouts{{"mono", ChannelLayout::usual(1)},      {"stereo", ChannelLayout::usual(2)},
                                                                     {"3.0", ChannelLayout::usual(3)},       {"quad", ChannelLayout::usual(4)},
                                                                     {"5.0(side)", ChannelLayout::usual(5)}, {"5.1(side)", ChannelLayout::usual(6)},
                                                                     {"7.1", ChannelLayout::usual(8)}};
    for (const std::string ending : {"flac", "wav"}) {
        for (const auto& [name, layout] : layouts) {
            const std::string file = folder_.file("a." + ending);
            test::ffmpeg("-f lavfi -i 'anoisesrc=d=0.5:a=0.3' -af 'pan=" + name + "|c0=c0' '" + file + "'");
            const auto plain = PlainFile::open(file).value();
            ASSERT_TRUE(plain) << name;
            EXPECT_EQ(plain->info().streams[0].layout, layout) << ending << " " << name;
            const auto source = plain->open_stream(0, {}).value();
            EXPECT_EQ(test::largest_difference(read_all(*source), test::decode_with_ffmpeg(file, layout.size())), 0.0) << ending << " " << name;
        }
    }
}

TEST_F(PlainFileTest, of_one_channel_is_heard_on_all_that_are_wanted)
{
    for (const std::string name : {"a.flac", "a.wav"}) {
        test::make_sound(folder_.file(name), "", 1.0, 44100, 1);
        const Planes mono = read_all(*open(folder_.file(name)).value());
        const Planes stereo = read_all(*open(folder_.file(name), ChannelLayout::stereo()).value());
        EXPECT_EQ(stereo, (Planes{mono[0], mono[0]})) << name;
    }
}

TEST_F(PlainFileTest, of_more_channels_than_are_wanted_is_mixed_as_ffmpeg_does)
{
    const std::string file = folder_.file("a.flac");
    test::make_sound(file, "", 1.0, 44100, 6);
    const Planes mixed = read_all(*open(file, ChannelLayout::stereo()).value());
    EXPECT_LT(test::largest_difference(mixed, test::decode_with_ffmpeg(file, 2, "-ac 2")), 1e-4);
}

TEST_F(PlainFileTest, of_a_wav_with_eight_or_sixty_four_bits_is_what_ffmpeg_decodes)
{
    for (const std::string codec : {"pcm_u8", "pcm_f64le"}) {
        const std::string file = folder_.file("a.wav");
        test::make_sound(file, "-c:a " + codec, 1.0);
        EXPECT_EQ(PlainFile::open(file).value()->info().streams[0].codec, codec);
        EXPECT_EQ(test::largest_difference(read_all(*open(file).value()), test::decode_with_ffmpeg(file, 2)), 0.0) << codec;
    }
}

TEST_F(PlainFileTest, of_a_wav_that_was_cut_off_ends_with_a_message)
{
    const std::string file = folder_.file("a.wav");
    test::make_sound(file, "", 2.0, 44100, 2);
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
    const auto source = open(file).value();
    const Planes got = read_all(*source);
    EXPECT_EQ(got, test::decode_with_ffmpeg(file, 2));
    EXPECT_EQ(source->take_message(), std::optional<std::string>("a.wav ends at 1.00 s, though it says that it is 2.00 s long"));
}

TEST_F(PlainFileTest, whose_header_says_no_length_lasts_as_long_as_there_is_something)
{
    const std::string file = folder_.file("a.wav");
    test::make_sound(file, "", 1.0, 44100, 2);
    const Planes whole = test::decode_with_ffmpeg(file, 2);
    std::string bytes = contents(file);
    bytes.replace(bytes.find("data") + 4, 4, 4, '\0');
    std::ofstream(file, std::ios::binary) << bytes;
    const auto source = open(file).value();
    EXPECT_EQ(read_all(*source), whole);
    EXPECT_EQ(source->take_message(), std::nullopt);
}

TEST_F(PlainFileTest, is_left_to_ffmpeg_where_it_is_something_else)
{
    for (const auto& [name, options] : std::vector<std::pair<std::string, std::string>>{{"a.wav", "-c:a adpcm_ms"}, {"a.ogg", "-c:a flac"}, {"a.mp3", ""}}) {
        test::make_sound(folder_.file(name), options, 0.5);
        EXPECT_EQ(PlainFile::open(folder_.file(name)).value(), nullptr) << name;
    }
}

TEST_F(PlainFileTest, with_any_bytes_changed_is_read_to_an_end)
{
    std::minstd_rand random(1);  // NOLINT: the same damage every time
    for (const std::string name : {"a.flac", "a.wav"}) {
        test::make_sound(folder_.file(name), "", 0.5);
        const std::string whole = contents(folder_.file(name));
        for (int round = 0; round < 300; ++round) {
            std::string bytes = whole;
            const std::size_t within = round % 2 == 0 ? 100 : bytes.size();
            for (int i = 0; i < 1 + round % 7; ++i) bytes[random() % within] = static_cast<char>(random());
            if (round % 5 == 0) bytes.resize(random() % bytes.size());
            std::ofstream(folder_.file("b"), std::ios::binary) << bytes;
            const auto source = open(folder_.file("b"));
            if (!source) continue;
            static_cast<void>(read_all(**source));
            (*source)->seek(10000);
            static_cast<void>(read_all(**source, 5000));
            static_cast<void>((*source)->find_length());
        }
    }
}

TEST_F(PlainFileTest, of_flac_whose_last_frame_is_damaged_says_so)
{
    const std::string file = folder_.file("a.flac");
    test::make_sound(file, "-frame_size 4096", 1.0);
    std::string bytes = contents(file);
    bytes[bytes.size() - 100] = static_cast<char>(~bytes[bytes.size() - 100]);
    std::ofstream(file, std::ios::binary) << bytes;
    const auto source = open(file).value();
    EXPECT_EQ(read_all(*source)[0].size(), 44100u / 4096 * 4096);
    EXPECT_EQ(source->take_message(), std::optional<std::string>("a.flac is damaged at 0.93 s"));
}

TEST_F(PlainFileTest, of_flac_stays_in_time_across_damage_wherever_it_is_reached_from)
{
    const std::string file = folder_.file("a.flac");
    test::make_sound(file, "", 6.0);
    const Planes whole = test::decode_with_ffmpeg(file, 2);
    std::string bytes = contents(file);
    for (std::size_t i = bytes.size() * 2 / 5; i < bytes.size() * 9 / 20; ++i) bytes[i] = static_cast<char>(i * 2654435761u >> 24);
    std::ofstream(file, std::ios::binary) << bytes;
    const auto source = open(file).value();
    for (const Frames frame : {Frames{200000}, Frames{1000}, Frames{150000}}) {
        source->seek(frame);
        EXPECT_EQ(test::largest_difference(read_all(*source, 3001), test::part(whole, frame, 3001)), 0.0) << frame;
    }
    source->seek(0);
    EXPECT_EQ(read_all(*source)[0].size(), whole[0].size());
    EXPECT_TRUE(source->take_message());
}

}  // namespace

}  // namespace stemwire::media
