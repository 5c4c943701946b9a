// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/pipewire_host.hpp"

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "host/pipewire/library.hpp"
#include "tests/host/pipewire/stage.hpp"
#include "tests/support/lambda_node.hpp"

namespace stemwire::host {
namespace {

using test::pass;
using test::pattern;
using test::PipeWireHostTest;
using test::play_noise;
using test::speakers;
using test::Stage;
using test::stereo;

void halve(const Block& block)
{
    for (std::size_t channel = 0; channel < block.outputs.size(); ++channel)
        for (std::uint32_t i = 0; i < block.frames; ++i) block.outputs[channel][i] = 0.5f * block.inputs[channel][i];
}

/// What a node hears, cycle by cycle, kept by its own thread until it is full.
struct Heard {
    struct Cycle {
        Frames clock = 0;
        std::array<std::vector<float>, 2> samples;
    };
    std::vector<Cycle> cycles;
    std::atomic<std::size_t> count{0};

    Heard()
    {
        cycles.resize(200);
        for (Cycle& cycle : cycles) cycle.samples.fill(std::vector<float>(largest_quantum));
    }
    void operator()(const Block& block)
    {
        if (full()) return;
        Cycle& cycle = cycles[count];
        cycle.clock = block.transport.clock;
        for (std::size_t channel = 0; channel < 2; ++channel) {
            cycle.samples[channel].resize(block.frames);
            std::copy_n(block.inputs[channel], block.frames, cycle.samples[channel].begin());
        }
        ++count;
    }
    [[nodiscard]] bool full() const { return count == cycles.size(); }
};

/// The frame of the noise, halved, that a cycle begins with; nothing where it is none of those before its clock.
std::optional<Frames> first_frame(const Heard::Cycle& cycle)
{
    const Frames quantum = cycle.samples[0].size();
    for (Frames back = 0; back <= std::min(cycle.clock, 8 * quantum); ++back)
        if (cycle.samples[0][0] == 0.5f * test::noise(cycle.clock - back, 0)) return cycle.clock - back;
    return std::nullopt;
}

TEST_F(PipeWireHostTest, shows_nodes_ports_and_links_under_the_names_of_the_preset)
{
    Stage stage(server.remote());
    const auto track = stage.add("drums", stereo(false, true), play_noise);
    const auto bus = stage.add("mix", stereo(true, true), pass);
    stage.wire(track, 0, bus, 0);
    stage.wire(track, 1, bus, 1);
    stage.feed(bus, speakers());
    stage.build();
    ASSERT_TRUE(stage.settles());

    const auto properties = server.node("band.mix");
    EXPECT_EQ(properties.value("node.description", ""), "band mix");
    EXPECT_EQ(properties.value("application.name", ""), "stemwire");
    EXPECT_FALSE(properties.contains("media.class"));
    EXPECT_EQ(properties.value("node.group", ""), server.node("band.drums").value("node.group", "another"));
    const std::vector<std::string> expected{"band.drums:output_FL -> band.mix:input_FL", "band.drums:output_FR -> band.mix:input_FR",
                                            "band.mix:output_FL -> null-sink:playback_FL", "band.mix:output_FR -> null-sink:playback_FR"};
    EXPECT_EQ(server.links(), expected);
    for (const auto& link : stage.host().links()) EXPECT_EQ(link.state, LinkState::made) << link.from << " -> " << link.to;
    EXPECT_TRUE(stage.until([&] { return stage.host().server().driver == "null-sink"; })) << stage.host().server().driver;
    EXPECT_EQ(stage.host().server().name, "pipewire-0");
    EXPECT_EQ(stage.host().server().rate_hz, 48000);
    EXPECT_EQ(stage.host().server().quantum, 256u);
}

TEST_F(PipeWireHostTest, takes_in_and_links_nodes_while_they_are_prepared)
{
    std::atomic<int> cycles{0};
    Stage stage(server.remote());
    const auto track = stage.add("drums", stereo(false, true), [&](const Block& block) {
        ++cycles;
        play_noise(block);
    });
    const auto bus = stage.add("mix", stereo(true, true), pass);
    for (std::uint32_t channel : {0u, 1u}) stage.wire(track, channel, bus, channel);
    stage.feed(bus, speakers());
    std::vector<std::string> links;
    stage.host().begin_build(stage.wanted(), [&] {
        const auto end = std::chrono::steady_clock::now() + test::patience;
        while (links.size() < 2 && std::chrono::steady_clock::now() < end) links = server.links();
    });
    const std::vector<std::string> own{"band.drums:output_FL -> band.mix:input_FL", "band.drums:output_FR -> band.mix:input_FR"};
    EXPECT_EQ(links, own);
    const bool runs_what_is_linked = library_version() >= std::array{1, 2, 0};
    EXPECT_TRUE(cycles == 0 || runs_what_is_linked) << cycles;

    Wanted prepared = stage.wanted();
    prepared.nodes[bus].latency = 300;
    ASSERT_TRUE(stage.host().build(std::move(prepared)));
    ASSERT_TRUE(stage.settles());
    EXPECT_EQ(server.links().size(), 4u);
    EXPECT_GT(cycles, 0);
}

TEST_F(PipeWireHostTest, what_is_published_between_cycles_is_missed_by_no_node_in_the_next)
{
    struct Witness {
        struct Seen {
            Frames clock;
            int value;
        };
        std::vector<Seen> seen = std::vector<Seen>(10'000);
        std::size_t count = 0;
    };
    constexpr int rounds = 50;
    std::atomic<int> published{0};
    std::array<Witness, 4> witnesses;
    Stage stage(server.remote());
    for (Witness& witness : witnesses)
        stage.add("n" + std::to_string(&witness - witnesses.data()), stereo(true, true), [&](const Block& block) {
            if (witness.count < witness.seen.size()) witness.seen[witness.count++] = {block.transport.clock, published};
        });
    for (std::uint32_t node : {1u, 2u, 3u}) stage.wire(node == 3 ? 2 : 0, 0, node, 0);
    stage.feed(3, speakers());
    stage.build();
    ASSERT_TRUE(stage.settles());
    std::vector<Frames> begins{0};
    for (int round = 1; round <= rounds; ++round) {
        const bool done = stage.host().between_cycles([&] {
            begins.push_back(stage.host().clock());
            // Anywhere else a cycle would begin meanwhile, sooner or later.
            for (const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(300); std::chrono::steady_clock::now() < end;) {}
            published = round;
        });
        ASSERT_TRUE(done);
        stage.pass_cycles(1 + static_cast<Frames>(round) % 3);
    }
    stage.end();
    for (const Witness& witness : witnesses) {
        EXPECT_GT(witness.count, static_cast<std::size_t>(rounds) / 2);
        for (std::size_t i = 0; i < witness.count; ++i) {
            const auto [clock, value] = witness.seen[i];
            EXPECT_TRUE(value == rounds || clock < begins[static_cast<std::size_t>(value) + 1]) << "cycle " << clock << " missed " << value + 1;
        }
    }
}

TEST_F(PipeWireHostTest, carries_audio_through_nodes_and_sink_to_the_bit)
{
    Heard heard;
    Stage stage(server.remote());
    const auto source = stage.add("source", stereo(false, true), play_noise);
    const auto half = stage.add("half", stereo(true, true), halve);
    const auto ear = stage.add("ear", stereo(true, false), [&](const Block& block) { heard(block); });
    for (std::uint32_t channel : {0u, 1u}) stage.wire(source, channel, half, channel);
    stage.feed(half, speakers());
    stage.listen(ear, pattern("null-sink", "monitor_*"));
    stage.build();
    ASSERT_TRUE(stage.settles());
    ASSERT_TRUE(stage.until([&] { return heard.full(); }));

    // On a busy machine a cycle may come too late, and is silence then; every other one is whole and exact.
    std::size_t exact = 0;
    for (const Heard::Cycle& cycle : heard.cycles) {
        const auto first = first_frame(cycle);
        if (first) ++exact;
        for (std::size_t i = 0; i < cycle.samples[0].size(); ++i)
            for (std::size_t channel = 0; channel < 2; ++channel)
                ASSERT_EQ(cycle.samples[channel][i], first ? 0.5f * test::noise(*first + i, channel) : 0.0f) << "clock " << cycle.clock + i;
    }
    EXPECT_GT(exact, 0u);
}

TEST_F(PipeWireHostTest, gives_every_node_of_a_cycle_the_same_clock)
{
    Heard heard;
    const auto say_clock = [](const Block& block) {
        for (float* output : block.outputs)
            for (std::uint32_t i = 0; i < block.frames; ++i) output[i] = static_cast<float>((block.transport.clock + i) % (1u << 24));
    };
    std::atomic<std::uint64_t> differences{0};
    const auto compare = [&](const Block& block) {
        for (std::uint32_t i = 0; i < block.frames; ++i) {
            const auto expected = static_cast<float>((block.transport.clock + i) % (1u << 24));
            if (block.inputs[0][i] != expected || block.inputs[1][i] != expected) ++differences;
        }
    };
    Stage stage(server.remote());
    const auto clock = stage.add("clock", stereo(false, true), say_clock);
    const auto judge = stage.add("judge", stereo(true, false), compare);
    for (std::uint32_t channel : {0u, 1u}) stage.wire(clock, channel, judge, channel);
    stage.build();
    ASSERT_TRUE(stage.settles());
    const auto before = differences.load();
    stage.pass_cycles(50);
    EXPECT_EQ(differences.load(), before);
}

TEST_F(PipeWireHostTest, runs_nodes_that_nothing_is_linked_to)
{
    Stage stage(server.remote());
    for (const char* name : {"a", "b", "c"}) stage.add(name, stereo(true, true), pass);
    stage.build();
    ASSERT_TRUE(stage.settles());
    EXPECT_EQ(stage.host().running(), (std::vector<bool>{true, true, true}));
    stage.pass_cycles(10);
}

TEST_F(PipeWireHostTest, keeps_its_clock_when_the_driver_changes)
{
    std::atomic<Frames> next{0};
    std::atomic<int> jumps{0};
    const auto watch = [&](const Block& block) {
        if (next != 0 && block.transport.clock != next) ++jumps;
        next = block.transport.clock + block.frames;
    };
    Stage stage(server.remote());
    const auto track = stage.add("track", stereo(false, true), watch);
    stage.feed(track, pattern("card"));
    stage.build();
    ASSERT_TRUE(stage.settles());
    const std::string before = stage.host().server().driver;
    server.plug("card");
    ASSERT_TRUE(stage.until([&] { return stage.host().server().driver == "card"; })) << before;
    stage.pass_cycles(20);
    EXPECT_EQ(stage.said("driven by card now"), 1);
    // One that it was late for is missed without a jump.
    EXPECT_LE(static_cast<std::uint64_t>(jumps.load()), stage.host().xruns());
}

TEST_F(PipeWireHostTest, counts_the_cycle_that_one_node_of_several_is_late_for)
{
    std::atomic<bool> stall{false};
    Stage stage(server.remote());
    const auto quick = stage.add("quick", stereo(false, true), play_noise);
    const auto slow = stage.add("slow", stereo(true, true), [&](const Block& block) {
        pass(block);
        if (!stall.exchange(false)) return;
        // A little longer than the cycle: nobody is left out of one.
        const std::chrono::duration<double> stalled(1.2 * block.frames / 48000);
        for (const auto began = std::chrono::steady_clock::now(); std::chrono::steady_clock::now() - began < stalled;) {}
    });
    for (std::uint32_t channel : {0u, 1u}) stage.wire(quick, channel, slow, channel);
    stage.feed(slow, speakers());
    stage.build();
    ASSERT_TRUE(stage.settles());
    const std::uint64_t before = stage.host().xruns();
    stall = true;
    EXPECT_TRUE(stage.until([&] { return stage.host().xruns() > before; }));
}

/// Returns when no thread of it is left that does anything.
void stop(int pid)
{
    const auto stands = [](const std::filesystem::path& thread) {
        std::string words;
        std::getline(std::ifstream(thread / "stat"), words);
        return words.find(") T ") != std::string::npos;
    };
    kill(pid, SIGSTOP);
    const std::filesystem::path threads = "/proc/" + std::to_string(pid) + "/task";
    while (!std::ranges::all_of(std::filesystem::directory_iterator(threads), stands)) {}
}

TEST_F(PipeWireHostTest, goes_through_a_chain_while_the_server_stands_still)
{
    std::atomic<bool> stop_now{false};
    std::atomic<bool> stopped{false};
    std::atomic<bool> gone_through{false};
    Stage stage(server.remote());
    const auto first = stage.add("first", stereo(false, true), [&](const Block& block) {
        play_noise(block);
        if (!stop_now.exchange(false)) return;
        stop(server.server().pid());
        stopped = true;
    });
    const auto middle = stage.add("middle", stereo(true, true), pass);
    const auto last = stage.add("last", stereo(true, true), [&](const Block& block) {
        pass(block);
        if (stopped) gone_through = true;
    });
    for (std::uint32_t channel : {0u, 1u}) {
        stage.wire(first, channel, middle, channel);
        stage.wire(middle, channel, last, channel);
    }
    stage.feed(last, speakers());
    stage.build();
    ASSERT_TRUE(stage.settles());
    stage.pass_cycles(10);
    stop_now = true;
    EXPECT_TRUE(stage.until([&] { return gone_through.load(); }));
    kill(server.server().pid(), SIGCONT);
    stage.pass_cycles(10);
}

TEST_F(PipeWireHostTest, reports_the_latency_of_the_path)
{
    Stage stage(server.remote());
    const auto first = stage.add("first", stereo(false, true), play_noise, 100);
    const auto second = stage.add("second", stereo(true, true), pass, 30);
    for (std::uint32_t channel : {0u, 1u}) stage.wire(first, channel, second, channel);
    stage.build();
    ASSERT_TRUE(stage.settles());
    stage.pass_cycles(10);
    const auto latency_at = [&](const std::string& alias, const std::string& direction) {
        for (const auto& object : server.dump()) {
            if (object.value("type", "") != "PipeWire:Interface:Port" || object["info"]["props"].value("port.alias", "") != alias) continue;
            for (const auto& latency : object["info"]["params"]["Latency"])
                if (latency.value("direction", "") == direction) return latency.value("minRate", -1);
        }
        return -1;
    };
    EXPECT_EQ(latency_at("band.second:output_FL", "Output"), 100 + 30);
    EXPECT_EQ(latency_at("band.second:input_FL", "Input"), 30);
    EXPECT_EQ(latency_at("band.first:output_FL", "Input"), 30);
}

TEST_F(PipeWireHostTest, runs_sixty_four_tracks_into_one_mixer)
{
    constexpr std::uint32_t tracks = 64;
    Stage stage(server.remote(), "show");
    Ports console = test::mono_ports(0, 0);
    for (std::uint32_t track = 0; track < tracks; ++track) console.inputs.push_back({"track" + std::to_string(track), ChannelLayout::stereo()});
    console.outputs.push_back({"main", ChannelLayout::stereo()});
    const auto mix = stage.add("mix", console, pass);
    for (std::uint32_t track = 0; track < tracks; ++track) {
        const auto source = stage.add("track" + std::to_string(track), stereo(false, true), play_noise);
        for (std::uint32_t channel : {0u, 1u}) stage.wire(source, channel, mix, 2 * track + channel);
    }
    stage.feed(mix, speakers());
    stage.build();
    ASSERT_TRUE(stage.settles());
    stage.pass_cycles(20);
    EXPECT_TRUE(stage.host().settled());
    EXPECT_EQ(stage.host().links().size(), 2u * tracks + 2u);
}

TEST_F(PipeWireHostTest, starts_a_node_anew_that_stands_still)
{
    Stage stage(server.remote());
    const auto track = stage.add("track", stereo(false, true), play_noise);
    const auto bus = stage.add("bus", stereo(true, true), pass);
    for (std::uint32_t channel : {0u, 1u}) stage.wire(track, channel, bus, channel);
    stage.feed(bus, speakers());
    stage.build();
    ASSERT_TRUE(stage.settles());
    const auto links = server.links();
    // The second time in a row all are linked anew.
    for (int round = 1; round <= 2; ++round) {
        const std::string id = std::to_string(server.node("band.bus").value("object.id", 0));
        static_cast<void>(server.command("pw-cli send-command " + id + " Pause '{}'"));
        ASSERT_TRUE(stage.until([&] { return stage.said("band.bus stood still; starting it anew") == round; })) << round;
        ASSERT_TRUE(stage.settles()) << round;
        EXPECT_EQ(server.links(), links) << round;
    }
    EXPECT_EQ(stage.said("cut by hand"), 0);
}

TEST_F(PipeWireHostTest, says_once_that_a_private_server_went_away_for_good)
{
    Stage stage(server.remote(), "band", true);
    const auto track = stage.add("track", stereo(false, true), play_noise);
    stage.feed(track, speakers());
    stage.build();
    ASSERT_TRUE(stage.settles());
    int lost = 0;
    int turns = 0;
    stage.host().on_lost([&] { ++lost; });
    kill(server.server().pid(), SIGKILL);
    ASSERT_TRUE(stage.until([&] { return lost > 0 && ++turns > 20; }));
    EXPECT_EQ(lost, 1);
    EXPECT_FALSE(stage.host().settled());
}

TEST_F(PipeWireHostTest, says_that_the_server_went_away_while_the_graph_is_built)
{
    Stage stage(server.remote());
    kill(server.server().pid(), SIGKILL);
    const auto built = stage.host().build({});
    ASSERT_FALSE(built);
    EXPECT_EQ(built.error().message, "the PipeWire server went away");
}

TEST_F(PipeWireHostTest, leaves_nothing_behind)
{
    {
        Stage stage(server.remote());
        const auto track = stage.add("track", stereo(false, true), play_noise);
        stage.feed(track, speakers());
        stage.build();
        ASSERT_TRUE(stage.settles());
    }
    EXPECT_TRUE(server.links().empty());
    EXPECT_TRUE(server.node("band.track").is_null());
}

TEST_F(PipeWireHostTest, hears_signals_that_arrive_on_any_thread)
{
    Stage stage(server.remote());
    int heard = 0;
    stage.host().on_signal(SIGUSR1, [&] { ++heard; });
    std::thread([] { raise(SIGUSR1); }).join();
    EXPECT_TRUE(stage.until([&] { return heard == 1; }));
}

TEST(PipeWireHost, says_what_to_do_when_there_is_no_server)
{
    const auto host = PipeWireHost::connect({.remote = "/nonexistent/pipewire-0", .session = "band", .quantum = {}, .rate_hz = {}});
    ASSERT_FALSE(host);
    EXPECT_EQ(host.error().message, "cannot connect to PipeWire (remote /nonexistent/pipewire-0): No such file or directory; is it running? "
                                    "`--private` starts one of its own");
}

}  // namespace
}  // namespace stemwire::host
