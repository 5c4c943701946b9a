// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/frame_source.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "fixtures.hpp"

namespace stemwire::media {

namespace {

using test::Planes;

struct Format {
    std::string name;      ///< of the case
    std::string ending;
    std::string options;   ///< of the ffmpeg program's encoder
    double after_seek = 0; ///< largest difference that a seek may make, linear
};

void PrintTo(const Format& format, std::ostream* out)
{
    *out << format.name;
}

const double minus_90_db = std::pow(10.0, -90.0 / 20.0);

const std::vector<Format> formats{
    {"wav_16", "wav", "-c:a pcm_s16le"},
    {"wav_24", "wav", "-c:a pcm_s24le"},
    {"wav_32", "wav", "-c:a pcm_s32le"},
    {"wav_float", "wav", "-c:a pcm_f32le"},
    {"rf64", "wav", "-c:a pcm_s24le -rf64 always"},
    {"aiff_16", "aiff", "-c:a pcm_s16be"},
    {"aiff_24", "aiff", "-c:a pcm_s24be"},
    {"flac_16", "flac", "-c:a flac -sample_fmt s16"},
    {"flac_24", "flac", "-c:a flac -sample_fmt s32 -bits_per_raw_sample 24"},
    {"mp3_constant", "mp3", "-c:a libmp3lame -b:a 192k", minus_90_db},
    {"mp3_variable", "mp3", "-c:a libmp3lame -q:a 3", minus_90_db},
    {"mp3_low", "mp3", "-c:a libmp3lame -b:a 48k", minus_90_db},
    {"mp3_without_header", "mp3", "-c:a libmp3lame -b:a 128k -write_xing 0", minus_90_db},
    {"ogg_vorbis", "ogg", "-c:a libvorbis -q:a 5", minus_90_db},
    {"ogg_opus", "opus", "-c:a libopus -b:a 128k", minus_90_db},
    {"ogg_opus_60ms", "opus", "-c:a libopus -b:a 96k -frame_duration 60", minus_90_db},
    {"ogg_flac", "ogg", "-c:a flac"},
    {"m4a_aac", "m4a", "-c:a aac -b:a 160k -aac_pns 0", minus_90_db},
    {"adts_aac", "aac", "-c:a aac -b:a 160k -aac_pns 0", minus_90_db},
    {"m4a_alac", "m4a", "-c:a alac"},
    {"mka_flac", "mka", "-c:a flac"},
    {"mka_pcm", "mka", "-c:a pcm_s24le"},
    {"mka_opus", "mka", "-c:a libopus -b:a 128k", minus_90_db},
    {"mka_vorbis", "mka", "-c:a libvorbis -q:a 5", minus_90_db},
    {"mka_mp3", "mka", "-c:a libmp3lame -b:a 192k", minus_90_db},
    {"mka_aac", "mka", "-c:a aac -b:a 160k -aac_pns 0", minus_90_db},
    {"mka_alac", "mka", "-c:a alac"},
};

std::unique_ptr<FrameSource> open(const std::string& path, const ChannelLayout& wanted = {})
{
    const auto file = open_source(path);
    if (!file) throw std::runtime_error(to_string(file.error()));
    auto reader = (*file)->open_stream(0, wanted);
    if (!reader) throw std::runtime_error(to_string(reader.error()));
    return std::move(*reader);
}

/// At most `count` frames, in pieces of odd sizes.
Planes read(FrameSource& reader, std::size_t count)
{
    Planes planes(reader.channels());
    std::vector<float*> at(planes.size());
    for (std::size_t done = 0; done < count;) {
        const auto piece = static_cast<std::uint32_t>(std::min<std::size_t>(count - done, 1021));
        for (std::size_t channel = 0; channel < planes.size(); ++channel) {
            planes[channel].resize(done + piece);
            at[channel] = planes[channel].data() + done;
        }
        const std::uint32_t got = reader.read(at, piece);
        done += got;
        for (auto& plane : planes) plane.resize(done);
        if (got < piece) break;
    }
    return planes;
}

constexpr std::size_t all = 1u << 30;

class Reading : public testing::TestWithParam<Format> {
protected:
    /// The sound in this format, made once for all tests, and what the ffmpeg program decodes from it.
    void SetUp() override
    {
        static const test::TemporaryFolder folder;
        static std::map<std::string, Planes> known;
        file_ = folder.file(GetParam().name + "." + GetParam().ending);
        if (!known.contains(file_)) {
            test::make_sound(file_, GetParam().options, 12.1);
            known[file_] = test::decode_with_ffmpeg(file_, 2);
        }
        expected_ = &known[file_];
    }
    [[nodiscard]] const Planes& expected() const { return *expected_; }
    std::string file_;

private:
    const Planes* expected_ = nullptr;
};

TEST_P(Reading, gives_what_the_ffmpeg_program_gives_to_the_sample)
{
    const auto reader = open(file_);
    const Planes got = read(*reader, all);
    EXPECT_EQ(got[0].size(), expected()[0].size());
    EXPECT_EQ(test::largest_difference(got, expected()), 0.0);
    EXPECT_EQ(reader->find_length(), expected()[0].size());
    EXPECT_EQ(reader->take_message(), std::nullopt);
}

TEST_P(Reading, after_a_seek_gives_the_same_samples_as_reading_on)
{
    const auto reader = open(file_);
    const std::size_t end = expected()[0].size();
    const std::size_t hand_picked = 60000;
    for (const std::size_t frame :
         {end / 2, std::size_t{1}, end - 700, end / 3 + 17, std::size_t{0}, end / 4 * 3, end / 2 - 44100, hand_picked, end + 5}) {
        reader->seek(frame);
        const Planes got = read(*reader, 5000);
        EXPECT_LE(test::largest_difference(got, test::part(expected(), frame, 5000)), GetParam().after_seek) << "frame " << frame;
    }
    EXPECT_EQ(reader->take_message(), std::nullopt);
}

TEST_P(Reading, of_a_fresh_file_may_begin_with_a_seek)
{
    const std::size_t end = expected()[0].size();
    for (const std::size_t frame : {end / 2, end - 3000}) {
        const auto reader = open(file_);
        reader->seek(frame);
        const Planes got = read(*reader, all);
        EXPECT_LE(test::largest_difference(got, test::part(expected(), frame, all)), GetParam().after_seek) << "frame " << frame;
    }
}

TEST_P(Reading, finds_the_length_without_reading_all)
{
    const auto reader = open(file_);
    EXPECT_EQ(reader->find_length(), expected()[0].size());
    reader->seek(0);
    EXPECT_EQ(test::largest_difference(read(*reader, 5000), test::part(expected(), 0, 5000)), 0.0);
}

INSTANTIATE_TEST_SUITE_P(AllFormats, Reading, testing::ValuesIn(formats), [](const auto& format) { return format.param.name; });

}  // namespace

}  // namespace stemwire::media
