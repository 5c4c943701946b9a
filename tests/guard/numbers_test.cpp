// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>

#include "tests/guard/node_rig.hpp"
#include "tests/support/denormals.hpp"

namespace stemwire::test {
namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();
constexpr float hostile[] = {std::numeric_limits<float>::quiet_NaN(), infinite, -infinite, std::numeric_limits<float>::denorm_min(), 1e30f, -1e30f,
                             std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest()};

/// The first output that is no number, or above a bound, among the first frames of a cycle.
std::optional<std::string> wrong(const NodeRig& rig, std::uint32_t frames, float bound)
{
    for (std::size_t channel = 0; channel < rig.outputs().size(); ++channel)
        for (std::uint32_t frame = 0; frame < frames; ++frame)
            if (const float sample = rig.outputs()[channel][frame]; !(std::abs(sample) <= bound))
                return std::to_string(sample) + " in channel " + std::to_string(channel) + " at frame " + std::to_string(frame);
    return std::nullopt;
}

/// Cycles that a node needs to forget all that it has heard.
int forgetting(const NodeRig& rig, std::uint32_t frames)
{
    constexpr Frames longest = 30 * 48'000;
    const Frames tail = std::min(rig.tail(), longest);
    return static_cast<int>((tail + rig.latency() + 48'000) / frames) + 1;
}

class Numbers : public ::testing::Test {
protected:
    /// Every node that has inputs, with a name of the value that it hears.
    template <class Test>
    void each(Test test)
    {
        for (const std::string& text : cases_.texts()) {
            MadeNode made = cases_.make(text);
            if (channel_count(made.ports.inputs) == 0) continue;
            for (const float value : hostile) {
                SCOPED_TRACE(text + " hears " + std::to_string(value));
                NodeRig rig(cases_.make(text));
                test(rig, value);
            }
        }
    }

    NodeCases cases_;
};

TEST_F(Numbers, that_are_none_or_too_large_never_come_out)
{
    each([](NodeRig& rig, float value) {
        for (const bool all : {false, true}) {
            rig.hear([&](std::size_t channel, std::size_t frame) { return all || (frame == 500 && channel == 0) ? value : 0.1f * noise(frame, channel); });
            for (const std::uint32_t frames : NodeRig::blocks) {
                rig.run(frames);
                const auto found = wrong(rig, frames, std::numeric_limits<float>::max());
                ASSERT_FALSE(found) << *found;
            }
        }
    });
}

TEST_F(Numbers, that_are_none_or_too_large_are_forgotten_within_the_tail)
{
    constexpr std::uint32_t frames = largest_quantum;
    each([](NodeRig& rig, float value) {
        rig.hear([&](std::size_t, std::size_t frame) { return frame % 2'000 == 500 ? value : 0.0f; });
        rig.run(frames);
        rig.hear([](std::size_t, std::size_t) { return 0.0f; });
        for (int cycle = forgetting(rig, frames); cycle > 0; --cycle) rig.run(frames);
        const auto rings = wrong(rig, frames, 1e-4f);
        ASSERT_FALSE(rings) << "after the tail there is still " << *rings;
        // And sound passes again, nothing being stuck at zero.
        rig.hear([](std::size_t channel, std::size_t frame) { return 0.1f * noise(frame, channel); });
        for (int cycle = forgetting(rig, frames); cycle > 0; --cycle) rig.run(frames);
        if (!rig.outputs().empty()) {
            EXPECT_TRUE(wrong(rig, frames, 1e-6f)) << "nothing sounds any more";
        }
        const auto loud = wrong(rig, frames, 100.0f);
        EXPECT_FALSE(loud) << *loud;
    });
}

TEST_F(Numbers, that_a_node_makes_up_are_silenced_and_counted)
{
    const auto node = std::make_shared<LambdaNode>([](const Block& block) {
        std::fill_n(block.outputs[0], block.frames, 0.5f);
        for (std::size_t i = 0; i < std::size(hostile); ++i) block.outputs[0][i] = hostile[i];
    });
    NodeRig rig({"", node, mono_ports(0, 1)});
    rig.run(64);
    const std::vector<float>& heard = rig.outputs()[0];
    for (std::size_t i = 0; i < std::size(hostile); ++i) EXPECT_NEAR(heard[i], 0.0f, 1e-30f) << hostile[i];
    EXPECT_EQ(heard[std::size(hostile)], 0.5f);
    // All but the denormal, which is a small number.
    EXPECT_EQ(rig.runner().faults(), std::size(hostile) - 1);
    EXPECT_TRUE(rig.runner().take_first_fault());
    EXPECT_FALSE(rig.runner().take_first_fault());
}

TEST(Denormals, are_flushed_in_every_cycle_and_let_be_outside)
{
    bool inside = false;
    NodeRig rig({"", std::make_shared<LambdaNode>([&](const Block&) { inside = flushes_denormals(); }), mono_ports(1, 1)});
    rig.run(64);
    EXPECT_TRUE(inside);
    EXPECT_FALSE(flushes_denormals(false));
}

}  // namespace
}  // namespace stemwire::test
