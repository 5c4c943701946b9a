// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <thread>

#include "tests/live/recording.hpp"
#include "tests/support/program.hpp"
#include "tests/support/wav.hpp"

namespace stemwire {
namespace {

using namespace std::chrono_literals;
using test::Audio;
using test::PrivatePipeWire;
using test::Program;
using test::Recording;
using test::wait_until;

/// A take of a program whose cycles all came in time, by the recording's count and the program's own; tried a few times, since a machine that is
/// shared with others misses some.
struct Take {
    Audio heard;
    test::Outcome outcome;
};

class Live : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(pipewire_.runs()) << pipewire_.error(); }

    void write_stem(const std::string& name, std::uint64_t seed, std::size_t frames = 48'000)
    {
        Audio audio;
        audio.channels.resize(2);
        for (std::size_t channel = 0; channel < 2; ++channel)
            for (std::size_t i = 0; i < frames; ++i) audio.channels[channel].push_back(0.1f * test::noise(i, seed * 2 + channel));
        test::write_audio(folder_.file(name), audio);
    }

    void encode(const std::string& from, const std::string& to, const std::string& codec)
    {
        const auto outcome = test::run_program({"ffmpeg", "-v", "error", "-y", "-i", folder_.file(from), "-c:a", codec, "-strict", "-2", folder_.file(to)});
        ASSERT_EQ(outcome.status, 0) << outcome.err;
    }

    std::unique_ptr<Program> run(std::vector<std::string> arguments, const std::string& command = "run")
    {
        arguments.insert(arguments.begin(), {test::stemwire_program(), command, "--remote", pipewire_.remote()});
        return std::make_unique<Program>(std::move(arguments), std::vector<std::string>{}, folder_.path().string());
    }

    /// Records a run from before its start to after its end; `meanwhile` is called while it plays.
    std::optional<Take> take(const std::vector<std::string>& arguments, const std::function<void(Program&)>& meanwhile, const std::string& command = "run")
    {
        constexpr std::size_t silence_after = 4'800;
        for (int attempt = 0; attempt < 12; ++attempt) {
            Recording recording(pipewire_);
            if (!recording.linked()) break;
            const auto program = run(arguments, command);
            meanwhile(*program);
            const auto outcome = program->wait();
            if (!recording.hears(silence_after)) break;
            auto heard = recording.stop();
            if (heard && outcome.err.find("xruns:") == std::string::npos) return Take{std::move(*heard), outcome};
        }
        return std::nullopt;
    }

    std::set<std::string> nodes()
    {
        std::set<std::string> names;
        for (const auto& object : pipewire_.dump())
            if (object.value("type", "") == "PipeWire:Interface:Node") names.insert(object["info"]["props"].value("node.name", ""));
        return names;
    }

    PrivatePipeWire pipewire_;
    test::TemporaryFolder folder_;
};

/// −60 dB of full scale: above what a transform leaves of rounding before the first sound.
constexpr float audible = 1e-3f;

std::size_t first_sound(const std::vector<float>& samples)
{
    return static_cast<std::size_t>(std::ranges::find_if(samples, [](float sample) { return std::abs(sample) > audible; }) - samples.begin());
}

/// Where what was heard leaves what was computed, for who has to find out why.
std::string parting(const Audio& heard, const Audio& computed)
{
    const std::size_t shift = first_sound(heard.channels[0]) - first_sound(computed.channels[0]);
    for (std::size_t i = 0; i < computed.frames() && shift + i < heard.frames(); ++i)
        for (std::size_t channel = 0; channel < 2; ++channel) {
            const float is = heard.channels[channel][shift + i];
            const float should = computed.channels[channel][i];
            if (std::abs(is - should) > 1e-5f)
                return "heard from frame " + std::to_string(shift) + " on; channel " + std::to_string(channel) + " parts at frame " + std::to_string(i) + " of " +
                       std::to_string(computed.frames()) + ": " + std::to_string(is) + " instead of " + std::to_string(should);
        }
    return "heard from frame " + std::to_string(shift) + " of " + std::to_string(heard.frames()) + " on";
}

/// The difference of what was heard from what was computed, once aligned, in dB of full scale.
double aligned_difference_db(const Audio& heard, const Audio& computed)
{
    const std::size_t shift = first_sound(heard.channels[0]) - first_sound(computed.channels[0]);
    double worst = -300.0;
    for (std::size_t channel = 0; channel < 2; ++channel) {
        if (heard.frames() < shift + computed.frames()) return 0.0;
        const auto begin = heard.channels[channel].begin() + static_cast<std::ptrdiff_t>(shift);
        worst = std::max(worst, test::difference_db({begin, begin + static_cast<std::ptrdiff_t>(computed.frames())}, computed.channels[channel]));
    }
    return worst;
}

TEST_F(Live, eight_tracks_in_six_codecs_sound_like_the_render)
{
    std::string nodes_yaml;
    std::string channels;
    std::string links;
    const std::vector<std::pair<std::string, std::string>> codecs{{"flac", "flac"}, {"opus", "libopus"}, {"ogg", "libvorbis"}, {"mp3", "libmp3lame"},
                                                                  {"m4a", "aac"},   {"wav", "pcm_s24le"}, {"flac", "flac"},    {"opus", "libopus"}};
    for (std::size_t i = 0; i < codecs.size(); ++i) {
        const std::string name = "t" + std::to_string(i);
        write_stem(name + "-made.wav", i + 1);
        encode(name + "-made.wav", name + "." + codecs[i].first, codecs[i].second);
        nodes_yaml += "  " + name + ": { type: track, file: " + name + "." + codecs[i].first + " }\n";
        channels += "      " + name + ": { gain: -3 dB, to: { main: 0 dB, send: -6 dB } }\n";
        links += "  - " + name + " -> mix:" + name + "\n";
    }
    write_stem("ir.wav", 99, 4'000);
    folder_.write("band.yaml", "stemwire: 1\nrate: 48000\nquantum: 256\nnodes:\n" + nodes_yaml + "  mix:\n    type: mixer\n    buses: { main: stereo, send: stereo }\n    channels:\n" +
                                   channels + "  hall: { type: reverb, impulse: ir.wav, wet: -30 dB }\n  master: { type: effects, chain: [ limiter: { ceiling: -1 dB } ] }\n" +
                                   "external: { speakers: { sink: default } }\nlinks:\n" + links + "  - mix:main -> master -> speakers\n  - mix:send -> hall -> master\n");
    const auto rendered = test::run_program({test::stemwire_program(), "render", "band.yaml", "-o", "render.wav", "--format", "f32"}, {}, folder_.path().string());
    ASSERT_EQ(rendered.status, 0) << rendered.err;
    const Audio computed = test::read_audio(folder_.file("render.wav"));

    const auto played = take({"band.yaml", "--exit-at-end"}, [&](Program& program) {
        ASSERT_TRUE(wait_until([&] { return pipewire_.linked("band.master:output_FR", "null-sink:playback_FR"); })) << program.err();
        const auto names = nodes();
        for (const char* node : {"t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "mix", "hall", "master"}) EXPECT_TRUE(names.contains(std::string("band.") + node)) << node;
        const auto links_now = pipewire_.links();
        for (const char* link : {"band.t0:output_FL -> band.mix:t0_FL", "band.t7:output_FR -> band.mix:t7_FR", "band.mix:main_FL -> band.master:input_FL",
                                 "band.mix:send_FR -> band.hall:input_FR", "band.hall:output_FL -> band.master:input_FL", "band.master:output_FL -> null-sink:playback_FL"})
            EXPECT_NE(std::ranges::find(links_now, link), links_now.end()) << link;
    });
    if (!played) GTEST_SKIP() << "this machine misses cycles in every attempt: what it plays says nothing of us";
    EXPECT_EQ(played->outcome.status, 0) << played->outcome.err;
    EXPECT_NE(played->outcome.err.find("48000 Hz, quantum 256"), std::string::npos) << played->outcome.err;
    EXPECT_LT(aligned_difference_db(played->heard, computed), -100.0) << parting(played->heard, computed) << "\n" << played->outcome.err;
    EXPECT_TRUE(wait_until([&] { return !nodes().contains("band.mix"); }));
}

TEST_F(Live, a_song_of_takes_and_what_is_packed_of_it_sound_like_the_render)
{
    for (int stem = 1; stem <= 3; ++stem) write_stem("s" + std::to_string(stem) + ".wav", static_cast<std::uint64_t>(stem));
    write_stem("hall.wav", 99, 2'000);
    folder_.write("play_settings.json", R"({"encoder_version": "2", "play_settings": {
        "tracks": [{"ids": [1, 2], "selections_count": 2, "shuffle_points": ["0.4"], "level": 0.8, "pan": -0.3}, {"ids": [3], "level": 1.5, "pan": 0.5}],
        "effects": [{"GainSettings": {"enabled": true, "gain": "4 dB"}}, {"LowPassFilterSettings": {"enabled": true, "freq_hz": 9000}},
                    {"CompressorSettings": {"enabled": true, "threshold_db": -30}},
                    {"ConvolutionReverbSettings": {"dry_wet": 0.2, "impulse_response": "attachment:hall.wav"}}, {"PanSettings": {"enabled": true, "pan": 0.2}}]}})");
    const auto succeed = [&](std::vector<std::string> command) {
        const auto outcome = test::run_program(std::move(command), {}, folder_.path().string());
        ASSERT_EQ(outcome.status, 0) << outcome.err;
    };
    succeed({"ffmpeg", "-v", "error", "-y", "-i", "s1.wav", "-i", "s2.wav", "-i", "s3.wav", "-map", "0", "-map", "1", "-map", "2", "-attach", "play_settings.json",
             "-metadata:s:t:0", "mimetype=application/json", "-metadata:s:t:0", "filename=play_settings.json", "-attach", "hall.wav", "-metadata:s:t:1", "mimetype=audio/wav",
             "-metadata:s:t:1", "filename=\"hall.wav\"", "-c:a", "flac", "-f", "matroska", "song.prot"});
    std::filesystem::remove(folder_.file("hall.wav"));
    succeed({test::stemwire_program(), "init", "song.prot", "-o", "song.yaml"});
    succeed({test::stemwire_program(), "render", "song.yaml", "-o", "render.wav", "--format", "f32"});
    succeed({test::stemwire_program(), "pack", "song.yaml", "-o", "song.mka"});
    const Audio computed = test::read_audio(folder_.file("render.wav"));
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"song.prot", "--seed", "1"}, {"song.mka"}}) {
        const auto played = take(arguments, [](Program&) {}, "play");
        if (!played) GTEST_SKIP() << "this machine misses cycles in every attempt: what it plays says nothing of us";
        EXPECT_EQ(played->outcome.status, 0) << played->outcome.err;
        EXPECT_LT(aligned_difference_db(played->heard, computed), -100.0) << arguments.front() << ": " << parting(played->heard, computed) << "\n" << played->outcome.err;
    }
}

TEST_F(Live, a_link_cut_by_hand_is_silent_and_one_drawn_by_hand_sounds)
{
    folder_.write("tone.yaml", "stemwire: 1\nnodes: { tone: { type: generator, signal: sine, level: -12 dB, channels: stereo } }\n"
                               "external: { speakers: { sink: default } }\nlinks: [ tone -> speakers ]\n");
    const std::string from = "tone.tone:output_FL";
    const std::string to = "null-sink:playback_FL";
    constexpr std::size_t a_while = 9'600;
    Recording recording(pipewire_);
    ASSERT_TRUE(recording.linked());
    const auto program = run({"tone.yaml"});
    ASSERT_TRUE(wait_until([&] { return pipewire_.linked(from, to); })) << program->err();
    ASSERT_TRUE(wait_until([&] { return program->err().find("Hz, quantum") != std::string::npos; }));
    ASSERT_TRUE(recording.hears(2 * a_while));
    static_cast<void>(pipewire_.command("pw-link -d " + from + " " + to));
    ASSERT_TRUE(recording.hears(2 * a_while));
    EXPECT_FALSE(pipewire_.linked(from, to)) << "what a user cuts stays cut";
    static_cast<void>(pipewire_.command("pw-link " + from + " " + to));
    ASSERT_TRUE(recording.hears(2 * a_while));
    program->signal(SIGINT);
    EXPECT_EQ(program->wait().status, 0);
    const Audio heard = recording.stop(true).value();

    std::size_t longest = 0;
    std::size_t run_of_zeros = 0;
    std::size_t sounding_after = 0;
    for (std::size_t i = first_sound(heard.channels[0]); i < heard.frames(); ++i) {
        run_of_zeros = heard.channels[0][i] == 0.0f ? run_of_zeros + 1 : 0;
        if (longest >= a_while && run_of_zeros == 0) ++sounding_after;
        // The other side must go on all the while; at the end both fall silent.
        if (run_of_zeros == a_while / 2 && sounding_after == 0) {
            EXPECT_NE(heard.channels[1][i], 0.0f);
        }
        longest = std::max(longest, run_of_zeros);
    }
    EXPECT_GT(longest, a_while);
    EXPECT_GT(sounding_after, a_while);
}

TEST_F(Live, a_duration_ends_a_session_whose_transport_nobody_starts)
{
    folder_.write("tone.yaml", "stemwire: 1\nnodes: { tone: { type: generator, signal: sine, level: -12 dB, channels: stereo } }\n"
                               "external: { speakers: { sink: default } }\nlinks: [ tone -> speakers ]\ntransport: { autostart: false }\n");
    const auto outcome = run({"tone.yaml", "--duration", "0.3 s"})->wait();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.err.find("autostart is off"), std::string::npos) << outcome.err;
}

TEST_F(Live, ends_with_a_fade)
{
    folder_.write("tone.yaml", "stemwire: 1\nnodes: { tone: { type: generator, signal: sine, frequency: 50 Hz, level: -6 dB, channels: stereo } }\n"
                               "external: { speakers: { sink: default } }\nlinks: [ tone -> speakers ]\n");
    const auto played = take({"tone.yaml", "--duration", "0.5 s"}, [](Program&) {});
    if (!played) GTEST_SKIP() << "this machine misses cycles in every attempt: what it plays says nothing of us";
    EXPECT_EQ(played->outcome.status, 0);
    const Audio& heard = played->heard;
    float steepest = 0.0f;
    std::size_t where = 0;
    for (std::size_t i = 1; i < heard.frames(); ++i) {
        const float step = std::abs(heard.channels[0][i] - heard.channels[0][i - 1]);
        if (step > steepest) where = i;
        steepest = std::max(steepest, step);
    }
    // A 50 Hz sine at half of full scale moves by at most 2π·50/48000·0.5 a frame; the fade over 50 ms adds 0.5/2400.
    EXPECT_LT(steepest, 2.0f * 3.1415927f * 50.0f / 48000.0f * 0.5f + 0.5f / 2400.0f + 1e-4f) << "at frame " << where << ", sound from " << first_sound(heard.channels[0]);
}

TEST_F(Live, one_bad_track_is_silent_and_the_others_play)
{
    write_stem("good.wav", 1);
    write_stem("made.wav", 2);
    encode("made.wav", "bad.flac", "flac");
    std::filesystem::resize_file(folder_.file("bad.flac"), std::filesystem::file_size(folder_.file("bad.flac")) / 2);
    folder_.write("pair.yaml", "stemwire: 1\nnodes:\n  good: { type: track, file: good.wav }\n  bad: { type: track, file: bad.flac }\n"
                               "  mix: { type: mixer, channels: { good: {}, bad: {} } }\nexternal: { speakers: { sink: default } }\n"
                               "links: [ good -> mix:good, bad -> mix:bad, mix -> speakers ]\n");
    const auto program = run({"pair.yaml", "--exit-at-end"});
    const auto outcome = program->wait();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.err.find("bad"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace stemwire
