// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/instance.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "session/hosted_graph.hpp"
#include "session/live_status.hpp"
#include "tests/support/temporary_folder.hpp"

namespace stemwire::session {
namespace {

/// An instance that a test edits, and hears one cycle at a time.
class Instances : public ::testing::Test {
protected:
    preset::Preset read(const std::string& nodes)
    {
        auto loaded = preset::load_text("stemwire: 1\nnodes:\n" + nodes, folder_.file("test.yaml"));
        for (const Error& error : loaded.errors) ADD_FAILURE() << to_string(error);
        return loaded.preset.value_or(preset::Preset{});
    }
    void begin(const std::string& nodes)
    {
        auto instance = Instance::make(read(nodes), decoders_);
        ASSERT_TRUE(instance);
        instance_ = std::move(*instance);
        ASSERT_TRUE(instance_->prepare({.rate_hz = 48000, .quantum = 64}).empty());
        instance_->transport().schedule({.at_clock = 0, .cue = {.epoch = 1}, .rolling = true}, 0);
    }
    void edit(const std::string& nodes, const std::vector<NodeOrigin>& origins)
    {
        auto built = instance_->build(read(nodes), origins);
        ASSERT_TRUE(built) << to_string(built.error().front());
        instance_->apply(std::move(*built), 0);
    }
    /// The peak of a source in its latest cycle, after its ramps are over.
    float peak(std::size_t node)
    {
        std::array<std::array<float, 64>, 3> slots{};
        const std::vector<float*> outputs{slots[0].data(), slots[1].data(), slots[2].data()};
        float highest = 0;
        for (int cycle = 0; cycle < 100; ++cycle, clock_ += 64) {
            instance_->runners()[node]->run(clock_, {}, outputs, 64);
            highest = 0;
            for (const auto& slot : slots)
                for (const float sample : slot) highest = std::max(highest, std::abs(sample));
        }
        return highest;
    }

    test::TemporaryFolder folder_;
    media::DecodePool decoders_{0};
    std::unique_ptr<Instance> instance_;
    Frames clock_ = 0;
};

TEST_F(Instances, name_who_was_late_and_in_what)
{
    begin("  a: { type: effects, channels: mono, chain: [ gain: { offload: true } ] }\n  b: { type: effects, channels: mono, chain: [ gain: {} ] }\n");
    EXPECT_EQ(instance_->longest_cycle(), 64u);
    EXPECT_EQ(missed_frames(*instance_), "frames that were not decoded in time: 0");
    // What goes in and what should come out in one and the same cycle has been worked on by nobody.
    std::vector<float> in(largest_quantum, 0.5f);
    std::vector<float> out(largest_quantum);
    const std::array<const float*, 1> inputs{in.data()};
    const std::array<float*, 1> outputs{out.data()};
    instance_->runners()[0]->run(0, inputs, outputs, largest_quantum);
    const auto missing = instance_->runners()[0]->node().missing_frames();
    EXPECT_GT(missing, 0u);
    EXPECT_EQ(missed_frames(*instance_), "frames that were not decoded in time: 0, not worked out in time by a thread of its own (a): " + std::to_string(missing));
}

TEST_F(Instances, let_an_isolated_node_that_works_in_the_cycle_be_late_by_the_quantum_all_the_same)
{
    const std::string chain = "type: effects, channels: mono, chain: [ gain: { gain: 0 dB } ] }\n";
    begin("  here: { " + chain + "  apart: { isolate: true, " + chain);
    EXPECT_EQ(instance_->graph().nodes[0].latency, 0u);
    EXPECT_EQ(instance_->graph().nodes[1].latency, 64u);
    std::array<float, 64> in{};
    std::array<float, 64> out{};
    const std::array<const float*, 1> inputs{in.data()};
    const std::array<float*, 1> outputs{out.data()};
    for (int cycle = 0; cycle < 3; ++cycle) {
        for (int i = 0; i < 64; ++i) in[static_cast<std::size_t>(i)] = static_cast<float>(64 * cycle + i + 1) / 1024.0f;
        instance_->runners()[1]->run(64u * static_cast<unsigned>(cycle), inputs, outputs, 64);
        for (int i = 0; i < 64; ++i) EXPECT_EQ(out[static_cast<std::size_t>(i)], cycle == 0 ? 0.0f : static_cast<float>(64 * (cycle - 1) + i + 1) / 1024.0f);
    }
}

constexpr auto tone = "  tone: { type: generator, signal: sine, frequency: 3000 Hz, level: ";

TEST_F(Instances, a_changed_value_is_set_on_the_node_that_plays)
{
    begin(std::string(tone) + "0 dB }\n");
    Node* playing = &instance_->runners()[0]->node();
    edit(std::string(tone) + "-20 dB }\n", {{0, false}});
    EXPECT_EQ(&instance_->runners()[0]->node(), playing);
    EXPECT_NEAR(peak(0), 0.1, 1e-3);
}

TEST_F(Instances, a_value_that_control_has_set_outlives_an_edit_of_others)
{
    begin(std::string(tone) + "0 dB, channels: mono }\n");
    instance_->runners()[0]->node().live().find("level")->set(-40.0);
    edit(std::string(tone) + "0 dB, channels: stereo }\n", {{0, true}});
    EXPECT_NEAR(peak(0), 0.01, 1e-4);
    edit(std::string(tone) + "-20 dB, channels: stereo }\n", {{0, false}});
    EXPECT_NEAR(peak(0), 0.1, 1e-3);
}

TEST_F(Instances, an_edit_that_cannot_be_built_leaves_everything_as_it_is)
{
    begin(std::string(tone) + "0 dB }\n");
    preset::Preset next = read(std::string(tone) + "0 dB }\n  more: { type: generator }\n");
    NodeType broken = *next.nodes[1].type;
    broken.make = [](const NodeSource&) -> Expected<std::unique_ptr<Node>> { return failure("no such thing"); };
    next.nodes[1].type = &broken;
    const auto built = instance_->build(next, {{0, false}, {std::nullopt, false}});
    ASSERT_FALSE(built);
    EXPECT_EQ(built.error().front().message, "more: no such thing");
    EXPECT_EQ(instance_->preset().nodes.size(), 1u);
    EXPECT_NEAR(peak(0), 1.0, 1e-3);
}

TEST_F(Instances, nodes_come_go_and_change_places_by_their_origins)
{
    begin("  a: { type: generator, signal: sine, level: 0 dB }\n  b: { type: generator, signal: sine, level: -20 dB }\n");
    const auto b = instance_->shared_runners()[1];
    edit("  c: { type: generator, signal: sine, level: -40 dB }\n  b: { type: generator, signal: sine, level: -20 dB }\n", {{std::nullopt, false}, {1, false}});
    EXPECT_EQ(instance_->shared_runners()[1], b);
    EXPECT_NEAR(peak(0), 0.01, 1e-4);
    EXPECT_NEAR(peak(1), 0.1, 1e-3);
}

TEST_F(Instances, a_fused_group_keeps_its_runner_until_it_changes_and_its_ports_their_slots)
{
    const std::string fuse = "links: [tone -> mix:in]\nfuse: { stage: [tone, mix] }\n";
    const std::string before = "  tone: { type: generator }\n  mix: { type: mixer, buses: { main: stereo }, channels: { in: {} } }\n";
    const std::string after = "  tone: { type: generator }\n  mix: { type: mixer, buses: { send: mono, main: stereo }, channels: { in: {} } }\n";
    begin(before + fuse);
    const auto first = host_graph(*instance_);
    ASSERT_TRUE(first);
    edit(before + fuse, {{0, false}, {1, false}});
    const auto second = host_graph(*instance_, *first);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->units[0].runner, first->units[0].runner);
    edit(after + fuse, {{0, false}, {1, true}});
    const auto third = host_graph(*instance_, *second);
    ASSERT_TRUE(third);
    EXPECT_NE(third->units[0].runner, first->units[0].runner);
    const auto slot = [](const HostedGraph& graph, const std::string& name) { return std::ranges::find(graph.units[0].outputs, name, &host::HostedPort::name)->slot; };
    EXPECT_EQ(slot(*third, "mix_main_FL"), slot(*first, "mix_main_FL"));
    EXPECT_EQ(slot(*third, "mix_main_FR"), slot(*first, "mix_main_FR"));
}

}  // namespace
}  // namespace stemwire::session
