// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/lambda_node.hpp"
#include "tests/support/program.hpp"
#include "tests/support/wav.hpp"

namespace stemwire {
namespace {

using test::Outcome;

class PlotCommand : public ::testing::Test {
protected:
    PlotCommand()
    {
        test::Audio tone{48000, {{}, {}}};
        for (std::size_t i = 0; i < 24000; ++i)
            for (auto& channel : tone.channels) channel.push_back(static_cast<float>(0.25 * std::sin(2.0 * M_PI * 1000.0 / 48000.0 * static_cast<double>(i))));
        test::write_audio(folder_.file("tone.wav"), tone);
        test::Audio room{48000, {{}}};
        for (std::size_t i = 0; i < 48000; ++i)  // falls by 60 dB in 0.4 s
            room.channels[0].push_back(static_cast<float>(test::noise(i, 7) * std::pow(10.0, -3.0 * static_cast<double>(i) / 48000.0 / 0.4)));
        test::write_audio(folder_.file("room.wav"), room);
        folder_.write("band.yaml", R"(
stemwire: 1
nodes:
  tone: { type: track, file: tone.wav }
  master:
    type: effects
    chain:
      - eq: { bands: [ { type: peak, frequency: 1 kHz, gain: 6 dB } ] }
      - compressor: { threshold: -20 dB }
      - gate: { threshold: -50 dB }
  hall: { type: reverb, impulse: room.wav, predelay: 10 ms, dry: 0 dB }
  tape: { type: recorder, file: take.wav }
external: { out: { sink: default } }
links: [ tone -> master -> hall -> out, master -> tape ]
)");
    }

    Outcome plot(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), {test::stemwire_program(), "plot"});
        return test::run_program(std::move(arguments), {"TMPDIR=" + temporary_.path().string()}, folder_.path().string());
    }

    std::string read(const std::string& name)
    {
        std::ifstream stream(folder_.file(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    test::TemporaryFolder folder_;
    test::TemporaryFolder temporary_;
};

bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

TEST_F(PlotCommand, draws_what_fits_each_node_and_unit)
{
    for (const auto& [subject, words] : {std::pair{"master", "master, frequency response"}, {"master.eq", "master.eq, frequency response"},
                                         {"master.compressor", "master.compressor, static curve"}, {"master.gate", "level falling"}, {"hall", "hall, impulse response"}}) {
        const Outcome outcome = plot({"band.yaml", subject});
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_EQ(outcome.err, "");
        EXPECT_TRUE(has(outcome.out, "<svg ") && has(outcome.out, words)) << subject;
        EXPECT_LT(outcome.out.size(), 300000u) << subject;
    }
}

TEST_F(PlotCommand, draws_what_it_is_told_to)
{
    EXPECT_TRUE(has(plot({"band.yaml", "master.compressor", "--show", "response"}).out, "frequency response"));
    EXPECT_TRUE(has(plot({"band.yaml", "master", "--show", "curve"}).out, "static curve"));
    EXPECT_TRUE(has(plot({"band.yaml", "hall", "--show", "response"}).out, "frequency response"));
}

TEST_F(PlotCommand, says_the_decay_time_of_a_reverb_without_its_dry_part)
{
    const std::string svg = plot({"band.yaml", "hall"}).out;
    const std::size_t at = svg.find("RT60 ");
    ASSERT_NE(at, std::string::npos);
    EXPECT_NEAR(std::stod(svg.substr(at + 5)), 0.4, 0.02);
    const std::size_t begins = svg.find("begins after ");
    EXPECT_NEAR(std::stod(svg.substr(begins + 13)), 10.0, 0.2);
}

TEST_F(PlotCommand, draws_a_media_file_and_a_render)
{
    for (const std::string file : {"tone.wav", "band.yaml"}) {
        const Outcome outcome = plot({file, "-o", "picture.svg"});
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_EQ(outcome.out + outcome.err, "");
        const std::string svg = read("picture.svg");
        EXPECT_TRUE(has(svg, "<svg ") && has(svg, "data:image/png;base64,") && has(svg, ">FL<") && has(svg, ">FR<")) << file;
        EXPECT_LT(svg.size(), 300000u);
    }
    EXPECT_TRUE(has(plot({"tone.wav"}).out, "0.5 s · 48 kHz · peak −12 dBFS · RMS −15.1 dBFS"));
    EXPECT_TRUE(has(plot({"tone.wav", "--duration", "100 ms"}).out, "0.1 s · 48 kHz"));
}

TEST_F(PlotCommand, follows_overrides)
{
    EXPECT_TRUE(has(plot({"band.yaml", "master.eq", "--set", "master.eq.bands.1.frequency=2 kHz"}).out, "peak 2 kHz 6 dB"));
}

TEST_F(PlotCommand, leaves_nothing_behind_but_the_picture)
{
    EXPECT_EQ(plot({"band.yaml", "-o", "picture.svg"}).status, 0);
    EXPECT_TRUE(std::filesystem::is_empty(temporary_.path()));
    EXPECT_FALSE(std::filesystem::exists(folder_.file("take.wav")));
}

TEST_F(PlotCommand, ends_when_it_is_interrupted_and_cleans_up)
{
    const std::string preset = folder_.write("endless.yaml", R"(
stemwire: 1
nodes: { noise: { type: generator, signal: white } }
external: { out: { sink: default } }
links: [ noise -> out ]
)");
    test::Program program({test::stemwire_program(), "plot", preset, "--duration", "100 min"}, {"TMPDIR=" + temporary_.path().string()});
    const auto is_rendering = [&] {
        std::error_code ignored;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(temporary_.path(), ignored))
            if (entry.is_regular_file(ignored) && entry.file_size(ignored) > 1000000) return true;
        return false;
    };
    while (!is_rendering()) std::this_thread::yield();
    program.signal(SIGINT);
    const Outcome outcome = program.wait();
    EXPECT_EQ(outcome.status, 130) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(std::filesystem::is_empty(temporary_.path()));
}

TEST_F(PlotCommand, says_what_is_wrong_with_the_command_line)
{
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{}, {"band.yaml", "matser"}, {"band.yaml", "master.eqq"}, {"band.yaml", "hall.eq"}, {"band.yaml", "tone"}, {"band.yaml", "tape"},
          {"band.yaml", "--show", "curve"}, {"band.yaml", "master", "--show", "colour"}, {"band.yaml", "master", "--duration", "1 s"}, {"band.yaml", "--stream", "1"},
          {"tone.wav", "--set", "a.b=1"}, {"tone.wav", "-o", "./tone.wav"}, {"band.yaml", "-o", "band.yaml"}, {"tone.wav", "--duration", "long"}}) {
        const Outcome outcome = plot(arguments);
        EXPECT_EQ(outcome.status, 2) << (arguments.empty() ? "" : arguments.back()) << outcome.err;
        EXPECT_EQ(outcome.out, "");
    }
    EXPECT_TRUE(has(plot({"band.yaml", "matser"}).err, "did you mean 'master'?"));
}

TEST_F(PlotCommand, says_what_is_wrong_with_a_file)
{
    folder_.write("text.wav", "this is no sound");
    for (const std::string file : {"nowhere.wav", "nowhere.yaml", "text.wav"}) {
        const Outcome outcome = plot({file});
        EXPECT_EQ(outcome.status, 3) << file << outcome.err;
        EXPECT_TRUE(has(outcome.err, file)) << outcome.err;
    }
    EXPECT_EQ(plot({"tone.wav", "--stream", "9"}).status, 3);
    EXPECT_EQ(plot({"tone.wav", "-o", "no/such/folder.svg"}).status, 1);
    const Outcome silent = plot({"band.yaml", "hall", "--set", "hall.wet=off"});
    EXPECT_EQ(silent.status, 1);
    EXPECT_TRUE(has(silent.err, "hall lets nothing through")) << silent.err;
}

}  // namespace
}  // namespace stemwire
