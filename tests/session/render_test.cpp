// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/render.hpp"

#include <gtest/gtest.h>

#include "tests/support/lambda_node.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/wav.hpp"

namespace stemwire::session {
namespace {

using test::Audio;
using test::noise;

constexpr std::size_t stem_frames = 30'001;

Audio stem(std::uint64_t seed, std::size_t channels, std::size_t frames = stem_frames)
{
    Audio audio;
    audio.channels.resize(channels);
    for (std::size_t channel = 0; channel < channels; ++channel)
        for (std::size_t frame = 0; frame < frames; ++frame) audio.channels[channel].push_back(0.25f * noise(frame, seed * 16 + channel));
    return audio;
}

/// Renders presets in a folder of its own.
class Render : public ::testing::Test {
protected:
    RenderSummary render(const std::string& yaml, RenderRequest request = {})
    {
        const auto loaded = preset::load_text(yaml, folder_.file("test.yaml"));
        for (const Error& error : loaded.errors) ADD_FAILURE() << to_string(error);
        if (!loaded.preset) return {};
        if (request.output.empty()) request.output = folder_.file("out.wav");
        request.format = media::SampleFormat::f32;
        const std::atomic<bool> interrupted{false};
        const auto summary = session::render(*loaded.preset, request, [](Frames, Frames) {}, interrupted);
        if (!summary) {
            for (const Error& error : summary.error()) ADD_FAILURE() << to_string(error);
            return {};
        }
        return *summary;
    }

    Audio heard(const std::string& name = "out.wav") { return test::read_audio(folder_.file(name)); }

    void write(const std::string& name, const Audio& audio) { test::write_audio(folder_.file(name), audio); }

    test::TemporaryFolder folder_;
};

TEST_F(Render, a_mix_is_the_sum_of_its_stems_and_gains)
{
    const Audio a = stem(1, 2);
    const Audio b = stem(2, 2, 20'000);
    write("a.wav", a);
    write("b.wav", b);
    const auto summary = render(R"(
stemwire: 1
nodes:
  a: { type: track, file: a.wav, gain: -3 dB }
  b: { type: track, file: b.wav, start: 1000 frames }
  mix: { type: mixer, channels: { a: { gain: -2 dB }, b: { gain: -6 dB } } }
external: { speakers: { sink: default } }
links: [ a -> mix:a, b -> mix:b, mix -> speakers ]
)");
    EXPECT_EQ(summary.frames, stem_frames);
    const Audio out = heard();
    ASSERT_EQ(out.channels.size(), 2u);
    for (std::size_t channel = 0; channel < 2; ++channel) {
        std::vector<float> expected(stem_frames);
        for (std::size_t i = 0; i < stem_frames; ++i) {
            const double late = i >= 1000 && i - 1000 < b.frames() ? b.channels[channel][i - 1000] : 0.0;
            expected[i] = static_cast<float>(a.channels[channel][i] * decibels_to_linear(-5.0) + late * decibels_to_linear(-6.0));
        }
        EXPECT_LT(test::difference_db(out.channels[channel], expected), -120.0);
    }
}

TEST_F(Render, the_latency_of_the_path_is_taken_off_and_the_end_is_kept)
{
    const Audio a = stem(3, 2);
    write("a.wav", a);
    const auto summary = render(R"(
stemwire: 1
nodes:
  a: { type: track, file: a.wav }
  quiet: { type: effects, chain: [ limiter: { ceiling: 0 dB } ] }
external: { speakers: { sink: default } }
links: [ a -> quiet -> speakers ]
)");
    EXPECT_GE(summary.frames, stem_frames);
    const Audio out = heard();
    for (std::size_t channel = 0; channel < 2; ++channel) EXPECT_LT(test::difference_db(out.channels[channel], a.channels[channel]), -100.0);
}

TEST_F(Render, a_take_is_as_long_as_the_render_and_in_time_with_the_others_however_late_it_hears)
{
    const Audio a = stem(7, 2);
    write("a.wav", a);
    const std::string head = "stemwire: 1\nnodes:\n  a: { type: track, file: a.wav }\n  quiet: { type: effects, chain: [ limiter: { ceiling: 0 dB } ] }\n"
                             "  early: { type: recorder, file: early-%t.wav, samples: f32 }\n  late: { type: recorder, file: late-%t.wav, samples: f32 }\n"
                             "external: { speakers: { sink: default } }\nlinks: [ a -> quiet -> speakers, a -> early, quiet -> late ]\n";
    for (const std::uint32_t quantum : {64u, 256u, 4096u}) {
        const auto summary = render(head, {.output = {}, .quantum = quantum});
        const std::string number = quantum == 64 ? "001" : quantum == 256 ? "002" : "003";
        const Audio early = heard("early-" + number + ".wav");
        const Audio late = heard("late-" + number + ".wav");
        EXPECT_EQ(early.frames(), summary.frames);
        EXPECT_EQ(late.frames(), summary.frames);
        const Audio out = heard();
        for (std::size_t channel = 0; channel < 2; ++channel) {
            EXPECT_EQ(early.channels[channel], a.channels[channel]);
            EXPECT_EQ(late.channels[channel], out.channels[channel]);
            EXPECT_LT(test::difference_db(late.channels[channel], a.channels[channel]), -100.0);
        }
    }
}

TEST_F(Render, music_ducks_under_what_is_linked_to_the_side_chain)
{
    Audio music;
    music.channels.assign(2, std::vector<float>(stem_frames, 0.5f));
    Audio voice;
    voice.channels.assign(1, std::vector<float>(stem_frames, 0.0f));
    constexpr double threshold_db = -26.0, ratio = 2.0, voice_db = -6.0;
    std::fill(voice.channels[0].begin() + 10'000, voice.channels[0].end(), static_cast<float>(decibels_to_linear(voice_db)));
    write("music.wav", music);
    write("voice.wav", voice);
    (void)render("stemwire: 1\nnodes:\n  music: { type: track, file: music.wav }\n  voice: { type: track, file: voice.wav }\n"
                 "  duck: { type: effects, chain: [ compressor: { sidechain: true, threshold: -26 dB, ratio: 2, knee: 0 dB, attack: 1 ms } ] }\n"
                 "external: { speakers: { sink: default } }\nlinks: [ music -> duck -> speakers, voice -> duck:sidechain ]\n");
    const Audio out = heard();
    const double ducked = 0.5 * decibels_to_linear(-(voice_db - threshold_db) * (1.0 - 1.0 / ratio));
    for (const auto& channel : out.channels) {
        EXPECT_EQ(channel[9'999], 0.5f);
        EXPECT_NEAR(channel[stem_frames - 1], ducked, 1e-4);
    }
}

TEST_F(Render, parallel_paths_of_different_latency_cancel_when_one_is_inverted)
{
    Audio a = stem(4, 2);
    write("a.wav", a);
    for (auto& channel : a.channels)
        for (float& sample : channel) sample = -sample;
    write("inverted.wav", a);
    render(R"(
stemwire: 1
nodes:
  a: { type: track, file: a.wav }
  inverted: { type: track, file: inverted.wav }
  late: { type: effects, chain: [ limiter: { ceiling: 0 dB } ] }
  mix: { type: mixer, channels: { late: {}, direct: {} } }
external: { speakers: { sink: default } }
links: [ a -> late -> mix:late, inverted -> mix:direct, mix -> speakers ]
)");
    const Audio out = heard();
    for (const auto& channel : out.channels) EXPECT_LT(test::difference_db(channel, {}), -100.0);
}

const char* const everything = R"(
stemwire: 1
nodes:
  a: { type: track, file: a.wav }
  b: { type: track, file: b.wav, start: 0.1 s }
  mix:
    type: mixer
    buses: { main: stereo, send: stereo }
    channels:
      a: { gain: -2 dB, pan: L30, to: { main: 0 dB, send: -6 dB } }
      b: { gain: -4 dB, to: { main: 0 dB, send: -12 dB } }
  hall: { type: reverb, impulse: ir.wav, predelay: 10 ms, wet: -3 dB }
  master:
    type: effects
    chain:
      - eq: { bands: [ { type: highpass, frequency: 30 Hz }, { type: peak, frequency: 3.2 kHz, gain: 3 dB, q: 1.1 } ] }
      - compressor: { threshold: -24 dB, ratio: 3, attack: 10 ms, release: 120 ms }
      - limiter: { ceiling: -3 dB }
external: { speakers: { sink: default } }
links: [ a -> mix:a, b -> mix:b, mix:main -> master -> speakers, mix:send -> hall -> master ]
)";

class RenderEverything : public Render {
protected:
    void SetUp() override
    {
        write("a.wav", stem(5, 2));
        write("b.wav", stem(6, 1));
        Audio impulse = stem(7, 2, 9'000);
        for (auto& channel : impulse.channels)
            for (std::size_t i = 0; i < channel.size(); ++i) channel[i] *= 0.2f * std::exp(-static_cast<float>(i) / 2000.0f);
        write("ir.wav", impulse);
    }
};

TEST_F(RenderEverything, does_not_depend_on_the_block_size)
{
    render(everything, {.quantum = 64});
    const Audio small = heard();
    for (const std::uint32_t quantum : {63u, 1000u, 4096u}) {
        render(everything, {.quantum = quantum});
        const Audio other = heard();
        ASSERT_EQ(other.frames(), small.frames());
        for (std::size_t channel = 0; channel < 2; ++channel) EXPECT_LT(test::difference_db(small.channels[channel], other.channels[channel]), -110.0) << quantum;
    }
}

TEST_F(RenderEverything, any_number_of_threads_gives_the_same_bits)
{
    render(everything, {.threads = 1});
    const Audio one = heard();
    for (const unsigned threads : {2u, 5u}) {
        render(everything, {.threads = threads});
        EXPECT_EQ(heard().channels, one.channels) << threads;
    }
}

TEST_F(RenderEverything, stems_of_every_node_are_written_beside)
{
    const auto summary = render(everything, {.stems_folder = folder_.file("stems")});
    EXPECT_EQ(summary.files.size(), 6u);
    EXPECT_EQ(summary.files[1], folder_.file("stems/a.wav"));
    for (const char* name : {"a", "b", "mix", "hall", "master"}) EXPECT_GE(heard(std::string("stems/") + name + ".wav").frames(), stem_frames) << name;
}

TEST_F(Render, every_sink_of_a_preset_gets_a_file)
{
    const Audio a = stem(8, 2);
    const Audio click = stem(9, 1);
    write("a.wav", a);
    write("click.wav", click);
    const auto summary = render(R"(
stemwire: 1
nodes:
  a: { type: track, file: a.wav }
  click: { type: track, file: click.wav }
external:
  speakers: { sink: default }
  phones: { node: "alsa_output.*", ports: "playback_*" }
links: [ a -> speakers, click -> phones ]
)");
    ASSERT_EQ(summary.files.size(), 2u);
    EXPECT_EQ(heard("out.wav").channels, a.channels);
    const Audio phones = heard("out-phones.wav");
    ASSERT_EQ(phones.channels.size(), 2u);
    EXPECT_EQ(phones.channels[0], click.channels[0]);
    EXPECT_EQ(phones.channels[1], click.channels[0]);
}

TEST_F(Render, a_source_plays_the_file_it_is_given)
{
    const Audio voice = stem(10, 2);
    write("voice.wav", voice);
    const std::string yaml = R"(
stemwire: 1
nodes:
  strip: { type: effects, chain: [ gain: { gain: -6 dB } ] }
external: { microphone: { source: default }, speakers: { sink: default } }
links: [ microphone -> strip -> speakers ]
)";
    const auto summary = render(yaml, {.inputs = {{"microphone", folder_.file("voice.wav")}}});
    EXPECT_EQ(summary.frames, stem_frames);
    const Audio out = heard();
    std::vector<float> expected = voice.channels[1];
    for (float& sample : expected) sample = static_cast<float>(sample * decibels_to_linear(-6.0));
    EXPECT_LT(test::difference_db(out.channels[1], expected), -120.0);
}

TEST_F(Render, the_loop_of_the_transport_is_heard_when_a_duration_is_asked_for)
{
    const Audio a = stem(11, 2);
    write("a.wav", a);
    const std::string yaml = R"(
stemwire: 1
nodes: { a: { type: track, file: a.wav } }
external: { speakers: { sink: default } }
links: [ a -> speakers ]
transport: { loop: [5000 frames, 12345 frames] }
)";
    EXPECT_EQ(render(yaml).frames, stem_frames);
    EXPECT_EQ(render(yaml, {.duration_seconds = 1.0}).frames, 48'000u);
    const Audio out = heard();
    std::vector<float> expected(48'000);
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = a.channels[0][i < 12345 ? i : 5000 + (i - 5000) % (12345 - 5000)];
    EXPECT_EQ(out.channels[0], expected);
}

TEST_F(Render, what_never_ends_must_be_given_a_duration)
{
    const auto loaded = preset::load_text(R"(
stemwire: 1
nodes: { tone: { type: generator, signal: sine } }
external: { speakers: { sink: default } }
links: [ tone -> speakers ]
)", folder_.file("test.yaml"));
    ASSERT_TRUE(loaded.preset);
    const std::atomic<bool> interrupted{false};
    const auto summary = session::render(*loaded.preset, {.output = folder_.file("out.wav")}, [](Frames, Frames) {}, interrupted);
    ASSERT_FALSE(summary);
    EXPECT_NE(summary.error().front().message.find("--duration"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder_.file("out.wav")));
}

TEST_F(Render, a_feedback_loop_dies_away_and_ends)
{
    Audio click;
    click.channels = {std::vector<float>(2000, 0.0f)};
    click.channels[0][0] = 1.0f;
    write("click.wav", click);
    const auto summary = render(R"(
stemwire: 1
quantum: 256
nodes:
  click: { type: track, file: click.wav }
  echo: { type: effects, channels: mono, chain: [ gain: { gain: -6 dB } ] }
external: { speakers: { sink: default } }
links: [ click -> echo, echo -> echo, echo -> speakers ]
)");
    const Audio out = heard();
    EXPECT_GT(summary.frames, 2000u);
    const auto half = decibels_to_linear(-6.0);
    for (int n = 0; n < 15; ++n) ASSERT_NEAR(out.channels[0][static_cast<std::size_t>(n) * 256], std::pow(half, n + 1), 1e-5) << n;
}

TEST_F(Render, a_stem_that_is_played_is_never_written_over)
{
    write("a.wav", stem(13, 2));
    const auto loaded = preset::load_text(R"(
stemwire: 1
nodes: { a: { type: track, file: a.wav } }
external: { speakers: { sink: default } }
links: [ a -> speakers ]
)", folder_.file("test.yaml"));
    ASSERT_TRUE(loaded.preset);
    const std::atomic<bool> interrupted{false};
    const auto summary = session::render(*loaded.preset, {.output = folder_.file("a.wav")}, [](Frames, Frames) {}, interrupted);
    ASSERT_FALSE(summary);
    EXPECT_NE(summary.error().front().message.find("would be lost"), std::string::npos);
    EXPECT_EQ(heard("a.wav").channels, stem(13, 2).channels);
}

TEST_F(Render, an_interrupted_render_leaves_no_file)
{
    write("a.wav", stem(12, 2));
    const auto loaded = preset::load_text(R"(
stemwire: 1
nodes: { a: { type: track, file: a.wav } }
external: { speakers: { sink: default } }
links: [ a -> speakers ]
)", folder_.file("test.yaml"));
    ASSERT_TRUE(loaded.preset);
    const std::atomic<bool> interrupted{true};
    EXPECT_FALSE(session::render(*loaded.preset, {.output = folder_.file("out.wav")}, [](Frames, Frames) {}, interrupted));
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_.path())) ++files;
    EXPECT_EQ(files, 1u);
}

}  // namespace
}  // namespace stemwire::session
