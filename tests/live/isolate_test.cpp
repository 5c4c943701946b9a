// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/live/excused.hpp"
#include "tests/live/recording.hpp"
#include "tests/live/session_programs.hpp"
#include "tests/support/lateness.hpp"

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

/// More by hand: STEMWIRE_KILLS.
int wanted_kills()
{
    const char* wanted = std::getenv("STEMWIRE_KILLS");
    return wanted != nullptr ? std::atoi(wanted) : 12;
}

/// What was heard of a stem that should go on frame by frame.
struct Judged {
    std::size_t frames = 0;
    std::size_t wrong = 0;  ///< frames that are missing, or are others
    std::size_t first_wrong = 0;
};

/// From where the stem is first heard until frame `until`; what is excused counts for nothing.
Judged judge(const std::vector<float>& heard, const std::vector<float>& stem, std::size_t until, const std::function<bool(std::size_t)>& excused)
{
    constexpr std::ptrdiff_t sure = 64;  // of noise: as many frames are found in one place alone
    constexpr std::size_t furthest = 24'000;
    const auto found = [&](std::size_t at, std::size_t near) {
        const auto begin = stem.begin() + static_cast<std::ptrdiff_t>(std::min(stem.size(), near - std::min(near, furthest)));
        const auto end = stem.begin() + static_cast<std::ptrdiff_t>(std::min(stem.size(), near + furthest));
        const auto here = heard.begin() + static_cast<std::ptrdiff_t>(at);
        const auto again = std::search(begin, end, here, here + sure);
        return again != end ? static_cast<std::size_t>(again - stem.begin()) : near;
    };
    Judged judged;
    auto at = static_cast<std::size_t>(std::ranges::find_if(heard, [](float sample) { return sample != 0.0f; }) - heard.begin());
    for (std::size_t in_stem = 0; at + static_cast<std::size_t>(sure) < until; ++at, ++in_stem) {
        const bool counts = !excused(at);
        judged.frames += counts ? 1 : 0;
        if (in_stem < stem.size() && heard[at] == stem[in_stem]) continue;
        const std::size_t expected = std::exchange(in_stem, found(at, in_stem));
        const std::size_t left_out = in_stem > expected ? in_stem - expected : 1;
        if (counts && judged.wrong == 0) judged.first_wrong = at;
        judged.wrong += counts ? left_out : 0;
    }
    return judged;
}

/// Kills, and whether the machine was fit to judge them: it may not have missed a cycle for half a second before, nor been late itself.
class Kills {
public:
    static constexpr std::size_t frames = 9'600;  ///< after a kill, whatever is missed counts, unless the machine was unfit
    static constexpr std::size_t rest_before = 24'000;

    void add(std::size_t at, bool fit) { kills_.push_back({at, fit}); }
    void unfit() { kills_.back().fit = false; }
    [[nodiscard]] bool is_near(std::size_t frame) const { return !kills_.empty() && kills_.back().at + frames > frame; }
    [[nodiscard]] std::size_t count() const { return kills_.size(); }
    [[nodiscard]] std::ptrdiff_t fit() const { return std::ranges::count_if(kills_, &Kill::fit); }
    /// Whether what was heard says nothing; nothing where it is not after a kill.
    [[nodiscard]] std::optional<bool> excuse(std::size_t frame) const
    {
        for (const Kill& kill : kills_)
            if (frame >= kill.at && frame < kill.at + frames) return !kill.fit;
        return std::nullopt;
    }

private:
    struct Kill {
        std::size_t at;
        bool fit;
    };
    std::vector<Kill> kills_;
};

/// Processes that the session said were killed.
std::size_t deaths(const std::string& said)
{
    const std::string death = "was ended by signal Killed";
    std::size_t count = 0;
    for (auto at = said.find(death); at != std::string::npos; at = said.find(death, at + death.size())) ++count;
    return count;
}

/// A stem, heard left, and what an isolated reverb makes of it, heard right: both come out of one node, which needs all that feeds it.
class DyingReverb : public Isolate {
protected:
    void SetUp() override
    {
        Isolate::SetUp();
        write_noise("stem.wav", 0.3f, 60 * 48'000);
        write_noise("room.wav", 0.01f, 4'800);
        folder_.write("band.yaml", "stemwire: 1\n"
                                   "nodes:\n"
                                   "  stem: { type: track, file: stem.wav }\n"
                                   "  hall: { type: reverb, impulse: room.wav, dry: off, isolate: true }\n"
                                   "  master: { type: effects, chain: [ gain: { gain: 0 dB } ] }\n"
                                   "external: { sink: { node: null-sink, ports: playback_* } }\n"
                                   "links: [ stem -> hall, \"stem:output_MONO -> master:input_FL\", \"hall:output_MONO -> master:input_FR\", master -> sink ]\n");
    }

    /// Asks how the session is, and notes what the machine missed, and when it was late.
    nlohmann::json look(const Recording& recording)
    {
        nlohmann::json now = status();
        const auto xruns = now.value("xruns", std::uint64_t{0}) + recording.xruns();
        const bool late = watch_.worst_ns() > late_ns;
        watch_.begin();
        if (std::exchange(xruns_, xruns) != xruns || late) {
            ++missed_;
            missed_at_ = recording.frames();
        }
        excused_.look(missed_, recording.frames());
        if (late && kills_.count() > 0 && !recent_kill_is_over_) kills_.unfit();
        recent_kill_is_over_ = !kills_.is_near(recording.frames());
        return now;
    }
    /// Every other one hangs before it dies: as long as that, a graph that waits for it stands still, while a death alone is noticed by the server within a
    /// cycle where it has nothing else to do.
    void kill_reverb(int pid, const Recording& recording)
    {
        static_cast<void>(look(recording));
        kills_.add(recording.frames(), recording.frames() > missed_at_ + Kills::rest_before);
        recent_kill_is_over_ = false;
        const std::size_t hung_since = recording.frames();
        if (kills_.count() % 2 == 0) {
            ASSERT_EQ(kill(pid, SIGSTOP), 0);
            ASSERT_TRUE(wait_until([&] { return recording.frames() > hung_since + Kills::frames / 4; }));
        }
        ASSERT_EQ(kill(pid, SIGKILL), 0);
    }
    [[nodiscard]] bool excused(std::size_t frame) const { return kills_.excuse(frame).value_or(excused_.covers(frame)); }
    /// Until the reverb's process has lived for long enough to be started again at once, and sounds.
    [[nodiscard]] bool lives(const Program& program, const Recording& recording, const std::vector<int>& before)
    {
        const auto is_new = [&] {
            const auto now = children_of(program.pid());
            return state_of(look(recording), "hall") == "running" && now.size() == 1 && now != before;
        };
        // To ask is to fork, which may hold up the recording: not while a kill is judged.
        if (!wait_until([&] { return !kills_.is_near(recording.frames()); }) || !wait_until(is_new)) return false;
        const std::size_t since = recording.frames();
        const auto is_healthy = [&] {
            constexpr std::size_t often = 4'800;
            if (recording.frames() >= excused_.heard() + often) static_cast<void>(look(recording));
            return recording.frames() >= since + healthy;
        };
        return wait_until(is_healthy) && recording.sounds(1, since);
    }

    static constexpr long late_ns = 2'000'000;  ///< of a cycle of 5.3 ms, some of which is ours
    static constexpr std::size_t healthy = 100'000;  ///< frames, more than two seconds
    Kills kills_;
    test::Excused excused_;
    test::Lateness watch_;        ///< since the latest look
    bool recent_kill_is_over_ = true;
    std::uint64_t xruns_ = 0;
    std::uint64_t missed_ = 0;    ///< times that it missed some
    std::size_t missed_at_ = 0;   ///< frame
};

TEST_F(DyingReverb, may_die_again_and_again_and_not_a_frame_of_the_dry_stem_is_lost)
{
    Recording recording(pipewire_);
    ASSERT_TRUE(recording.linked());
    const auto program = run();
    ASSERT_TRUE(wait_until([&] { return transport_of(look(recording)) == "playing" && all_made(status()); })) << status().dump(1) << program->err();
    const std::size_t most = Recording::longest - 6 * healthy;
    std::vector<int> before;
    while (kills_.fit() < wanted_kills() && recording.frames() < most) {
        ASSERT_TRUE(lives(*program, recording, before)) << "after " << kills_.count() << " kills: " << status().dump(1) << program->err();
        before = children_of(program->pid());
        ASSERT_NO_FATAL_FAILURE(kill_reverb(before.front(), recording));
    }
    ASSERT_TRUE(lives(*program, recording, before)) << status().dump(1) << program->err();
    const std::vector<int> last = children_of(program->pid());
    program->signal(SIGTERM);
    const auto outcome = program->wait();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    for (const int child : last) EXPECT_NE(kill(child, 0), 0) << "a process of the session's own outlived it";
    const auto heard = recording.stop(true);
    ASSERT_TRUE(heard);
    const auto stem = test::read_audio(folder_.file("stem.wav")).channels[0];
    const Judged judged = judge(heard->channels[0], stem, excused_.heard(), [this](std::size_t frame) { return excused(frame); });
    const Judged at_kills = judge(heard->channels[0], stem, excused_.heard(), [this](std::size_t frame) { return kills_.excuse(frame).value_or(true); });
    EXPECT_EQ(at_kills.wrong, 0u) << "after " << kills_.fit() << " kills, of " << at_kills.frames << " frames; the first is " << at_kills.first_wrong << "\n" << outcome.err;
    // Not because nobody died.
    EXPECT_EQ(deaths(outcome.err), kills_.count()) << outcome.err;
    RecordProperty("judged_percent", static_cast<int>(100 * judged.frames / std::max<std::size_t>(1, excused_.heard())));
    // What is lost elsewhere without a sign of it may be a neighbour's on the same processors.
    RecordProperty("wrong_frames_elsewhere", static_cast<int>(judged.wrong - at_kills.wrong));
    RecordProperty("judged_kills", static_cast<int>(kills_.fit()));
    if (2 * kills_.fit() < wanted_kills()) GTEST_SKIP() << "this machine was fit to judge " << kills_.fit() << " kills of " << kills_.count() << " alone";
}

TEST_F(DyingReverb, that_hangs_is_ended_and_comes_back)
{
    Recording recording(pipewire_);
    ASSERT_TRUE(recording.linked());
    const auto program = run();
    ASSERT_TRUE(wait_until([&] { return transport_of(look(recording)) == "playing" && all_made(status()); })) << status().dump(1) << program->err();
    ASSERT_TRUE(lives(*program, recording, {})) << status().dump(1) << program->err();
    const std::vector<int> before = children_of(program->pid());
    ASSERT_EQ(kill(before.front(), SIGSTOP), 0);
    ASSERT_TRUE(lives(*program, recording, before)) << status().dump(1) << program->err();
    program->signal(SIGTERM);
    const auto outcome = program->wait();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.err.find("the process of hall hangs: it has done nothing for 2 s"), std::string::npos) << outcome.err;
    EXPECT_EQ(deaths(outcome.err), 1u) << outcome.err;
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
