// SPDX-License-Identifier: GPL-3.0-or-later
#include "container/pack.hpp"

#include "media/probe.hpp"
#include "session/quick_preset.hpp"
#include "song_files.hpp"

namespace stemwire::container {

namespace {

using test::Planes;

class Pack : public test::SongTest {
protected:
    static constexpr const char* band = R"(
stemwire: 1
nodes:
  one: { type: track, file: s0.wav, gain: -3 dB }
  again: { type: track, file: s0.wav, start: 100 ms, loop: 2 }
  drawn: { type: track, takes: [s1.wav, { file: s2.wav }], seed: 2, reshuffle: [0.2 s] }
  mix: { type: mixer, channels: { one: {}, again: {}, drawn: { layout: stereo } } }
  hall: { type: reverb, impulse: hall.wav, dry: 0 dB, wet: -6 dB }
external: { speakers: { sink: default } }
links: [ one -> mix:one, again -> mix:again, drawn -> mix:drawn, mix:main -> hall -> speakers ]
)";

    void pack_band(PackCodec codec)
    {
        const auto loaded = preset::load(folder_.write("band.yaml", band));
        for (const Error& error : loaded.errors) ADD_FAILURE() << to_string(error);
        const auto packed = container::pack(*loaded.preset, folder_.file("band.mka"), codec);
        ASSERT_TRUE(packed) << to_string(packed.error());
    }
};

TEST_F(Pack, sounds_the_same_from_the_one_file_under_another_name)
{
    const Planes expected = play(band);
    pack_band(PackCodec::flac);
    for (const char* gone : {"s0.wav", "s1.wav", "s2.wav", "hall.wav", "band.yaml"}) std::filesystem::remove(folder_.file(gone));
    std::filesystem::rename(folder_.file("band.mka"), folder_.file("a \"b\".mka"));
    const auto preset = session::quick_preset({folder_.file("a \"b\".mka")}, {.folder = folder_.path().string()});
    ASSERT_TRUE(preset);
    expect_same(play(preset->text), expected);
}

TEST_F(Pack, holds_every_stem_once_with_its_name)
{
    for (const PackCodec codec : {PackCodec::flac, PackCodec::opus}) {
        pack_band(codec);
        const auto info = media::probe(folder_.file("band.mka"));
        ASSERT_TRUE(info);
        ASSERT_EQ(info->streams.size(), 3u);
        EXPECT_EQ(info->streams[0].title, "s0");
        EXPECT_EQ(info->streams[2].layout.size(), 1u);
        EXPECT_EQ(info->streams[1].codec, codec == PackCodec::flac ? "flac" : "opus");
        EXPECT_EQ(info->attachments, (std::vector<std::string>{"preset.yaml", "hall.wav"}));
    }
}

}  // namespace

}  // namespace stemwire::container
