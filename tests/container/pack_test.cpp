// SPDX-License-Identifier: GPL-3.0-or-later
#include "container/pack.hpp"

#include "media/probe.hpp"
#include "session/quick_preset.hpp"
#include "song_files.hpp"
#include "tests/support/lambda_node.hpp"

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

    Expected<void> pack_text(const std::string& text, PackCodec codec = PackCodec::flac)
    {
        const auto loaded = preset::load(folder_.write("band.yaml", text));
        for (const Error& error : loaded.errors) ADD_FAILURE() << to_string(error);
        return container::pack(*loaded.preset, folder_.file("band.mka"), codec);
    }
    void pack_band(PackCodec codec)
    {
        const auto packed = pack_text(band, codec);
        ASSERT_TRUE(packed) << to_string(packed.error());
    }
    std::string packed_text() const { return packed_preset(folder_.file("band.mka"), folder_.path().string()).value_or(""); }

    /// Noise of this peak in a file of floats.
    void write_loud(const std::string& name, float peak, std::uint64_t seed)
    {
        Planes planes(2, std::vector<float>(24'000));
        for (std::size_t channel = 0; channel < 2; ++channel)
            for (std::size_t i = 0; i < planes[channel].size(); ++i) planes[channel][i] = peak * test::noise(i, 2 * seed + channel);
        planes[0][100] = peak;
        test::write_audio(folder_.file(name), {test::song_rate_hz, planes});
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

TEST_F(Pack, sounds_as_its_decoded_stems_do_where_they_are_lossy)
{
    pack_band(PackCodec::opus);
    const Planes packed = play(packed_text());
    for (int stem = 0; stem < 3; ++stem) {
        const Planes decoded = test::decode_with_ffmpeg(folder_.file("band.mka"), stem < 2 ? 2 : 1, "-map 0:a:" + std::to_string(stem));
        test::write_audio(folder_.file("s" + std::to_string(stem) + ".wav"), {test::song_rate_hz, decoded});
    }
    expect_same(packed, play(band));
}

TEST_F(Pack, keeps_every_byte_of_the_preset_but_what_names_files)
{
    const std::string text = R"(# The band, live.
stemwire: 1            # format
nodes:
    one:   { type: track, file: s0.wav, gain: -3 dB }   # loud
    two:
        type: track    # the second
        file: 's1.wav'
        # nothing of it is muted
        mute: false
    drawn: {type: track, takes: [s1.wav, { file: s2.wav }], seed: 2}   # two takes
    hall:  { type: reverb, impulse: "hall.wav" }
    base: &base { type: track, file: s0.wav }
    more: { <<: *base, start: 100 ms }   # merged
    same: *base
    mix: { type: mixer, channels: { one: {}, two: {}, drawn: { layout: stereo }, more: {}, same: {} } }
external: { speakers: { sink: default } }

links: [ one -> mix:one, two -> mix:two, drawn -> mix:drawn, more -> mix:more, same -> mix:same, base -> hall, mix -> hall -> speakers ]  # all of it
)";
    const Planes expected = play(text);
    ASSERT_TRUE(pack_text(text));
    EXPECT_EQ(packed_text(), R"(# The band, live.
stemwire: 1            # format
nodes:
    one:   { type: track, file: "band.mka", gain: -3 dB, stream: 0 }   # loud
    two:
        type: track    # the second
        file: "band.mka"
        # nothing of it is muted
        mute: false
        stream: 1
    drawn: {type: track, takes: [1, 2], seed: 2, file: "band.mka"}   # two takes
    hall:  { type: reverb, impulse: "band.mka", attachment: "hall.wav" }
    base: &base { type: track, file: "band.mka", stream: 0 }
    more: { <<: *base, start: 100 ms, file: "band.mka", stream: 0 }   # merged
    same: { <<: *base, file: "band.mka", stream: 0 }
    mix: { type: mixer, channels: { one: {}, two: {}, drawn: { layout: stereo }, more: {}, same: {} } }
external: { speakers: { sink: default } }

links: [ one -> mix:one, two -> mix:two, drawn -> mix:drawn, more -> mix:more, same -> mix:same, base -> hall, mix -> hall -> speakers ]  # all of it
)");
    expect_same(play(packed_text()), expected);
}

TEST_F(Pack, what_is_beyond_full_scale_is_quieter_in_the_file_and_sounds_the_same)
{
    write_loud("loud.wav", 3.0f, 1);
    write_loud("soft.wav", 0.5f, 2);
    // The quiet take is played with the loud one by one track, and alone by another: all go by one level.
    const std::string text = R"(
stemwire: 1
nodes:
  loud: { type: track, file: loud.wav, gain: -12 dB }
  drawn: { type: track, takes: [soft.wav, loud.wav], seed: 3, gain: -20 dB }   # takes
  soft: { type: track, file: soft.wav }
  off: { type: track, file: loud.wav, gain: off }
  mix: { type: mixer, channels: { loud: {}, drawn: {}, soft: {}, off: {} } }
external: { speakers: { sink: default } }
links: [ loud -> mix:loud, drawn -> mix:drawn, soft -> mix:soft, off -> mix:off, mix -> speakers ]
)";
    const Planes expected = play(text);
    ASSERT_TRUE(pack_text(text));
    // 20·log10(3) = 9.54 dB, in whole ones.
    for (const char* line : {"gain: -2 dB", "gain: -10 dB, file: \"band.mka\" }   # takes", "soft: { type: track, file: \"band.mka\", stream: 1, gain: 10 dB }", "gain: off"})
        EXPECT_NE(packed_text().find(line), std::string::npos) << line << packed_text();
    expect_same(play(packed_text()), expected);
    const Planes stored = test::decode_with_ffmpeg(folder_.file("band.mka"), 2, "-map 0:a:0");
    EXPECT_NEAR(stored[0][100], 3.0 / std::pow(10.0, 0.5), 1e-6);

    ASSERT_TRUE(pack_text(text, PackCodec::opus));
    EXPECT_NE(packed_text().find("gain: -12 dB"), std::string::npos);
    EXPECT_GT(test::decode_with_ffmpeg(folder_.file("band.mka"), 2, "-map 0:a:0")[0][100], 1.5);
}

TEST_F(Pack, is_refused_where_no_gain_makes_up_for_the_level)
{
    write_loud("loud.wav", 99.0f, 1);
    const auto packed = pack_text("stemwire: 1\nnodes: { thunder: { type: track, file: loud.wav } }\nexternal: { speakers: { sink: default } }\nlinks: [ thunder -> speakers ]\n");
    ASSERT_FALSE(packed);
    EXPECT_NE(to_string(packed.error()).find("'thunder' is 40 dB above full scale"), std::string::npos) << to_string(packed.error());
    EXPECT_FALSE(std::filesystem::exists(folder_.file("band.mka")));
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
