// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <ebur128.h>
#include <nlohmann/json.hpp>

#include "tests/support/lambda_node.hpp"
#include "tests/support/program.hpp"
#include "tests/support/wav.hpp"

namespace stemwire {
namespace {

using nlohmann::json;
using test::Outcome;

constexpr unsigned long rate_hz = 48'000;

struct Measured {
    double integrated_lufs = 0;
    double range_lu = 0;
    double true_peak_dbtp = 0;
};

/// By libebur128.
Measured measure(const test::Audio& audio)
{
    ebur128_state* state = ebur128_init(static_cast<unsigned>(audio.channels.size()), rate_hz, EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK);
    std::vector<float> interleaved;
    for (std::size_t i = 0; i < audio.channels[0].size(); ++i)
        for (const auto& channel : audio.channels) interleaved.push_back(channel[i]);
    ebur128_add_frames_float(state, interleaved.data(), audio.channels[0].size());
    Measured result;
    ebur128_loudness_global(state, &result.integrated_lufs);
    ebur128_loudness_range(state, &result.range_lu);
    double largest = 0;
    for (unsigned channel = 0; channel < audio.channels.size(); ++channel) {
        double peak = 0;
        ebur128_true_peak(state, channel, &peak);
        largest = std::max(largest, peak);
    }
    result.true_peak_dbtp = 20.0 * std::log10(largest);
    ebur128_destroy(&state);
    return result;
}

class LoudnessCli : public ::testing::Test {
protected:
    Outcome stemwire(std::vector<std::string> arguments, std::vector<std::string> environment = {})
    {
        arguments.insert(arguments.begin(), test::stemwire_program());
        environment.push_back("XDG_CACHE_HOME=" + folder_.file("cache"));
        return test::run_program(std::move(arguments), environment, folder_.path().string());
    }

    /// Noise that swells and falls.
    void write_stem(const std::string& name, double level_db, double seconds = 12.0, std::size_t channels = 2)
    {
        test::Audio audio;
        audio.channels.resize(channels);
        const auto frames = static_cast<std::size_t>(seconds * static_cast<double>(rate_hz));
        for (std::size_t channel = 0; channel < channels; ++channel)
            for (std::size_t i = 0; i < frames; ++i) {
                const double swell_db = level_db + 8.0 * std::sin(static_cast<double>(i) / 70'000.0);
                audio.channels[channel].push_back(static_cast<float>(std::pow(10.0, swell_db / 20.0)) * test::noise(i, channel));
            }
        test::write_audio(folder_.file(name), audio);
    }

    /// Two stems and two outputs, with more keys of the preset if wanted.
    void write_band(const std::string& more = "")
    {
        write_stem("drums.wav", -22.0);
        write_stem("bass.wav", -28.0, 10.0, 1);
        folder_.write("band.yaml", R"(
stemwire: 1
nodes:
  drums: { type: track, file: drums.wav }
  bass: { type: track, file: bass.wav }
  mix:
    type: mixer
    buses: { main: stereo, phones: stereo }
    channels: { drums: { to: { main: 0 dB, phones: -12 dB } }, bass: { gain: -3 dB } }
external: { speakers: { sink: default }, ears: { node: headphones } }
links: [ drums -> mix:drums, bass -> mix:bass, mix:main -> speakers, mix:phones -> ears ]
)" + more);
    }

    test::TemporaryFolder folder_;
};

TEST_F(LoudnessCli, of_a_preset_is_what_libebur128_finds_in_its_render)
{
    write_band();
    const Outcome outcome = stemwire({"loudness", "band.yaml", "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    ASSERT_EQ(stemwire({"render", "band.yaml", "-o", "out.wav", "--format", "f32"}).status, 0);
    const json song = json::parse(outcome.out);
    ASSERT_EQ(song["outputs"].size(), 2u);
    EXPECT_EQ(song["outputs"][0]["name"], "speakers");
    EXPECT_EQ(song["outputs"][1]["name"], "ears");
    for (const auto& [output, file] : {std::pair(0, "out.wav"), {1, "out-ears.wav"}}) {
        const Measured expected = measure(test::read_audio(folder_.file(file)));
        const json& found = song["outputs"][static_cast<std::size_t>(output)];
        EXPECT_NEAR(found["integrated_lufs"].get<double>(), expected.integrated_lufs, 0.02) << file;
        EXPECT_NEAR(found["range_lu"].get<double>(), expected.range_lu, 0.1) << file;
        EXPECT_NEAR(found["true_peak_dbtp"].get<double>(), expected.true_peak_dbtp, 0.1) << file;
    }
    EXPECT_EQ(song["integrated_lufs"], song["outputs"][0]["integrated_lufs"]);
    EXPECT_EQ(song["frames"], 12 * rate_hz);
    EXPECT_EQ(stemwire({"loudness", "band.yaml"}).status, 0);
}

TEST_F(LoudnessCli, of_files_is_what_play_would_play)
{
    write_stem("drums.wav", -22.0);
    const Outcome outcome = stemwire({"loudness", "drums.wav", "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const json song = json::parse(outcome.out);
    EXPECT_NEAR(song["integrated_lufs"].get<double>(), measure(test::read_audio(folder_.file("drums.wav"))).integrated_lufs, 0.02);
    EXPECT_EQ(song["name"], "drums");
    // The same file twice is 6.02 dB louder.
    const json twice = json::parse(stemwire({"loudness", "drums.wav", "drums.wav", "--json"}).out);
    EXPECT_NEAR(twice["integrated_lufs"].get<double>() - song["integrated_lufs"].get<double>(), 20.0 * std::log10(2.0), 0.01);
    EXPECT_EQ(stemwire({"loudness", "missing.wav"}).status, 3);
}

TEST_F(LoudnessCli, an_endless_song_asks_for_a_length_or_takes_its_loop)
{
    const std::string endless = R"(
stemwire: 1
nodes: { tone: { type: generator, signal: sine } }
external: { speakers: { sink: default } }
links: [ tone -> speakers ]
)";
    folder_.write("endless.yaml", endless);
    const Outcome refused = stemwire({"loudness", "endless.yaml"});
    EXPECT_EQ(refused.status, 3);
    EXPECT_NE(refused.err.find("--duration"), std::string::npos) << refused.err;
    const json of_length = json::parse(stemwire({"loudness", "endless.yaml", "--duration", "4 s", "--json"}).out);
    EXPECT_EQ(of_length["frames"], 4 * rate_hz);
    folder_.write("loop.yaml", endless + "transport: { loop: [1 s, 5 s] }\n");
    EXPECT_EQ(json::parse(stemwire({"loudness", "loop.yaml", "--json"}).out)["frames"], 5 * rate_hz);
}

TEST_F(LoudnessCli, silence_has_no_loudness_and_recorders_write_nothing)
{
    folder_.write("studio.yaml", R"(
stemwire: 1
nodes:
  mix: { type: mixer, channels: { voice: {} } }
  tape: { type: recorder, file: take.wav, arm: true }
external: { microphone: { source: default }, speakers: { sink: default } }
links: [ microphone -> mix:voice, mix -> speakers, mix -> tape ]
)");
    const Outcome outcome = stemwire({"loudness", "studio.yaml", "--duration", "2 s", "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const json song = json::parse(outcome.out);
    EXPECT_TRUE(song["integrated_lufs"].is_null());
    EXPECT_EQ(song["unheard"], json::array({"microphone"}));
    EXPECT_NE(outcome.err.find("microphone"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder_.file("take.wav")));
}

/// Both outputs of a render of band.yaml, as floats.
class LoudnessKey : public LoudnessCli {
protected:
    std::array<test::Audio, 2> render(const std::string& name, std::string& said)
    {
        const Outcome outcome = stemwire({"render", "band.yaml", "-o", name + ".wav", "--format", "f32"});
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        said = outcome.err;
        return {test::read_audio(folder_.file(name + ".wav")), test::read_audio(folder_.file(name + "-ears.wav"))};
    }
};

/// The gain by which the second of two signals differs from the first, which is the same in every sample of every channel.
double gain_between(const std::array<test::Audio, 2>& plain, const std::array<test::Audio, 2>& changed)
{
    double gain = 0.0;
    for (std::size_t output = 0; output < 2; ++output)
        for (std::size_t channel = 0; channel < 2; ++channel) {
            const auto& before = plain[output].channels[channel];
            const auto& after = changed[output].channels[channel];
            EXPECT_EQ(before.size(), after.size());
            for (std::size_t i = 0; i < before.size(); ++i) {
                if (gain == 0.0 && std::abs(before[i]) > 0.01f) gain = static_cast<double>(after[i]) / static_cast<double>(before[i]);
                EXPECT_NEAR(after[i], gain * static_cast<double>(before[i]), 1e-6) << i;
                if (::testing::Test::HasFailure()) return gain;
            }
        }
    return gain;
}

TEST_F(LoudnessKey, brings_a_render_to_its_target_by_one_gain_for_all_outputs)
{
    std::string said;
    write_band();
    const auto plain = render("plain", said);
    write_band("loudness: { target: -23 LUFS }\n");
    const auto changed = render("changed", said);
    EXPECT_NEAR(measure(changed[0]).integrated_lufs, -23.0, 0.1);
    EXPECT_NEAR(20.0 * std::log10(gain_between(plain, changed)), -23.0 - measure(plain[0]).integrated_lufs, 0.1);
    EXPECT_NE(said.find("to -23 LUFS"), std::string::npos) << said;
}

TEST_F(LoudnessKey, raises_no_output_over_the_true_peak_and_says_so)
{
    std::string said;
    write_band("loudness: { target: -3 LUFS, true_peak: -2 dB }\n");
    const auto outputs = render("out", said);
    EXPECT_NEAR(std::max(measure(outputs[0]).true_peak_dbtp, measure(outputs[1]).true_peak_dbtp), -2.0, 0.1);
    EXPECT_NE(said.find("true peak of 'speakers'"), std::string::npos) << said;
    const json song = json::parse(stemwire({"loudness", "band.yaml", "--json"}).out);
    EXPECT_EQ(song["limited_by"], "speakers");
    EXPECT_NEAR(song["gain_db"].get<double>() + song["true_peak_dbtp"].get<double>(), -2.0, 0.011);
}

TEST_F(LoudnessKey, is_measured_once_for_each_state_of_preset_and_files)
{
    std::string said;
    const auto is_measured = [&](const std::string& name) {
        render(name, said);
        EXPECT_NE(said.find("loudness: "), std::string::npos) << said;
        return said.find("measured in") != std::string::npos;
    };
    write_band("loudness: { target: -23 LUFS }\n");
    EXPECT_TRUE(is_measured("first"));
    EXPECT_FALSE(is_measured("second"));
    const std::string text = R"(
stemwire: 1
nodes:
  drums: { type: track, file: drums.wav }
external: { speakers: { sink: default }, ears: { node: headphones } }
links: [ drums -> speakers, drums -> ears ]
)";
    folder_.write("band.yaml", text + "loudness: { target: -20 LUFS }\n");
    EXPECT_TRUE(is_measured("other links"));
    folder_.write("band.yaml", text + "loudness: { target: -18 LUFS }\ntransport: { loop: [1 s, 2 s] }\n");
    EXPECT_FALSE(is_measured("other target"));
    write_stem("drums.wav", -30.0);
    EXPECT_TRUE(is_measured("other file"));
}

TEST_F(LoudnessKey, says_what_limits_it_when_it_was_measured_before)
{
    write_band("loudness: { target: -3 LUFS, true_peak: -2 dB }\n");
    std::string first, second;
    render("first", first);
    render("second", second);
    EXPECT_NE(first.find("measured in"), std::string::npos) << first;
    EXPECT_NE(second.find("measured before"), std::string::npos) << second;
    EXPECT_NE(second.find("true peak of 'speakers'"), std::string::npos) << second;
}

std::string text_of(const std::string& path)
{
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

TEST_F(LoudnessKey, is_measured_again_where_what_was_kept_is_damaged)
{
    std::string said;
    write_band("loudness: { target: -23 LUFS }\n");
    render("first", said);
    const std::string name = "cache/stemwire/" + std::filesystem::directory_iterator(folder_.file("cache/stemwire"))->path().filename().string();
    const std::string whole = text_of(folder_.file(name));
    const auto head_end = whole.find('\n') + 1;
    const auto key = whole.find("key\n");
    const std::string frames = whole.substr(head_end, whole.find(' ', head_end) - head_end);
    const std::string rest = whole.substr(head_end + frames.size());
    const std::string head = whole.substr(0, head_end);
    const auto letter = whole.rfind(":speakers", key);
    ASSERT_NE(letter, std::string::npos) << whole;
    for (const std::string& damaged : {std::string(), head, whole.substr(0, key), head + "inf" + rest, head + "-1" + rest, head + "frames" + rest, head + frames + " 0x1p+15 0\n" + whole.substr(key),
                                       head + frames + " 0x1p+15 3\n" + whole.substr(key), whole.substr(0, letter) + "999999999" + whole.substr(letter), whole + "more", "other" + whole}) {
        folder_.write(name, damaged);
        render("again", said);
        EXPECT_NE(said.find("measured in"), std::string::npos) << damaged << said;
        EXPECT_EQ(text_of(folder_.file(name)), whole);
    }
}

TEST_F(LoudnessKey, keeps_the_newest_200_measurements_and_leaves_other_files_alone)
{
    namespace fs = std::filesystem;
    const fs::path cache = folder_.file("cache/stemwire");
    fs::create_directories(cache);
    for (int file = 0; file < 210; ++file) {
        const std::string name = "loudness-" + std::to_string(file);
        folder_.write("cache/stemwire/" + name, "old");
        fs::last_write_time(cache / name, fs::file_time_type::clock::now() - std::chrono::hours(1 + file));
    }
    folder_.write("cache/stemwire/other", "not ours");
    write_band("loudness: { target: -23 LUFS }\n");
    std::string said;
    render("first", said);
    EXPECT_EQ(std::distance(fs::directory_iterator(cache), {}), 201);
    EXPECT_TRUE(fs::exists(cache / "loudness-0"));
    EXPECT_FALSE(fs::exists(cache / "loudness-209"));
    render("second", said);
    EXPECT_EQ(said.find("measured in"), std::string::npos) << said;
}

TEST_F(LoudnessKey, does_without_a_cache_that_cannot_be_written)
{
    write_band("loudness: { target: -23 LUFS }\n");
    folder_.write("cache", "a file, and no folder");
    const Outcome outcome = stemwire({"render", "band.yaml", "-o", "out.wav"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.err.find("cannot be kept"), std::string::npos) << outcome.err;
}

TEST_F(LoudnessKey, of_an_endless_song_asks_for_a_length_where_the_preset_says_loudness)
{
    const std::string endless = R"(stemwire: 1
nodes: { tone: { type: generator, signal: sine } }
external: { speakers: { sink: default } }
links: [ tone -> speakers ]
)";
    folder_.write("endless.yaml", endless + "loudness: { target: -23 LUFS }\n");
    const Outcome refused = stemwire({"loudness", "endless.yaml"});
    EXPECT_EQ(refused.status, 3);
    EXPECT_NE(refused.err.find("endless.yaml:5:1: error: "), std::string::npos) << refused.err;
    EXPECT_NE(refused.err.find("length"), std::string::npos) << refused.err;
    EXPECT_EQ(stemwire({"render", "endless.yaml", "-o", "a.wav", "--duration", "3 s"}).status, 0);
    EXPECT_NEAR(measure(test::read_audio(folder_.file("a.wav"))).integrated_lufs, -23.0, 0.1);
    folder_.write("endless.yaml", endless + "loudness: { target: -30 LUFS, length: 2 s }\n");
    EXPECT_EQ(stemwire({"render", "endless.yaml", "-o", "b.wav", "--duration", "3 s"}).status, 0);
    EXPECT_NEAR(measure(test::read_audio(folder_.file("b.wav"))).integrated_lufs, -30.0, 0.1);
}

TEST_F(LoudnessKey, of_silence_plays_silence)
{
    folder_.write("silent.yaml", R"(stemwire: 1
nodes: { tone: { type: generator, signal: silence } }
external: { speakers: { sink: default } }
links: [ tone -> speakers ]
loudness: { target: -23 LUFS, length: 1 s }
)");
    const Outcome outcome = stemwire({"render", "silent.yaml", "-o", "a.wav", "--duration", "1 s"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_NE(outcome.err.find("silent"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace stemwire
