// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/encoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <numbers>
#include <random>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/lambda_node.hpp"
#include "tests/support/program.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/wav.hpp"

namespace stemwire::media {
namespace {

using test::Audio;

Audio music(std::size_t frames, std::size_t channels = 2)
{
    Audio audio;
    audio.channels.resize(channels);
    for (std::size_t channel = 0; channel < channels; ++channel)
        for (std::size_t i = 0; i < frames; ++i) {
            const double t = static_cast<double>(i) / 48000.0;
            const double tone = 0.4 * std::sin(2.0 * std::numbers::pi * (220.0 + 40.0 * static_cast<double>(channel)) * t) *
                                std::exp(-std::fmod(t, 0.25) * 8.0);
            audio.channels[channel].push_back(static_cast<float>(tone) + 0.02f * test::noise(i, channel));
        }
    return audio;
}

class Encode : public ::testing::Test {
protected:
    Expected<void> encode(const std::string& name, const Audio& audio, SampleFormat format = SampleFormat::s24, double rate_hz = 48000,
                          std::uint32_t cut = 1000)
    {
        auto encoder = make_encoder({folder_.file(name), rate_hz, ChannelLayout::usual(audio.channels.size()), format});
        if (!encoder) return tl::unexpected(encoder.error());
        for (std::size_t at = 0; at < audio.frames(); at += cut) {
            std::vector<const float*> pointers;
            for (const auto& channel : audio.channels) pointers.push_back(channel.data() + at);
            if (auto written = (*encoder)->write(pointers, static_cast<std::uint32_t>(std::min<std::size_t>(cut, audio.frames() - at)));
                !written)
                return written;
        }
        return (*encoder)->finish();
    }

    /// As the ffmpeg program decodes it.
    Audio decoded(const std::string& name, std::size_t channels = 2)
    {
        const auto outcome =
            test::run_program({"ffmpeg", "-v", "error", "-y", "-i", folder_.file(name), "-f", "f32le", folder_.file("raw")});
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        std::ifstream stream(folder_.file("raw"), std::ios::binary);
        const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
        Audio audio;
        audio.channels.resize(channels);
        for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
            float sample = 0;
            std::memcpy(&sample, bytes.data() + i, 4);
            audio.channels[i / 4 % channels].push_back(sample);
        }
        return audio;
    }

    std::size_t files() const
    {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_.path())) ++count;
        return count;
    }

    test::TemporaryFolder folder_;
};

TEST_F(Encode, wav_and_flac_keep_every_sample_to_the_last_bit)
{
    const Audio audio = music(10'001);
    for (const char* name : {"a.wav", "a.flac"}) {
        for (const auto& [format, step] : {std::pair{SampleFormat::s24, 0x1p-23}, {SampleFormat::s16, 0x1p-15}}) {
            ASSERT_TRUE(encode(name, audio, format));
            const Audio back = decoded(name);
            ASSERT_EQ(back.frames(), audio.frames());
            double worst = 0;
            for (std::size_t c = 0; c < 2; ++c)
                for (std::size_t i = 0; i < audio.frames(); ++i)
                    worst = std::max(worst, std::abs(static_cast<double>(back.channels[c][i]) - static_cast<double>(audio.channels[c][i])));
            // Half a step of rounding; with dither up to one more.
            EXPECT_LE(worst, format == SampleFormat::s16 ? 1.51 * step : 0.51 * step) << name;
        }
    }
    ASSERT_TRUE(encode("f.wav", audio, SampleFormat::f32));
    EXPECT_EQ(decoded("f.wav").channels, audio.channels);
}

TEST_F(Encode, a_stereo_wav_has_the_plain_header_that_everyone_reads)
{
    ASSERT_TRUE(encode("a.wav", music(100)));
    std::ifstream stream(folder_.file("a.wav"), std::ios::binary);
    std::array<char, 12 + 36 + 8 + 16> head{};
    stream.read(head.data(), head.size());
    EXPECT_EQ(std::string(head.data(), 4), "RIFF");
    EXPECT_EQ(std::string(head.data() + 48, 4), "fmt ");
    EXPECT_EQ(head[56], 1) << "WAVE_FORMAT_PCM";
    EXPECT_EQ(std::filesystem::file_size(folder_.file("a.wav")), head.size() + 8 + 600);
}

TEST_F(Encode, six_channels_say_where_they_stand)
{
    ASSERT_TRUE(encode("a.wav", music(4'800, 6)));
    const auto probed =
        test::run_program({"ffprobe", "-v", "error", "-show_entries", "stream=channel_layout", "-of", "csv=p=0", folder_.file("a.wav")});
    EXPECT_EQ(probed.out.substr(0, 9), "5.1(side)") << probed.out;
}

TEST_F(Encode, clips_and_keeps_what_is_not_finite_out)
{
    Audio audio;
    audio.channels = {{2.0f, -2.0f, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 0.5f}};
    ASSERT_TRUE(encode("a.wav", audio));
    EXPECT_EQ(decoded("a.wav", 1).channels[0], (std::vector<float>{1.0f - 0x1p-23f, -1.0f, 0.0f, 0.0f, 0.5f}));
}

/// Where `b` fits `a` best, in frames, within ±3000: by the largest cross-correlation.
int lag_of(const std::vector<float>& a, const std::vector<float>& b)
{
    int best = 0;
    double most = -1e9;
    for (int lag = -3000; lag <= 3000; ++lag) {
        double sum = 0;
        for (std::size_t i = 4'000; i < 20'000; ++i) {
            const auto at = static_cast<std::ptrdiff_t>(i) + lag;
            if (at >= 0 && static_cast<std::size_t>(at) < b.size())
                sum += static_cast<double>(a[i]) * static_cast<double>(b[static_cast<std::size_t>(at)]);
        }
        if (sum > most) {
            most = sum;
            best = lag;
        }
    }
    return best;
}

TEST_F(Encode, lossy_formats_keep_time_and_length)
{
    const Audio audio = music(48'123);
    for (const char* name : {"a.opus", "a.mp3", "a.m4a", "a.mka"}) {
        ASSERT_TRUE(encode(name, audio)) << name;
        const Audio back = decoded(name);
        // FFmpeg's MP4 reader takes the delay off the front but leaves the last AAC frame whole.
        const std::size_t more = std::string(name) == "a.m4a" ? 1023 : 0;
        ASSERT_GE(back.frames(), audio.frames()) << name;
        EXPECT_LE(back.frames(), audio.frames() + more) << name;
        EXPECT_EQ(lag_of(audio.channels[0], back.channels[0]), 0) << name;
    }
}

TEST_F(Encode, a_rate_that_the_codec_lacks_becomes_the_nearest_above)
{
    ASSERT_TRUE(encode("a.opus", music(44'100), SampleFormat::s24, 44100));
    EXPECT_EQ(decoded("a.opus").frames(), 48'000u);
    // ISO 11172-3 and 13818-3: MP3 has 48, 44.1, 32, 24, 22.05, 16 kHz, and FFmpeg 12, 11.025 and 8 besides.
    ASSERT_TRUE(encode("a.mp3", music(96'000), SampleFormat::s24, 96000));
    EXPECT_EQ(decoded("a.mp3").frames(), 48'000u);
    ASSERT_TRUE(encode("b.mp3", music(30'000), SampleFormat::s24, 30000));
    EXPECT_EQ(decoded("b.mp3").frames(), 32'000u);
}

double correlation(const std::vector<float>& a, const std::vector<float>& b)
{
    double product = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) product += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return product;
}

TEST_F(Encode, surround_keeps_every_channel_in_its_place)
{
    const Audio audio = music(24'000, 6);
    for (const char* name : {"a.opus", "a.m4a", "a.mka", "a.flac", "a.wav"}) {
        ASSERT_TRUE(encode(name, audio)) << name;
        const Audio back = decoded(name, 6);
        for (const std::size_t channel : {0u, 1u, 2u, 4u, 5u}) {  // a lossy LFE keeps only what is deep
            std::size_t nearest = 0;
            for (std::size_t each = 1; each < 6; ++each)
                if (correlation(back.channels[channel], audio.channels[each]) >
                    correlation(back.channels[channel], audio.channels[nearest]))
                    nearest = each;
            EXPECT_EQ(nearest, channel) << name;
        }
    }
}

TEST_F(Encode, channels_in_another_order_are_put_in_the_files)
{
    const Audio audio = music(100);
    for (const char* name : {"a.wav", "a.flac"}) {
        auto encoder = make_encoder({folder_.file(name), 48000, ChannelLayout({Position::FR, Position::FL}), SampleFormat::s24});
        ASSERT_TRUE(encoder);
        const std::vector<const float*> swapped{audio.channels[1].data(), audio.channels[0].data()};
        ASSERT_TRUE((*encoder)->write(swapped, 100));
        ASSERT_TRUE((*encoder)->finish());
        const Audio back = decoded(name);
        for (std::size_t channel = 0; channel < 2; ++channel)
            for (std::size_t i = 0; i < 100; ++i) ASSERT_NEAR(back.channels[channel][i], audio.channels[channel][i], 0x1p-23) << name;
    }
}

TEST_F(Encode, dither_does_not_depend_on_how_the_audio_is_cut)
{
    const Audio audio = music(5'000);
    for (const std::string ending : {".wav", ".flac"}) {
        ASSERT_TRUE(encode("a" + ending, audio, SampleFormat::s16, 48000, 1000));
        ASSERT_TRUE(encode("b" + ending, audio, SampleFormat::s16, 48000, 37));
        EXPECT_EQ(decoded("a" + ending).channels, decoded("b" + ending).channels);
    }
}

TEST_F(Encode, silence_is_dithered_by_a_triangle)
{
    // The difference of two uniform numbers, rounded: 0 in three of four, ±1 in one of eight each, and a mean square of a quarter.
    Audio silence;
    silence.channels.assign(2, std::vector<float>(48'000));
    ASSERT_TRUE(encode("a.wav", silence, SampleFormat::s16));
    const Audio back = decoded("a.wav");
    for (const auto& channel : back.channels) {
        const double ones = static_cast<double>(std::ranges::count(channel, 0x1p-15f)) / 48'000;
        const double zeros = static_cast<double>(std::ranges::count(channel, 0.0f)) / 48'000;
        EXPECT_NEAR(ones, 0.125, 0.01);
        EXPECT_NEAR(zeros, 0.75, 0.01);
    }
    EXPECT_NE(back.channels[0], back.channels[1]);
}

TEST_F(Encode, a_link_stays_and_what_it_leads_to_is_written)
{
    std::filesystem::create_directory(folder_.file("there"));
    std::filesystem::create_symlink("there/b.wav", folder_.file("a.wav"));
    ASSERT_TRUE(encode("a.wav", music(100)));
    EXPECT_TRUE(std::filesystem::is_symlink(folder_.file("a.wav")));
    EXPECT_TRUE(std::filesystem::is_regular_file(folder_.file("there/b.wav")));
    std::filesystem::create_symlink("/dev/null", folder_.file("null.wav"));
    ASSERT_TRUE(encode("null.wav", music(100)));
    EXPECT_TRUE(std::filesystem::is_symlink(folder_.file("null.wav")));
    EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(Encode, nothing_is_there_before_it_is_whole)
{
    {
        auto encoder = make_encoder({folder_.file("a.wav"), 48000, ChannelLayout::stereo(), SampleFormat::s24});
        ASSERT_TRUE(encoder);
        EXPECT_FALSE(std::filesystem::exists(folder_.file("a.wav")));
        EXPECT_TRUE(std::filesystem::exists((*encoder)->temporary_file()));
    }
    EXPECT_EQ(files(), 0u);
}

TEST_F(Encode, what_cannot_be_written_says_why)
{
    const auto message = [&](const std::string& name, std::size_t channels = 2) {
        const auto encoded = encode(name, music(100, channels));
        return encoded ? std::string() : encoded.error().message;
    };
    EXPECT_NE(message("no/such/a.wav").find("No such file or directory"), std::string::npos);
    EXPECT_NE(message("a.xyz").find(".wav, .flac"), std::string::npos);
    EXPECT_NE(message("a.mp3", 6).find("at most 2 channels"), std::string::npos);
    EXPECT_NE(message("a.flac", 9).find("at most 8 channels"), std::string::npos);
    for (const char* name : {"full.wav", "full.flac", "full.mka"}) {
        std::filesystem::create_symlink("/dev/full", folder_.file(name));
        EXPECT_NE(message(name).find("No space left on device"), std::string::npos) << message(name);
    }
    std::filesystem::create_directory(folder_.file("folder.wav"));
    EXPECT_NE(message("folder.wav").find("is a folder"), std::string::npos);
}

TEST_F(Encode, a_full_disk_is_an_error_and_leaves_nothing)
{
    // A limit on the size of files stands for the full disk, in a process of its own.
    for (const char* name : {"a.wav", "a.flac", "a.opus", "a.m4a"}) {
        const pid_t child = fork();
        if (child == 0) {
            std::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{20'000, 20'000};
            setrlimit(RLIMIT_FSIZE, &limit);
            const auto encoded = encode(name, music(480'000));
            _exit(!encoded && encoded.error().message.find("cannot be written") != std::string::npos ? 0 : 1);
        }
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT_EQ(status, 0) << name;
        EXPECT_EQ(files(), 0u) << name;
    }
}

TEST_F(Encode, a_whole_file_reads_back)
{
    const Audio audio = music(20'000);
    ASSERT_TRUE(encode("a.flac", audio));
    const auto back = read_audio_file(folder_.file("a.flac"));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->rate_hz, 48000);
    EXPECT_EQ(back->channels, decoded("a.flac").channels);
    EXPECT_FALSE(read_audio_file(folder_.file("a.flac"), "", 0.1));
    EXPECT_FALSE(read_audio_file(folder_.file("missing.flac")));
}

}  // namespace
}  // namespace stemwire::media
