// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/pipewire_host.hpp"

#include <array>
#include <csignal>
#include <deque>
#include <optional>

#include <gtest/gtest.h>

#include "host/node_runner.hpp"
#include "tests/support/lambda_node.hpp"
#include "tests/support/private_pipewire.hpp"

namespace stemwire::host {
namespace {

using namespace std::chrono_literals;
using test::LambdaNode;
using test::PrivatePipeWire;

/// Waiting ends with a state; this only ends a test that fails.
constexpr auto patience = 20s;

/// Nodes and links of one test, and the host that runs them.
class Stage {
public:
    explicit Stage(const std::string& remote, std::string session = "band") : session_(std::move(session))
    {
        auto connected = PipeWireHost::connect({.remote = remote, .session = session_, .quantum = {}, .rate_hz = {}});
        if (!connected) {
            ADD_FAILURE() << connected.error().message;
            return;
        }
        host_ = std::move(*connected);
        host_->on_message([this](const std::string& text) { messages_.push_back(text); });
        host_->every(5ms, [this] {
            if ((goal_ && goal_()) || std::chrono::steady_clock::now() > deadline_) host_->quit();
        });
    }

    std::uint32_t add(const std::string& name, Ports ports, LambdaNode::Process process, std::uint32_t latency = 0)
    {
        Made& made = made_.emplace_back(std::move(ports), std::move(process), latency);
        made.runner = std::make_unique<NodeRunner>(name, made.node, made.ports, schedule_);
        made.runner->prepare(largest_quantum, {}, {});
        graph_.nodes.push_back({name, static_cast<std::uint32_t>(channel_count(made.ports.inputs)),
                                static_cast<std::uint32_t>(channel_count(made.ports.outputs)), latency});
        return static_cast<std::uint32_t>(made_.size() - 1);
    }
    void wire(std::uint32_t from, std::uint32_t from_port, std::uint32_t to, std::uint32_t to_port)
    {
        graph_.wires.push_back({{from, from_port}, {to, to_port}});
    }
    void feed(std::uint32_t node, HostedExternal external, const ChannelLayout& layout = ChannelLayout::stereo())
    {
        graph_.outer_links.push_back({node, static_cast<std::uint32_t>(externals_.size()), true, 0, layout, ""});
        externals_.push_back(std::move(external));
    }
    void listen(std::uint32_t node, HostedExternal external, const ChannelLayout& layout = ChannelLayout::stereo())
    {
        feed(node, std::move(external), layout);
        graph_.outer_links.back().outward = false;
    }

    void build()
    {
        std::vector<HostedNode> nodes;
        for (Made& made : made_)
            nodes.push_back({session_ + "." + made.runner->name(), session_ + " " + made.runner->name(), made.runner.get(), made.latency});
        graph_.externals = static_cast<std::uint32_t>(externals_.size());
        graph::mark_feedback(graph_);
        const auto built = host_->build(std::move(nodes), externals_, graph_);
        ASSERT_TRUE(built) << built.error().message;
    }
    /// Runs the host's loop until the goal is reached.
    [[nodiscard]] bool until(std::function<bool()> goal)
    {
        goal_ = std::move(goal);
        deadline_ = std::chrono::steady_clock::now() + patience;
        host_->run();
        return goal_();
    }
    [[nodiscard]] bool settles()
    {
        return until([this] { return host_->settled(); });
    }
    /// Lets the server answer whatever it was told before now: so many of its cycles go by.
    void pass_cycles(Frames count)
    {
        const Frames end = host_->clock() + count * host_->server().quantum;
        EXPECT_TRUE(until([&] { return host_->clock() >= end; }));
    }
    [[nodiscard]] int said(const std::string& text) const
    {
        return static_cast<int>(std::ranges::count_if(messages_, [&](const std::string& message) { return message.find(text) != std::string::npos; }));
    }
    PipeWireHost& host() { return *host_; }
    void end() { host_.reset(); }

private:
    struct Made {
        Made(Ports with_ports, LambdaNode::Process process, std::uint32_t frames) : ports(std::move(with_ports)), node(std::move(process), frames), latency(frames) {}
        Ports ports;
        LambdaNode node;
        std::uint32_t latency;
        std::unique_ptr<NodeRunner> runner;
    };
    std::string session_;
    rt::TransportSchedule schedule_;
    std::deque<Made> made_;
    graph::Graph graph_;
    std::vector<HostedExternal> externals_;
    std::vector<std::string> messages_;
    std::function<bool()> goal_;
    std::chrono::steady_clock::time_point deadline_;
    std::unique_ptr<PipeWireHost> host_;  ///< before the nodes
};

HostedExternal speakers()
{
    return {.name = "speakers"};
}

HostedExternal pattern(const std::string& nodes, const std::string& ports = "*")
{
    return {.name = "other", .what = HostedExternal::What::pattern, .node_glob = nodes, .port_glob = ports};
}

Ports stereo(bool in, bool out)
{
    Ports ports;
    if (in) ports.inputs.push_back({"input", ChannelLayout::stereo()});
    if (out) ports.outputs.push_back({"output", ChannelLayout::stereo()});
    return ports;
}

void play_noise(const Block& block)
{
    for (std::size_t channel = 0; channel < block.outputs.size(); ++channel)
        for (std::uint32_t i = 0; i < block.frames; ++i) block.outputs[channel][i] = test::noise(block.transport.clock + i, channel);
}

void pass(const Block& block)
{
    for (std::size_t channel = 0; channel < block.outputs.size(); ++channel) std::copy_n(block.inputs[channel], block.frames, block.outputs[channel]);
}

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

class PipeWireHostTest : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(server.runs()) << server.error(); }
    PrivatePipeWire server;
};

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
    EXPECT_EQ(stage.host().server().driver, "null-sink");
    EXPECT_EQ(stage.host().server().name, "pipewire-0");
    EXPECT_EQ(stage.host().server().rate_hz, 48000);
    EXPECT_EQ(stage.host().server().quantum, 256u);
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

TEST_F(PipeWireHostTest, leaves_a_link_that_was_cut_by_hand)
{
    Stage stage(server.remote());
    const auto track = stage.add("track", stereo(false, true), play_noise);
    const auto bus = stage.add("bus", stereo(true, true), pass);
    for (std::uint32_t channel : {0u, 1u}) stage.wire(track, channel, bus, channel);
    stage.feed(bus, speakers());
    stage.build();
    ASSERT_TRUE(stage.settles());
    const auto state = [&](std::size_t link) { return stage.host().links()[link].state; };

    EXPECT_EQ(server.command("pw-link -d band.track:output_FL band.bus:input_FL"), "");
    ASSERT_TRUE(stage.until([&] { return state(0) == LinkState::cut; }));
    stage.pass_cycles(40);
    EXPECT_FALSE(server.linked("band.track:output_FL", "band.bus:input_FL"));
    EXPECT_TRUE(server.linked("band.track:output_FR", "band.bus:input_FR"));
    EXPECT_TRUE(stage.host().settled());

    EXPECT_EQ(server.command("pw-link band.track:output_FL band.bus:input_FL"), "");
    ASSERT_TRUE(stage.until([&] { return state(0) == LinkState::made; }));
}

TEST_F(PipeWireHostTest, leaves_links_that_others_made)
{
    Stage stage(server.remote());
    const auto track = stage.add("track", stereo(false, true), play_noise);
    stage.feed(track, speakers());
    stage.add("bus", stereo(true, true), pass);
    stage.build();
    ASSERT_TRUE(stage.settles());
    EXPECT_EQ(server.command("pw-link band.track:output_FR band.bus:input_FL"), "");
    EXPECT_EQ(server.command("pw-link -d band.track:output_FL null-sink:playback_FL"), "");
    ASSERT_TRUE(stage.until([&] { return stage.host().links()[0].state == LinkState::cut; }));
    EXPECT_TRUE(server.linked("band.track:output_FR", "band.bus:input_FL"));
}

TEST_F(PipeWireHostTest, links_a_device_when_it_appears_and_again_when_it_is_back)
{
    Stage stage(server.remote());
    const auto track = stage.add("track", stereo(false, true), play_noise);
    stage.feed(track, pattern("usb-*"));
    stage.build();
    ASSERT_TRUE(stage.settles());
    const auto state = [&] { return stage.host().links().front().state; };
    EXPECT_EQ(state(), LinkState::waiting);
    EXPECT_EQ(stage.said("waiting for other (usb-*)"), 1);
    for (int round = 0; round < 2; ++round) {
        server.plug("usb-card");
        ASSERT_TRUE(stage.until([&] { return state() == LinkState::made && stage.host().settled(); })) << round;
        EXPECT_TRUE(server.linked("band.track:output_FL", "usb-card:playback_FL"));
        EXPECT_TRUE(server.linked("band.track:output_FR", "usb-card:playback_FR"));
        server.unplug("usb-card");
        ASSERT_TRUE(stage.until([&] { return state() == LinkState::waiting; })) << round;
        stage.pass_cycles(10);
    }
    EXPECT_EQ(stage.said("cut by hand"), 0);
    EXPECT_EQ(stage.said("waiting for other (usb-*)"), 3);
}

TEST_F(PipeWireHostTest, follows_the_default_sink)
{
    server.plug("other-sink");
    Stage stage(server.remote());
    const auto track = stage.add("track", stereo(false, true), play_noise);
    stage.feed(track, speakers());
    stage.build();
    ASSERT_TRUE(stage.settles());
    const auto made_to = [&](const std::string& port) {
        const auto links = stage.host().links();
        return std::ranges::any_of(links, [&](const LinkStatus& link) { return link.to == port && link.state == LinkState::made; }) && stage.host().settled();
    };
    for (const std::string sink : {"other-sink", "null-sink", "other-sink"}) {
        static_cast<void>(server.command("pw-metadata 0 default.audio.sink '{ \"name\": \"" + sink + "\" }'"));
        ASSERT_TRUE(stage.until([&] { return made_to(sink + ":playback_FL") && made_to(sink + ":playback_FR"); })) << sink;
        const std::vector<std::string> expected{"band.track:output_FL -> " + sink + ":playback_FL", "band.track:output_FR -> " + sink + ":playback_FR"};
        EXPECT_EQ(server.links(), expected);
    }
    EXPECT_EQ(stage.said("cut by hand"), 0);
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
    EXPECT_EQ(static_cast<std::uint64_t>(jumps.load()), stage.host().xruns());
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

TEST_F(PipeWireHostTest, says_once_that_the_server_went_away)
{
    Stage stage(server.remote());
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
