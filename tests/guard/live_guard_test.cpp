// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/live/recording.hpp"
#include "tests/support/lambda_node.hpp"
#include "tests/support/program.hpp"

namespace stemwire::test {
namespace {

/// Seconds of edits and seeks: a few, or STEMWIRE_GUARD_SECONDS.
int wanted_seconds()
{
    const char* wanted = std::getenv("STEMWIRE_GUARD_SECONDS");
    return wanted != nullptr ? std::atoi(wanted) : 4;
}

/// The program itself on a server of its own, every cycle of its nodes watched.
class LiveGuard : public ::testing::Test {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(pipewire_.runs()) << pipewire_.error();
        for (const auto& [name, seed] : {std::pair{"stem.wav", 1}, {"ir-1.wav", 2}, {"ir-2.wav", 3}}) {
            Audio audio;
            for (std::uint64_t channel = 0; channel < 2; ++channel) {
                auto& samples = audio.channels.emplace_back();
                for (std::size_t i = 0; i < 96'000; ++i) samples.push_back(0.01f * noise(i, channel + 2 * static_cast<std::uint64_t>(seed)));
            }
            write_audio(folder_.file(name), audio);
        }
        write(0);
    }

    /// Differs from number to number in parameters, in the impulse, in a unit, and in a node.
    void write(int number)
    {
        const auto each = [&](int turns, const std::string& text) { return number % turns == 0 ? text : std::string(); };
        folder_.write("new.yaml", "stemwire: 1\nname: watched\nnodes:\n"
                                  "  stem: { type: track, file: stem.wav, loop: true, gain: -" + std::to_string(number % 7) + " dB }\n" +
                                      each(3, "  tone: { type: generator, level: -40 dB }\n") +
                                      "  mix: { type: mixer, channels: { stem: { gain: -" + std::to_string(number % 5) + " dB }, tone: { layout: mono } } }\n"
                                      "  hall: { type: reverb, impulse: ir-" + std::to_string(1 + number % 2) + ".wav }\n"
                                      "  tape: { type: recorder, file: take-%t.wav }\n"
                                      "  master: { type: effects, chain: [ { gate: {} }, { eq: { bands: [ { type: peak, gain: 1 dB } ] } }, compressor, delay, limiter" + each(4, ", gain") + " ] }\n"
                                      "external: { speakers: { sink: default } }\n"
                                      "links: [ stem -> mix:stem, mix -> hall -> master -> speakers, master -> tape" + each(3, ", tone -> mix:tone") + " ]\n");
        std::filesystem::rename(folder_.file("new.yaml"), folder_.file("watched.yaml"));
    }

    std::vector<std::string> environment() const { return {"XDG_RUNTIME_DIR=" + folder_.path().string()}; }
    Outcome ask(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.begin(), {stemwire_program()});
        return run_program(std::move(arguments), environment());
    }

    /// Plays, and edits and seeks `edits` times; what it said.
    Outcome play(int seconds, const std::vector<std::string>& more)
    {
        auto variables = environment();
        variables.push_back("LD_PRELOAD=" + std::string(std::getenv("STEMWIRE_GUARD")));
        variables.insert(variables.end(), more.begin(), more.end());
        Program program({stemwire_program(), "run", "--remote", pipewire_.remote(), "watched.yaml"}, variables, folder_.path().string());
        EXPECT_TRUE(wait_until([&] { return ask({"status"}).out.find("playing") != std::string::npos; })) << program.err();
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
        for (int edit = 1; std::chrono::steady_clock::now() < end || edit < 5; ++edit) {
            write(edit);
            EXPECT_EQ(ask({"seek", std::to_string(edit % 3) + " s"}).status, 0) << program.err();
            EXPECT_EQ(ask({"set", "mix.stem.gain", "-" + std::to_string(edit % 9) + " dB"}).status, 0) << program.err();
        }
        EXPECT_EQ(ask({"pause"}).status, 0);
        program.signal(SIGINT);
        return program.wait();
    }

    PrivatePipeWire pipewire_;
    TemporaryFolder folder_;
};

TEST_F(LiveGuard, finds_nothing_through_edits_and_seeks)
{
    const Outcome outcome = play(wanted_seconds(), {});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.err.find(" cycles, 0 offences"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("took over"), std::string::npos) << outcome.err;
}

TEST_F(LiveGuard, bites)
{
    const Outcome outcome = play(0, {"STEMWIRE_GUARD_BITE=1"});
    EXPECT_EQ(outcome.err.find(" cycles, 0 offences"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("realtime guard: "), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("malloc from\n"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace stemwire::test
