// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/jack/jack_host.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <ranges>

#include "host/offline/offline_host.hpp"
#include "tests/host/jack/jack_stage.hpp"

namespace stemwire::host {
namespace {

using test::Ear;
using test::JackServer;
using test::JackStage;
using test::mono_ports;

/// Both ways of standing on the graph.
class JackHostIn : public testing::TestWithParam<bool> {
protected:
    void SetUp() override
    {
        if (!server.error().empty()) GTEST_SKIP() << "no JACK server can be started here: " << server.error();
    }
    [[nodiscard]] bool one_client() const { return GetParam(); }
    /// A port of ours in full.
    [[nodiscard]] std::string port(const std::string& node, const std::string& name) const { return one_client() ? "band:" + node + "/" + name : "band." + node + ":" + name; }

    JackServer server;
};

INSTANTIATE_TEST_SUITE_P(Clients, JackHostIn, testing::Bool(), [](const auto& clients) { return clients.param ? "one" : "each"; });

/// Frames that a float holds exactly.
constexpr std::uint32_t ramp_length = 1u << 23;

/// What tells at which frame of the session's clock a sample was made.
void ramp(const Block& block)
{
    for (std::uint32_t i = 0; i < block.frames; ++i) block.outputs[0][i] = static_cast<float>((block.transport.clock + i) % ramp_length) / ramp_length;
}

Frames frame_of(float sample)
{
    return static_cast<Frames>(sample * ramp_length);
}

test::LambdaNode::Process noise(std::uint64_t seed)
{
    return [seed](const Block& block) {
        for (std::uint32_t i = 0; i < block.frames; ++i) block.outputs[0][i] = test::noise(block.transport.clock + i, seed);
    };
}

void mix(const Block& block)
{
    for (std::uint32_t i = 0; i < block.frames; ++i) {
        float sum = 0;
        for (const float* input : block.inputs) sum += 0.25f * input[i];
        block.outputs[0][i] = sum;
    }
}

const rt::TransportSchedule& schedule_of_its_own()
{
    static const rt::TransportSchedule schedule;
    return schedule;
}

HostedExternal ear_port(const std::string& port)
{
    return {.name = "ear", .what = HostedExternal::What::pattern, .node_glob = "ear", .port_glob = port};
}

/// What the offline host makes of the same nodes and wires; [output of the last node][frame].
std::vector<float> render(const Wanted& wanted, std::uint32_t node, std::size_t frames)
{
    std::vector<NodeRunner*> runners;
    for (const HostedNode& hosted : wanted.nodes) runners.push_back(static_cast<NodeRunner*>(hosted.runner.get()));
    OfflineHost offline(wanted.graph, runners, {});
    std::vector<float> heard;
    offline.tap(node, [&](Frames, std::span<const float* const> channels, std::uint32_t count) -> Expected<bool> {
        heard.insert(heard.end(), channels[0], channels[0] + count);
        return heard.size() < frames;
    });
    const std::atomic<bool> never{false};
    EXPECT_TRUE(offline.run(never));
    return heard;
}

/// A ramp, two noises, their mix, and an ear that hears ramp and mix.
struct Band {
    Band(JackServer& server, bool one_client, std::uint32_t latency = 0) : ear(server.name(), 2), stage(server.name(), one_client)
    {
        if (!stage.connected()) return;
        clock = stage.add("clock", mono_ports(0, 1), ramp);
        low = stage.add("low", mono_ports(0, 1), noise(1));
        high = stage.add("high", mono_ports(0, 1), noise(2));
        mixer = stage.add("mix", mono_ports(2, 1), mix, latency);
        stage.wire(low, 0, mixer, 0);
        stage.wire(high, 0, mixer, 1);
        stage.feed(clock, ear_port("in_1"), ChannelLayout::mono());
        stage.feed(mixer, ear_port("in_2"), ChannelLayout::mono());
    }
    /// Waits until the ear has heard this many frames more.
    [[nodiscard]] bool hears(std::size_t frames)
    {
        const std::size_t end = ear.frames() + frames;
        ear.listen();
        return stage.until([&] { return ear.frames() >= end; });
    }

    /// Whether the mix that is heard for a while is what the offline host computes, tried until a stretch comes without a late cycle: then a server
    /// lets old samples be heard, or none, and a machine that is shared with others has such cycles.
    [[nodiscard]] bool sounds_like_offline(std::size_t frames)
    {
        for (int attempt = 0; attempt < 20; ++attempt) {
            const std::size_t from = ear.frames();
            if (!hears(frames)) return false;
            const std::vector<float> offline = render(stage.wanted, mixer, frame_of(ear.heard[0][from + frames - 1]) + 1);
            const auto same = [&](std::size_t frame) {
                const Frames at = frame_of(ear.heard[0][frame]);
                return at < offline.size() && ear.heard[1][frame] == offline[at];
            };
            const auto stretch = std::views::iota(from, from + frames);
            if (std::ranges::all_of(stretch, same)) return true;
        }
        return false;
    }
    /// The steepest step between two samples of the mix since `from`.
    [[nodiscard]] float steepest_step(std::size_t from) const
    {
        float steepest = 0;
        for (std::size_t frame = from + 1; frame < ear.frames(); ++frame) steepest = std::max(steepest, std::abs(ear.heard[1][frame] - ear.heard[1][frame - 1]));
        return steepest;
    }

    Ear ear;
    JackStage stage;
    std::uint32_t clock = 0;
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    std::uint32_t mixer = 0;
};

TEST_P(JackHostIn, puts_up_nodes_ports_and_links)
{
    Band band(server, one_client());
    band.stage.build();
    ASSERT_TRUE(band.stage.settles());
    EXPECT_EQ(band.stage.host().links().size(), 4u);
    EXPECT_TRUE(band.stage.all_links_made());
    EXPECT_TRUE(band.stage.link_is(port("low", "output0_MONO"), port("mix", "input0_MONO"), LinkState::made));
    EXPECT_TRUE(band.stage.link_is(port("mix", "output0_MONO"), "ear:in_2", LinkState::made));
    EXPECT_EQ(band.stage.host().running(), std::vector<bool>(4, true));
    EXPECT_EQ(band.stage.host().server().rate_hz, 48000.0);
    EXPECT_EQ(band.stage.host().server().quantum, 256u);
    EXPECT_EQ(band.stage.host().backend(), "jack");
}

TEST_P(JackHostIn, sounds_as_the_offline_host_computes)
{
    Band band(server, one_client());
    band.stage.build();
    ASSERT_TRUE(band.stage.settles());
    EXPECT_TRUE(band.sounds_like_offline(9600));
}

TEST_P(JackHostIn, reports_latency)
{
    Band band(server, one_client(), 100);
    const std::uint32_t later = band.stage.add("later", mono_ports(1, 1), mix, 20);
    band.stage.wire(band.mixer, 0, later, 0);
    band.stage.feed(later, ear_port("in_1"), ChannelLayout::mono());
    band.stage.build();
    ASSERT_TRUE(band.stage.settles());
    const auto at_ear = [&](std::size_t input) { return band.ear.latency(input, JackCaptureLatency).max; };
    EXPECT_TRUE(band.stage.until([&] { return at_ear(1) == 100 && at_ear(0) == 120; })) << at_ear(0) << ", " << at_ear(1);
    band.stage.wanted.nodes[later].latency = 7;
    band.stage.update();
    EXPECT_TRUE(band.stage.until([&] { return at_ear(0) == 107; })) << at_ear(0);
}

TEST_P(JackHostIn, makes_links_when_a_program_comes_back)
{
    Band band(server, one_client());
    band.stage.build();
    ASSERT_TRUE(band.stage.settles());
    band.ear.close();
    EXPECT_TRUE(band.stage.until([&] { return !band.stage.all_links_made(); }));
    EXPECT_TRUE(band.stage.until([&] { return band.stage.said("waiting for ear") > 0; }));
    Ear again(server.name(), 2);
    EXPECT_TRUE(band.stage.until([&] { return band.stage.host().settled() && band.stage.all_links_made(); }));
    EXPECT_EQ(band.stage.said("cut by hand"), 0);
}

TEST_P(JackHostIn, leaves_links_as_the_user_left_them)
{
    Band band(server, one_client());
    band.stage.build();
    ASSERT_TRUE(band.stage.settles());
    const std::string low = port("low", "output0_MONO");
    ASSERT_TRUE(server.unlink(low, port("mix", "input0_MONO")));
    EXPECT_TRUE(band.stage.until([&] { return band.stage.link_is(low, port("mix", "input0_MONO"), LinkState::cut); }));
    ASSERT_TRUE(server.link(low, "ear:in_1"));
    EXPECT_TRUE(band.stage.until([&] { return band.stage.link_is(low, "ear:in_1", LinkState::drawn); }));
    band.stage.wanted.policy = LinkPolicy::enforce;
    band.stage.update();
    EXPECT_TRUE(band.stage.until([&] { return band.stage.host().settled() && band.stage.host().links().size() == 4 && band.stage.all_links_made(); }));
}

TEST_P(JackHostIn, adds_and_removes_nodes_without_a_click)
{
    Band band(server, one_client());
    // What is heard steadily: ones, of which a part comes and goes.
    const auto one = [](const Block& block) { std::fill_n(block.outputs[0], block.frames, 1.0f); };
    const std::uint32_t steady = band.stage.add("steady", mono_ports(0, 1), one);
    band.stage.wire(steady, 0, band.mixer, 0);
    band.stage.wanted.graph.wires.erase(band.stage.wanted.graph.wires.begin(), band.stage.wanted.graph.wires.begin() + 2);
    band.stage.build();
    ASSERT_TRUE(band.stage.settles());
    band.ear.listen();
    const Wanted before = band.stage.wanted;
    // A fade of 5 ms goes from end to end in 240 frames; one link is faded at a time, and each carries 0.25. A round in which a cycle is late is no
    // witness; one without a click is enough, since a change that is not faded clicks in every round.
    const float allowed = 0.25f / 240 * 1.01f;
    bool came_clean = false;
    bool went_clean = false;
    const auto change = [&](float level) {
        const std::size_t from = band.ear.frames();
        band.stage.update();
        EXPECT_TRUE(band.stage.settles());
        EXPECT_TRUE(band.stage.until([&] { return band.ear.frames() > from + 2400 && band.ear.heard[1][band.ear.frames() - 1] == level; }));
        return band.steepest_step(from) <= allowed;
    };
    for (int round = 0; round < 20 && !(came_clean && went_clean); ++round) {
        const std::uint32_t guest = band.stage.add("guest", mono_ports(0, 1), one);
        band.stage.wire(guest, 0, band.mixer, 1);
        came_clean |= change(0.5f);
        band.stage.wanted = before;
        went_clean |= change(0.25f);
    }
    EXPECT_TRUE(came_clean);
    EXPECT_TRUE(went_clean);
}

TEST_P(JackHostIn, changes_the_ports_of_a_node_that_plays)
{
    Band band(server, one_client());
    band.stage.build();
    ASSERT_TRUE(band.stage.settles());
    const Wanted before = band.stage.wanted;
    Wanted& wanted = band.stage.wanted;
    wanted.nodes[band.mixer].inputs.push_back({"input2_MONO", Position::MONO, 2});
    auto runner = std::make_shared<NodeRunner>("mix", std::make_shared<test::LambdaNode>(mix), mono_ports(3, 1), schedule_of_its_own());
    runner->prepare(largest_quantum, {}, {});
    wanted.nodes[band.mixer].runner = runner;
    wanted.graph.nodes[band.mixer].inputs = 3;
    band.stage.wire(band.clock, 0, band.mixer, 2);
    band.stage.update();
    ASSERT_TRUE(band.stage.settles());
    EXPECT_TRUE(band.stage.link_is(port("clock", "output0_MONO"), port("mix", "input2_MONO"), LinkState::made));
    EXPECT_TRUE(band.sounds_like_offline(4800));
    wanted = before;
    band.stage.update();
    ASSERT_TRUE(band.stage.settles());
    EXPECT_FALSE(server.link(port("clock", "output0_MONO"), port("mix", "input2_MONO"))) << "the port is gone";
    EXPECT_EQ(runner.use_count(), 1) << "the host has let go of the old runner";
}

TEST_P(JackHostIn, comes_back_with_the_server)
{
    if (test::on_pipewire()) GTEST_SKIP() << "a PipeWire that is started again has another address";
    Band band(server, one_client());
    band.stage.build();
    ASSERT_TRUE(band.stage.settles());
    std::vector<std::size_t> files;
    for (int round = 1; round <= 3; ++round) {
        const Frames before = band.stage.host().clock();
        // The test's own client must not outlive the server that it knows.
        band.ear.close();
        server.stop(round == 2 ? SIGKILL : SIGTERM);
        ASSERT_TRUE(band.stage.until([&] { return band.stage.said("went away") == round; }));
        EXPECT_FALSE(band.stage.host().settled());
        EXPECT_GE(band.stage.host().clock(), before);
        server.start();
        ASSERT_EQ(server.error(), "");
        ASSERT_TRUE(band.stage.until([&] { return band.stage.said("is back") == round && band.stage.host().settled(); }));
        Ear again(server.name(), 2);
        ASSERT_TRUE(band.stage.until([&] { return band.stage.host().settled() && band.stage.all_links_made(); }));
        EXPECT_GT(band.stage.host().clock(), before);
        using files_of = std::filesystem::directory_iterator;
        files.push_back(static_cast<std::size_t>(std::distance(files_of("/proc/self/fd"), files_of())));
    }
    EXPECT_EQ(files[2], files[1]) << "every return opens as many files as the last one";
}

TEST_P(JackHostIn, runs_twenty_nodes_in_a_chain)
{
    constexpr std::uint32_t length = 20;
    Ear ear(server.name(), 2);
    JackStage stage(server.name(), one_client());
    ASSERT_TRUE(stage.connected());
    const std::uint32_t first = stage.add("source", mono_ports(0, 1), ramp);
    std::uint32_t last = first;
    for (std::uint32_t i = 1; i < length; ++i) {
        const auto next = stage.add("link" + std::to_string(i), mono_ports(1, 1), [](const Block& block) { std::copy_n(block.inputs[0], block.frames, block.outputs[0]); });
        stage.wire(last, 0, next, 0);
        last = next;
    }
    stage.feed(first, ear_port("in_1"), ChannelLayout::mono());
    stage.feed(last, ear_port("in_2"), ChannelLayout::mono());
    stage.build();
    ASSERT_TRUE(stage.settles());
    ear.listen();
    // No node adds a cycle: both ends of the chain are heard together, wherever a cycle is not late.
    EXPECT_TRUE(stage.until([&] {
        const std::size_t end = ear.frames();
        return end >= 2400 && std::equal(ear.heard[0].begin() + static_cast<std::ptrdiff_t>(end - 2400), ear.heard[0].begin() + static_cast<std::ptrdiff_t>(end),
                                         ear.heard[1].begin() + static_cast<std::ptrdiff_t>(end - 2400));
    }));
    EXPECT_EQ(stage.host().running(), std::vector<bool>(length, true));
}

TEST_P(JackHostIn, reads_and_moves_the_servers_transport)
{
    Band band(server, one_client());
    band.stage.build();
    ASSERT_TRUE(band.stage.settles());
    JackHost& jack = band.stage.host();
    ASSERT_TRUE(jack.graph_transport());
    EXPECT_FALSE(jack.graph_transport()->rolling);
    jack.request_locate(96000);
    EXPECT_TRUE(band.stage.until([&] { return jack.graph_transport()->frame == 96000; }));
    jack.request_roll(true);
    EXPECT_TRUE(band.stage.until([&] { return jack.graph_transport()->rolling && jack.graph_transport()->frame > 96000; }));
    jack.request_roll(false);
    EXPECT_TRUE(band.stage.until([&] { return !jack.graph_transport()->rolling; }));
}

TEST(JackHost, says_what_to_do_without_a_server)
{
    const auto host = JackHost::connect({.server = "stemwire-test-none", .session = "band"});
    ASSERT_FALSE(host);
    EXPECT_NE(host.error().message.find("cannot connect to the JACK server"), std::string::npos) << host.error().message;
}

}  // namespace
}  // namespace stemwire::host
