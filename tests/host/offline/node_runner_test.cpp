// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/node_runner.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "tests/support/lambda_node.hpp"

namespace stemwire::host {
namespace {

using test::LambdaNode;
using test::mono_ports;

/// 20 ms at 48 kHz.
constexpr std::size_t handover = 960;

std::shared_ptr<Node> constant(float value)
{
    return std::make_shared<LambdaNode>([value](const Block& block) {
        for (float* output : block.outputs) std::fill_n(output, block.frames, value);
    });
}

std::shared_ptr<Node> gain(float factor, std::uint32_t latency = 0)
{
    return std::make_shared<LambdaNode>(
        [factor](const Block& block) {
            for (std::uint32_t i = 0; i < block.frames; ++i) block.outputs[0][i] = factor * block.inputs[0][i];
        },
        latency);
}

/// The input and, `delay` frames later, the input again.
std::shared_ptr<Node> echo(std::size_t delay)
{
    return std::make_shared<LambdaNode>(
        [history = std::vector<float>(delay, 0.0f), at = std::size_t{0}](const Block& block) mutable {
            for (std::uint32_t i = 0; i < block.frames; ++i) {
                block.outputs[0][i] = block.inputs[0][i] + history[at];
                history[at] = block.inputs[0][i];
                at = (at + 1) % history.size();
            }
        },
        0, delay);
}

/// A runner with one input that hears a signal, in cycles of 64 frames.
class Stage {
public:
    Stage(std::shared_ptr<Node> node, Ports ports) : runner_("node", std::move(node), std::move(ports), transport_) { runner_.prepare(64, {}, {}); }

    NodeRunner& runner() { return runner_; }

    /// What slot `slot` of `slots` outputs says while the input hears `signal(clock)`.
    template <class Signal>
    std::vector<float> play(std::size_t frames, Signal signal, std::size_t slot = 0, std::size_t slots = 1)
    {
        std::vector<float> heard;
        std::vector<float> in(64);
        std::vector<std::vector<float>> out(slots, std::vector<float>(64, 9.0f));
        std::vector<float*> outputs;
        for (auto& output : out) outputs.push_back(output.data());
        const std::vector<const float*> inputs{in.data()};
        for (; heard.size() < frames; clock_ += 64) {
            for (std::size_t i = 0; i < 64; ++i) in[i] = signal(clock_ + i);
            runner_.run(clock_, inputs, outputs, 64);
            heard.insert(heard.end(), out[slot].begin(), out[slot].end());
        }
        return heard;
    }

    Frames clock() const { return clock_; }

private:
    rt::TransportSchedule transport_;
    NodeRunner runner_;
    Frames clock_ = 0;
};

float steady(Frames) { return 1.0f; }

float longest_step(const std::vector<float>& signal)
{
    float longest = 0;
    for (std::size_t i = 1; i < signal.size(); ++i) longest = std::max(longest, std::abs(signal[i] - signal[i - 1]));
    return longest;
}

TEST(NodeRunner, fades_from_one_node_to_the_next_without_a_step)
{
    Stage stage(constant(1.0f), mono_ports(1, 1));
    stage.play(64, steady);
    stage.runner().replace({constant(0.25f), mono_ports(1, 1), {}});
    EXPECT_TRUE(stage.runner().changing());
    const auto heard = stage.play(handover + 64, steady);
    EXPECT_FALSE(stage.runner().changing());
    for (std::size_t i = 0; i < heard.size(); ++i)
        ASSERT_NEAR(heard[i], i < handover ? 1.0 - 0.75 * static_cast<double>(i) / handover : 0.25, 1e-5) << i;
}

TEST(NodeRunner, a_node_that_is_late_is_heard_only_when_it_has_something_to_say)
{
    constexpr std::uint32_t latency = 336;
    const auto late = std::make_shared<LambdaNode>(
        [history = std::vector<float>(latency, 0.0f), at = std::size_t{0}](const Block& block) mutable {
            for (std::uint32_t i = 0; i < block.frames; ++i) {
                block.outputs[0][i] = std::exchange(history[at], block.inputs[0][i]);
                at = (at + 1) % history.size();
            }
        },
        latency);
    for (const std::vector<std::uint32_t>& delay : {std::vector<std::uint32_t>{}, {200}}) {
        Stage stage(gain(1.0f), mono_ports(1, 1));
        stage.play(64, steady);
        stage.runner().replace({late, mono_ports(1, 1), {delay, delay}});
        for (const float sample : stage.play(4 * handover, steady)) ASSERT_NEAR(sample, 1.0f, 1e-5f);
        EXPECT_FALSE(stage.runner().changing());
    }
}

TEST(NodeRunner, a_like_node_in_its_place_is_not_heard)
{
    const auto noise = [](Frames frame) { return test::noise(frame); };
    Stage stage(gain(0.5f), mono_ports(1, 1));
    stage.play(64, noise);
    stage.runner().replace({gain(0.5f), mono_ports(1, 1), {}});
    const auto heard = stage.play(2 * handover, noise);
    for (std::size_t i = 0; i < heard.size(); ++i) ASSERT_NEAR(heard[i], 0.5f * test::noise(64 + i), 1e-6) << i;
}

TEST(NodeRunner, what_rang_in_the_old_node_rings_on)
{
    // The echoes add up to what one node would have said, since both are linear.
    constexpr std::size_t delay = 5000;
    const auto noise = [](Frames frame) { return test::noise(frame); };
    Stage stage(echo(delay), mono_ports(1, 1));
    const std::size_t before = stage.play(6400, noise).size();
    stage.runner().replace({echo(delay), mono_ports(1, 1), {}});
    const auto heard = stage.play(3 * delay, noise);
    for (std::size_t i = 0; i < heard.size(); ++i) ASSERT_NEAR(heard[i], test::noise(before + i) + test::noise(before + i - delay), 1e-5) << i;
}

TEST(NodeRunner, an_old_tail_gives_way_to_the_next_replacement)
{
    Stage stage(echo(40'000), mono_ports(1, 1));
    stage.play(64, steady);
    stage.runner().replace({echo(40'000), mono_ports(1, 1), {}});
    stage.play(handover + 64, steady);
    stage.runner().replace({gain(0.5f), mono_ports(1, 1), {}});
    const auto heard = stage.play(2 * handover + 128, steady);
    EXPECT_LT(longest_step(heard), 3.0f / handover);
    EXPECT_FALSE(stage.runner().changing());
}

TEST(NodeRunner, a_replacement_waits_for_its_clock)
{
    Stage stage(constant(1.0f), mono_ports(1, 1));
    stage.runner().replace({constant(0.0f), mono_ports(1, 1), {}, 640});
    const auto heard = stage.play(1280, steady);
    for (std::size_t i = 0; i < 640; ++i) ASSERT_EQ(heard[i], 1.0f) << i;
    EXPECT_LT(heard[1279], 0.5f);
}

TEST(NodeRunner, ports_that_stay_keep_their_slots_and_what_comes_and_goes_is_faded)
{
    const auto named = [](std::initializer_list<const char*> names) {
        Ports ports = mono_ports(1, 0);
        for (const char* name : names) ports.outputs.push_back({name, ChannelLayout::mono()});
        return ports;
    };
    Stage stage(constant(1.0f), named({"left", "right"}));
    stage.play(64, steady, 0, 2);
    stage.runner().replace({constant(1.0f), named({"right", "third"}), {}});
    EXPECT_EQ(stage.runner().slots().outputs, (std::vector<std::uint32_t>{1, 2}));
    const auto left = stage.play(handover + 64, steady, 0, 3);
    for (std::size_t i = 0; i < left.size(); ++i) ASSERT_NEAR(left[i], i < handover ? 1.0 - static_cast<double>(i) / handover : 0.0, 1e-5) << i;
    stage.runner().replace({constant(1.0f), named({"right", "third", "left"}), {}});
    const auto third = stage.play(handover + 64, steady, 2, 3);
    for (const float sample : third) ASSERT_NEAR(sample, 1.0f, 1e-5);
    EXPECT_EQ(stage.play(64, steady, 0, 3), std::vector<float>(64, 1.0f));
}

TEST(NodeRunner, delays_change_without_a_step_and_are_exact_afterwards)
{
    constexpr double radians = 0.01;
    const auto sine = [](Frames frame) { return static_cast<float>(std::sin(radians * static_cast<double>(frame))); };
    Stage stage(gain(1.0f), mono_ports(1, 1));
    stage.play(640, sine);
    float longest = 0;
    for (const std::uint32_t delay : {100u, 37u, 0u, 500u}) {
        stage.runner().change_delays({{delay}, {delay}});
        const auto heard = stage.play(2 * (500 + handover) + 64, sine);
        longest = std::max(longest, longest_step(heard));
        const auto after = stage.play(64, sine);
        for (std::size_t i = 0; i < 64; ++i) ASSERT_EQ(after[i], sine(stage.clock() - 64 + i - 2 * delay)) << delay;
        stage.runner().collect();
    }
    // Of the sine itself, and of two fades of at most twice its height.
    EXPECT_LT(longest, radians + 2 * 2.0 / handover);
}

TEST(NodeRunner, says_which_cycle_took_longest_since_it_was_asked)
{
    std::atomic<bool> stall{false};
    const auto node = std::make_shared<LambdaNode>([&](const Block& block) {
        std::fill_n(block.outputs[0], block.frames, 0.0f);
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
        while (stall && std::chrono::steady_clock::now() < until) {}
        stall = false;
    });
    Stage stage(node, mono_ports(1, 1));
    stage.play(640, steady);
    stall = true;
    stage.play(640, steady);
    const Spike spike = stage.runner().take_spike();
    EXPECT_GE(spike.us, 20'000.0);
    EXPECT_EQ(spike.clock, 640u);
    stage.play(64, steady);
    EXPECT_EQ(stage.runner().take_spike().clock, 1280u);
}

TEST(NodeRunner, is_replaced_over_and_over_beside_the_data_loop_and_frees_what_went)
{
    rt::TransportSchedule transport;
    std::vector<std::weak_ptr<Node>> nodes;
    {
        const auto first = constant(0.5f);
        nodes.push_back(first);
        NodeRunner runner("node", first, mono_ports(1, 2), transport);
        runner.prepare(64, {}, {});
        std::atomic<bool> done{false};
        std::thread data_loop([&] {
            std::vector<float> buffer(64);
            std::vector<float> other(64);
            const std::vector<float*> outputs{buffer.data(), other.data()};
            const std::vector<const float*> inputs{nullptr};
            for (Frames clock = 0; !done; clock += 64) {
                runner.run(clock, inputs, outputs, 64);
                for (const float sample : buffer) EXPECT_NEAR(sample, 0.5f, 1e-5);
            }
        });
        for (int i = 0; i < 300; ++i) {
            const auto next = constant(0.5f);
            nodes.push_back(next);
            runner.replace({next, mono_ports(1, i % 2 == 0 ? 1 : 2), {{static_cast<std::uint32_t>(i)}, {}}});
            runner.change_delays({{static_cast<std::uint32_t>(i + 1)}, {}});
            if (i % 3 == 0)
                while (runner.changing()) std::this_thread::yield();
            runner.collect();
        }
        done = true;
        data_loop.join();
        runner.collect();
        // The first, held here, and at most: one that plays, one that goes, one that is offered.
        EXPECT_LE(std::ranges::count_if(nodes, [](const auto& node) { return !node.expired(); }), 4);
    }
    for (const auto& node : nodes) EXPECT_TRUE(node.expired());
}

}  // namespace
}  // namespace stemwire::host
