// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "tests/support/lambda_node.hpp"
#include "tests/support/program.hpp"
#include "tests/support/wav.hpp"

namespace stemwire {
namespace {

using nlohmann::json;
using test::Outcome;

class Cli : public ::testing::Test {
protected:
    Outcome stemwire(std::vector<std::string> arguments, const std::vector<std::string>& environment = {})
    {
        arguments.insert(arguments.begin(), test::stemwire_program());
        return test::run_program(std::move(arguments), environment, folder_.path().string());
    }

    void write_stem(const std::string& name, std::size_t channels = 2, std::size_t frames = 4800)
    {
        test::Audio audio;
        audio.channels.resize(channels);
        for (std::size_t channel = 0; channel < channels; ++channel)
            for (std::size_t i = 0; i < frames; ++i) audio.channels[channel].push_back(0.5f * test::noise(i, channel));
        test::write_audio(folder_.file(name), audio);
    }

    void write_band()
    {
        write_stem("drums.wav");
        folder_.write("band.yaml", R"(
stemwire: 1
nodes:
  drums: { type: track, file: drums.wav }
  mix: { type: mixer, channels: { drums: { gain: -6 dB } } }
external: { speakers: { sink: default } }
links: [ drums -> mix:drums, mix -> speakers ]
)");
    }

    test::TemporaryFolder folder_;
};

TEST_F(Cli, help_goes_to_standard_output_and_is_status_0)
{
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--help"}, {"help"}, {"help", "run"}, {"render", "--help"}, {"nodes", "-h"}}) {
        const Outcome outcome = stemwire(arguments);
        EXPECT_EQ(outcome.status, 0) << arguments.back();
        EXPECT_NE(outcome.out.find("Usage: stemwire"), std::string::npos) << arguments.back();
        EXPECT_EQ(outcome.err, "") << arguments.back();
    }
}

TEST_F(Cli, every_command_of_the_list_explains_itself)
{
    const std::string list = stemwire({"--help"}).out;
    for (const char* command : {"run", "play", "render", "check", "init", "probe", "nodes", "graph", "loudness", "plot", "status", "get", "set", "start", "pause", "seek", "loop", "meters", "save", "stop",
                                "top"}) {
        EXPECT_NE(list.find(std::string("\n  ") + command + " "), std::string::npos) << command;
        EXPECT_EQ(stemwire({command, "--help"}).status, 0) << command;
    }
}

TEST_F(Cli, wrong_usage_is_status_2)
{
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{}, {"rnu"}, {"render"}, {"render", "x.yaml"}, {"run", "a.yaml", "b.yaml"}, {"run", "a.yaml", "--duratoin", "2 s"}, {"nodes", "trakc"},
          {"render", "x.yaml", "-o", "o.wav", "--threads", "none"}, {"render", "x.yaml", "-o", "o.wav", "--format", "s8"}, {"run", "x.yaml", "--backend", "alsa"}, {"run", "x.yaml", "--cpu-latency", "-1"}, {"play", "x.wav", "--cpu-latency", "on"}}) {
        const Outcome outcome = stemwire(arguments);
        EXPECT_EQ(outcome.status, 2) << (arguments.empty() ? "nothing" : arguments.back()) << outcome.err;
        EXPECT_EQ(outcome.out, "");
        EXPECT_NE(outcome.err.find("error: "), std::string::npos);
    }
    EXPECT_NE(stemwire({"rnu"}).err.find("did you mean 'run'?"), std::string::npos);
}

TEST_F(Cli, a_wrong_preset_is_status_3_with_every_error)
{
    folder_.write("bad.yaml", "stemwire: 1\nnodes:\n  drums: { type: trakc }\n  mix: { type: mixer, gian: 3 }\n");
    const Outcome outcome = stemwire({"check", "bad.yaml"});
    EXPECT_EQ(outcome.status, 3);
    EXPECT_NE(outcome.err.find("bad.yaml:3:"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("bad.yaml:4:"), std::string::npos) << outcome.err;
    EXPECT_EQ(stemwire({"render", "bad.yaml", "-o", "o.wav"}).status, 3);
    EXPECT_EQ(stemwire({"run", "bad.yaml", "--private"}).status, 3);
    EXPECT_EQ(stemwire({"graph", "bad.yaml"}).status, 3);
    EXPECT_EQ(stemwire({"check", "missing.yaml"}).status, 3);
    const json report = json::parse(stemwire({"check", "bad.yaml", "--json"}).out);
    EXPECT_FALSE(report["ok"]);
    EXPECT_EQ(report["errors"][0]["line"], 3);
}

TEST_F(Cli, check_says_what_a_preset_would_do)
{
    write_band();
    const Outcome outcome = stemwire({"check", "band.yaml"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("drums:output_FL -> mix:drums_FL"), std::string::npos) << outcome.out;
    const json report = json::parse(stemwire({"check", "band.yaml", "--json"}).out);
    EXPECT_TRUE(report["ok"]);
    EXPECT_EQ(report["name"], "band");
    EXPECT_EQ(report["nodes"].size(), 2u);
    EXPECT_EQ(report["links"].size(), 4u);
}

TEST_F(Cli, render_writes_24_bits_and_a_summary)
{
    write_band();
    const Outcome outcome = stemwire({"render", "band.yaml", "-o", "out.wav", "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const json summary = json::parse(outcome.out);
    EXPECT_EQ(summary["frames"], 4800);
    EXPECT_EQ(summary["rate"], 48000);
    EXPECT_NEAR(summary["seconds"], 0.1, 1e-9);
    EXPECT_EQ(summary["nodes"].size(), 2u);
    for (const char* key : {"wall_seconds", "realtime", "peak_dbfs", "lufs"}) EXPECT_TRUE(summary.contains(key)) << key;
    SF_INFO info{};
    SNDFILE* file = sf_open(folder_.file("out.wav").c_str(), SFM_READ, &info);
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(info.format & SF_FORMAT_SUBMASK, SF_FORMAT_PCM_24);
    sf_close(file);
}

TEST_F(Cli, set_changes_a_parameter)
{
    write_band();
    const json loud = json::parse(stemwire({"render", "band.yaml", "-o", "a.wav", "--json"}).out);
    const json quiet = json::parse(stemwire({"render", "band.yaml", "-o", "b.wav", "--json", "--set", "mix.drums.gain=-26 dB"}).out);
    EXPECT_NEAR(loud["peak_dbfs"].get<double>() - quiet["peak_dbfs"].get<double>(), 20.0, 0.01);
    EXPECT_EQ(stemwire({"render", "band.yaml", "-o", "c.wav", "--set", "mix.drums.gian=-26 dB"}).status, 3);
    EXPECT_EQ(stemwire({"render", "band.yaml", "-o", "c.wav", "--set", "nonsense"}).status, 2);
}

TEST_F(Cli, an_output_that_cannot_be_written_is_status_1)
{
    write_band();
    const Outcome outcome = stemwire({"render", "band.yaml", "-o", "no/such/folder/out.wav"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.err.find("no/such/folder"), std::string::npos) << outcome.err;
}

TEST_F(Cli, init_prints_a_preset_that_checks)
{
    write_stem("My Drums.wav");
    write_stem("bass.wav", 1);
    const Outcome outcome = stemwire({"init", "My Drums.wav", "bass.wav"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    folder_.write("made.yaml", outcome.out);
    EXPECT_EQ(stemwire({"check", "made.yaml"}).status, 0) << outcome.out;
    EXPECT_EQ(stemwire({"init", "missing.wav"}).status, 3);
}

TEST_F(Cli, probe_counts_the_combinations_of_a_folder_of_takes)
{
    std::filesystem::create_directories(folder_.path() / "song/drums");
    for (const char* take : {"song/drums/1.wav", "song/drums/2.wav", "song/drums/3.wav", "song/bass.wav"}) write_stem(take);
    const Outcome outcome = stemwire({"probe", "song", "--json"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const json file = json::parse(outcome.out);
    EXPECT_EQ(file["format"], "folder");
    EXPECT_EQ(file["song"]["combinations"], 3.0);
    EXPECT_EQ(file["song"]["tracks"][1]["takes"], 3);
    EXPECT_EQ(stemwire({"probe", "song"}).out, "song: 2 tracks, 3 combinations of takes\n");
    std::filesystem::create_directory(folder_.path() / "empty");
    EXPECT_EQ(stemwire({"probe", "empty"}).status, 3);
}

TEST_F(Cli, probe_lists_the_streams)
{
    write_stem("bass.wav", 1);
    const json file = json::parse(stemwire({"probe", "bass.wav", "--json"}).out);
    ASSERT_EQ(file["streams"].size(), 1u);
    EXPECT_EQ(file["streams"][0]["channels"], 1);
    EXPECT_EQ(file["streams"][0]["rate"], 48000);
    EXPECT_NEAR(file["streams"][0]["duration"], 0.1, 1e-6);
    folder_.write("text.wav", "this is no audio");
    EXPECT_EQ(stemwire({"probe", "text.wav"}).status, 3);
}

TEST_F(Cli, nodes_tells_what_the_tables_say)
{
    const json types = json::parse(stemwire({"nodes", "--json"}).out);
    EXPECT_EQ(types["types"].size(), 7u);
    const json track = json::parse(stemwire({"nodes", "track", "--json"}).out);
    EXPECT_EQ(track["type"], "track");
    EXPECT_EQ(track["parameters"][0]["name"], "file");
    EXPECT_FALSE(track["parameters"][0]["required"]);  // takes may have files of their own
    EXPECT_TRUE(json::parse(stemwire({"nodes", "reverb", "--json"}).out)["parameters"][0]["required"]);
    EXPECT_NE(stemwire({"nodes", "reverb"}).out.find("predelay"), std::string::npos);
}

TEST_F(Cli, graph_draws_dot_always)
{
    write_band();
    const Outcome outcome = stemwire({"graph", "band.yaml", "--format", "dot"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out.substr(0, 7), "digraph");
    EXPECT_NE(outcome.out.find("drums"), std::string::npos);
}

TEST_F(Cli, no_server_is_status_4_and_says_what_to_do)
{
    write_band();
    const Outcome outcome = stemwire({"run", "band.yaml", "--remote", folder_.file("nobody")});
    EXPECT_EQ(outcome.status, 4) << outcome.err;
    EXPECT_NE(outcome.err.find("--private"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace stemwire
