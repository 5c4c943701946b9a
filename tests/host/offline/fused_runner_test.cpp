// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/fused_runner.hpp"

#include <gtest/gtest.h>

#include "tests/support/lambda_node.hpp"

namespace stemwire::host {
namespace {

using test::LambdaNode;
using test::mono_ports;

LambdaNode::Process gain(float factor)
{
    return [factor](const Block& block) {
        for (std::uint32_t i = 0; i < block.frames; ++i) block.outputs[0][i] = factor * block.inputs[0][i];
    };
}

TEST(FusedRunner, sums_what_comes_from_inside_and_from_outside)
{
    LambdaNode first(gain(2.0f));
    LambdaNode second(gain(3.0f));
    const Ports ports = mono_ports(1, 1);
    const rt::TransportSchedule transport;
    const auto a = std::make_shared<NodeRunner>("a", first, ports, transport);
    const auto b = std::make_shared<NodeRunner>("b", second, ports, transport);
    a->prepare(64, {}, {});
    b->prepare(64, {}, {});
    // in0 -> a -> b -> out, in1 -> b too; the output of `a` leads out as well.
    FusedRunner fused({.name = "stage",
                       .members = {a, b},
                       .slots = {a->slots(), b->slots()},
                       .wires = {{{0, 0}, {1, 0}, false}},
                       .inputs = {{"a_input", 0, 0}, {"gone"}, {"b_input", 1, 0}},
                       .outputs = {{"b_output", 1, 0}, {"gone"}, {"a_output", 0, 0}},
                       .max_frames = 64});
    constexpr std::uint32_t frames = 200;  // more than max_frames
    std::vector<float> in0(frames);
    std::vector<float> in1(frames);
    for (std::uint32_t i = 0; i < frames; ++i) {
        in0[i] = test::noise(i, 1);
        in1[i] = test::noise(i, 2);
    }
    std::vector<float> out(frames);
    std::vector<float> tap(frames);
    std::vector<float> empty(frames, 9.0f);
    const std::vector<const float*> inputs{in0.data(), nullptr, in1.data()};
    const std::vector<float*> outputs{out.data(), empty.data(), tap.data()};
    fused.run(0, inputs, outputs, frames);
    EXPECT_EQ(empty, std::vector<float>(frames, 0.0f));
    for (std::uint32_t i = 0; i < frames; ++i) {
        ASSERT_EQ(tap[i], 2.0f * in0[i]) << i;
        ASSERT_EQ(out[i], 3.0f * (2.0f * in0[i] + in1[i])) << i;
    }
}

TEST(FusedRunner, a_feedback_inside_is_one_cycle_late)
{
    LambdaNode node(gain(0.5f));
    const Ports ports = mono_ports(1, 1);
    const rt::TransportSchedule transport;
    const auto runner = std::make_shared<NodeRunner>("loop", node, ports, transport);
    runner->prepare(64, {}, {});
    FusedRunner fused({.name = "stage",
                       .members = {runner},
                       .slots = {runner->slots()},
                       .wires = {{{0, 0}, {0, 0}, true}},
                       .inputs = {{"input", 0, 0}},
                       .outputs = {{"output", 0, 0}},
                       .max_frames = 64});
    std::vector<float> in(64, 1.0f);
    std::vector<float> out(64);
    const std::vector<const float*> inputs{in.data()};
    const std::vector<float*> outputs{out.data()};
    float expected = 0.0f;
    for (int cycle = 0; cycle < 5; ++cycle) {
        fused.run(static_cast<Frames>(cycle) * 64, inputs, outputs, 64);
        expected = 0.5f * (1.0f + expected);
        EXPECT_EQ(out, std::vector<float>(64, expected)) << cycle;
    }
}

}  // namespace
}  // namespace stemwire::host
