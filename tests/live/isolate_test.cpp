// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "tests/live/recording.hpp"
#include "tests/live/session_programs.hpp"

namespace stemwire {
namespace {

using test::Program;
using test::Recording;
using test::SessionPrograms;
using test::wait_until;

/// Sessions of several processes on a private server.
class Isolate : public SessionPrograms {
protected:
    void SetUp() override { ASSERT_TRUE(pipewire_.runs()) << pipewire_.error(); }

    std::unique_ptr<Program> run(const std::vector<std::string>& more = {})
    {
        return SessionPrograms::run(pipewire_.remote(), more);
    }
    test::PrivatePipeWire pipewire_;
};

/// Those that a process started.
std::vector<int> children_of(int pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
    std::vector<int> children;
    for (int child = 0; file >> child;) children.push_back(child);
    return children;
}

/// 20 by hand: STEMWIRE_KILLS.
int wanted_kills()
{
    const char* wanted = std::getenv("STEMWIRE_KILLS");
    return wanted != nullptr ? std::atoi(wanted) : 4;
}

/// In how many cycles something else was heard than the stem going on, between its start and its fade out: some frames left out, or a cycle of silence or
/// of what a sink had before.
int lost_cycles(const std::vector<float>& heard, const std::vector<float>& stem)
{
    constexpr std::ptrdiff_t longest_fade = 4'800;
    constexpr std::ptrdiff_t sure = 64;
    constexpr std::ptrdiff_t quantum = 256;
    const auto sounds = [](float sample) { return sample != 0.0f; };
    auto at = std::ranges::find_if(heard, sounds);
    const auto last = std::find_if(heard.rbegin(), heard.rend(), sounds).base() - longest_fade;
    auto in_stem = std::search(stem.begin(), stem.end(), at, at + sure);
    int lost = -1;
    for (; at < last; ++lost) {
        const auto again = std::search(in_stem, stem.end(), at, at + sure);
        if (again == stem.end()) at += quantum;
        else std::tie(at, in_stem) = std::mismatch(at, heard.end(), again, stem.end());
    }
    return lost;
}

TEST_F(Isolate, an_isolated_reverb_may_die_again_and_again_and_the_dry_stem_goes_on)
{
    write_noise("stem.wav", 0.3f, 60 * 48'000);
    write_noise("room.wav", 0.01f, 4'800);
    folder_.write("band.yaml", "stemwire: 1\n"
                               "nodes:\n"
                               "  stem: { type: track, file: stem.wav }\n"
                               "  hall: { type: reverb, impulse: room.wav, dry: off, isolate: true }\n"
                               "external:\n"
                               "  left: { node: null-sink, ports: playback_FL }\n"
                               "  right: { node: null-sink, ports: playback_FR }\n"
                               "links: [ stem -> left, stem -> hall -> right ]\n");
    Recording recording(pipewire_);
    ASSERT_TRUE(recording.linked());
    const auto program = run();
    ASSERT_TRUE(wait_until([&] { return transport_of(status()) == "playing" && state_of(status(), "hall") == "running" && all_made(status()); })) << status().dump(1) << program->err();
    int killed = 0;
    for (; killed < wanted_kills(); ++killed) {
        const std::vector<int> before = children_of(program->pid());
        ASSERT_EQ(before.size(), 1u);
        kill(before.front(), SIGKILL);
        ASSERT_TRUE(wait_until([&] {
            const auto now = children_of(program->pid());
            return now.size() == 1 && now != before && state_of(status(), "hall") == "running" && all_made(status());
        })) << status().dump(1) << program->err();
    }
    const std::vector<int> last = children_of(program->pid());
    program->signal(SIGTERM);
    const auto outcome = program->wait();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    for (const int child : last) EXPECT_NE(kill(child, 0), 0) << "a process of the session's own outlived it";
    const auto heard = recording.stop(true);
    ASSERT_TRUE(heard);
    const auto lost = lost_cycles(heard->channels[0], test::read_audio(folder_.file("stem.wav")).channels[0]);
    if (outcome.err.find("xruns: ") != std::string::npos) GTEST_SKIP() << "this machine misses cycles: " << outcome.err;
    // A cycle in which a process dies is the server's own loss: it waits for that process. After each, a sink may have let what it had be
    // heard once more.
    EXPECT_LE(lost, 2 * killed) << outcome.err;
}

TEST_F(Isolate, inverted_copies_in_two_processes_are_silent_through_seeks_and_pauses)
{
    write_noise("up.wav", 0.2f, 20 * 48'000);
    write_noise("down.wav", -0.2f, 20 * 48'000);
    std::string nodes;
    std::string links;
    std::vector<std::string> ours;
    std::vector<std::string> theirs;
    for (int track = 0; track < 6; ++track) {
        const std::string name = "t" + std::to_string(track);
        nodes += "  " + name + ": { type: track, file: " + (track % 2 == 0 ? "up" : "down") + ".wav }\n";
        links += "  - " + name + " -> left\n";
        auto& process = track % 2 == 0 ? ours : theirs;
        process.insert(process.end(), {"--node", name});
    }
    folder_.write("band.yaml", "stemwire: 1\nnodes:\n" + nodes + "external: { left: { node: null-sink, ports: playback_FL } }\nlinks:\n" + links + "transport: { autostart: false }\n");
    Recording recording(pipewire_);
    ASSERT_TRUE(recording.linked());
    const auto leader = run(ours);
    ASSERT_TRUE(wait_until([&] { return state_of(status(), "t0") == "running"; })) << leader->err();
    const auto follower = run(theirs);
    ASSERT_TRUE(wait_until([&] { return state_of(status(), "t5") == "running" && pipewire_.linked("band.t5:output_MONO", "null-sink:playback_FL"); })) << follower->err();
    std::mt19937 generator(5);
    ASSERT_EQ(ask({"start", "--session", "band"}).status, 0);
    for (int wish = 0; wish < 30; ++wish) {
        const auto random = [&](unsigned below) { return generator() % below; };
        const std::string place = std::to_string(random(18)) + "." + std::to_string(random(10));
        const std::vector<std::vector<std::string>> wishes{{"pause"}, {"start"}, {"seek", place}, {"seek", place}};
        std::vector<std::string> arguments = wishes[random(4)];
        arguments.insert(arguments.begin() + 1, {"--session", "band"});
        const auto answered = ask(arguments);
        EXPECT_EQ(answered.status, 0) << answered.err;
    }
    // Not silent because nothing plays.
    EXPECT_EQ(ask({"start", "--session", "band"}).status, 0);
    EXPECT_EQ(transport_of(status()), "playing");
    follower->signal(SIGKILL);
    static_cast<void>(follower->wait());
    const std::size_t alone_from = recording.frames();
    ASSERT_TRUE(recording.hears(24'000));
    leader->signal(SIGTERM);
    const auto outcome = leader->wait();
    const auto heard = recording.stop(true);
    ASSERT_TRUE(heard);
    if (outcome.err.find("xruns:") != std::string::npos) GTEST_SKIP() << "this machine misses cycles: " << outcome.err;
    const auto loudest = [&](std::size_t from, std::size_t to) {
        float peak = 0;
        for (std::size_t i = from; i < to; ++i) peak = std::max(peak, std::abs(heard->channels[0][i]));
        return 20 * std::log10(peak + 1e-30f);
    };
    constexpr std::size_t sink_is_behind = 48'000;
    EXPECT_LT(loudest(0, alone_from - std::min(alone_from, sink_is_behind)), -130.0f);
    EXPECT_GT(loudest(alone_from, heard->frames()), -40.0f);
}

}  // namespace
}  // namespace stemwire
