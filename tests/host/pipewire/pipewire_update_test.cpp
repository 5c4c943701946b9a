// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/pipewire_host.hpp"

#include <atomic>
#include <cmath>

#include <gtest/gtest.h>

#include "tests/host/pipewire/stage.hpp"

namespace stemwire::host {
namespace {

using test::Stage;

constexpr float level = 0.25f;

/// Any number of inputs, summed, and a constant; what comes out is the same at every output.
class SumRunner final : public Runner {
public:
    explicit SumRunner(float constant = 0) : constant_(constant) {}

    void run(const CycleStart&, std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames) noexcept override
    {
        for (std::uint32_t i = 0; i < frames; ++i) {
            float sum = constant_;
            for (const float* input : inputs)
                if (input != nullptr) sum += input[i];
            for (float* output : outputs)
                if (output != nullptr) output[i] = sum;
        }
    }
    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    [[nodiscard]] const Ports& ports() const noexcept override { return ports_; }
    [[nodiscard]] Load load() const noexcept override { return {}; }

private:
    float constant_;
    std::string name_ = "sum";
    Ports ports_;
};

/// Listens to its first input: how it is now, and how often it jumped instead of fading.
class EarRunner final : public Runner {
public:
    void run(const CycleStart& start, std::span<const float* const> inputs, std::span<float* const>, std::uint32_t frames) noexcept override
    {
        if (next_ != 0 && start.clock != next_) jumped_cycles.fetch_add(1);
        next_ = start.clock + frames;
        for (std::uint32_t i = 0; i < frames; ++i) {
            const float sample = inputs[0] != nullptr ? inputs[0][i] : 0.0f;
            // A fade of what sounds at most three times as loud as one source goes no faster than this, in 5 ms at 48 kHz.
            if (std::abs(sample - last_) > 3.01f * level / (0.005f * 48000.0f)) clicks.fetch_add(1);
            last_ = sample;
        }
        heard.store(last_);
    }
    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    [[nodiscard]] const Ports& ports() const noexcept override { return ports_; }
    [[nodiscard]] Load load() const noexcept override { return {}; }

    std::atomic<int> clicks{0};
    std::atomic<std::uint64_t> jumped_cycles{0};
    std::atomic<float> heard{0};

private:
    Frames next_ = 0;
    float last_ = 0;
    std::string name_ = "ear";
    Ports ports_;
};

std::vector<HostedPort> ports(std::initializer_list<std::uint32_t> slots)
{
    std::vector<HostedPort> ports;
    for (const std::uint32_t slot : slots) ports.push_back({"p" + std::to_string(slot), Position::MONO, slot});
    return ports;
}

/// A graph that is written down by names: `a > sum:1` links output 0 of a to the port p1 of sum.
class Score {
public:
    std::uint32_t node(const std::string& name, std::shared_ptr<Runner> runner, std::vector<HostedPort> inputs, std::vector<HostedPort> outputs)
    {
        graph::GraphNode node{name, static_cast<std::uint32_t>(inputs.size()), static_cast<std::uint32_t>(outputs.size()), 0};
        wanted_.graph.nodes.push_back(std::move(node));
        wanted_.nodes.push_back({"band." + name, name, std::move(runner), 0, std::move(inputs), std::move(outputs), {}});
        return static_cast<std::uint32_t>(wanted_.nodes.size() - 1);
    }
    /// `to_port` is the index among the node's inputs.
    void wire(std::uint32_t from, std::uint32_t to, std::uint32_t to_port = 0) { wanted_.graph.wires.push_back({{from, 0}, {to, to_port}}); }
    [[nodiscard]] const Wanted& wanted() const { return wanted_; }

private:
    Wanted wanted_;
};

class PipeWireUpdate : public test::PipeWireHostTest {
protected:
    /// A cycle that comes too late on a busy machine is a click or a jump, too: without fades, or with nodes that stop, every round would have one.
    static constexpr int rounds = 8;
    static constexpr int clicks_of_a_busy_machine = rounds;
};

TEST_F(PipeWireUpdate, takes_in_and_lets_go_of_nodes_and_ports_without_a_click)
{
    const auto ear = std::make_shared<EarRunner>();
    const auto sum = std::make_shared<SumRunner>();
    const auto a = std::make_shared<SumRunner>(level);
    const auto score = [&](std::uint32_t guests) {
        Score made;
        std::vector<HostedPort> inputs;
        for (std::uint32_t slot = 0; slot <= guests; ++slot) inputs.push_back({"p" + std::to_string(slot), Position::MONO, slot});
        const auto first = made.node("a", a, {}, ports({0}));
        const auto mix = made.node("sum", sum, inputs, ports({0}));
        made.wire(first, mix, 0);
        made.wire(mix, made.node("ear", ear, ports({0}), {}));
        for (std::uint32_t guest = 1; guest <= guests; ++guest)
            made.wire(made.node("guest" + std::to_string(guest), std::make_shared<SumRunner>(level), {}, ports({0})), mix, guest);
        return made.wanted();
    };
    Stage stage(server.remote());
    ASSERT_TRUE(stage.host().build(score(0)));
    ASSERT_TRUE(stage.settles());
    ASSERT_TRUE(stage.until([&] { return ear->heard == level; }));
    ear->clicks = 0;
    for (int round = 0; round < rounds; ++round) {
        ASSERT_TRUE(stage.host().update(score(2)));
        ASSERT_TRUE(stage.settles()) << round;
        ASSERT_TRUE(stage.until([&] { return ear->heard == 3 * level; })) << round;
        EXPECT_TRUE(server.linked("band.guest2:p0", "band.sum:p2"));
        ASSERT_TRUE(stage.host().update(score(0)));
        ASSERT_TRUE(stage.settles()) << round;
        ASSERT_TRUE(stage.until([&] { return ear->heard == level; })) << round;
    }
    EXPECT_LT(ear->clicks, clicks_of_a_busy_machine);
    EXPECT_LT(ear->jumped_cycles, static_cast<std::uint64_t>(rounds));
    EXPECT_EQ(stage.said("stood still"), 0);
    EXPECT_EQ(server.links(), (std::vector<std::string>{"band.a:p0 -> band.sum:p0", "band.sum:p0 -> band.ear:p0"}));
    EXPECT_TRUE(server.node("band.guest1").is_null());
    EXPECT_EQ(server.command("pw-link -i"), "null-sink:playback_FL\nnull-sink:playback_FR\nband.sum:p0\nband.ear:p0\n");
}

TEST_F(PipeWireUpdate, puts_another_runner_in_the_place_of_one_and_frees_it)
{
    const auto ear = std::make_shared<EarRunner>();
    const auto score = [&](std::shared_ptr<Runner> source, std::uint32_t slot) {
        Score made;
        std::vector<HostedPort> outputs{{"out", Position::MONO, slot}};
        const auto first = made.node("a", std::move(source), {}, outputs);
        made.wire(first, made.node("ear", ear, ports({0}), {}));
        return made.wanted();
    };
    auto before = std::make_shared<SumRunner>(level);
    const std::weak_ptr<SumRunner> watched = before;
    Stage stage(server.remote());
    ASSERT_TRUE(stage.host().build(score(std::exchange(before, nullptr), 0)));
    ASSERT_TRUE(stage.until([&] { return ear->heard == level; }));
    EXPECT_FALSE(watched.expired());
    const auto id = server.node("band.a").value("object.id", 0);
    ASSERT_TRUE(stage.host().update(score(std::make_shared<SumRunner>(2 * level), 3)));
    EXPECT_TRUE(watched.expired());
    ASSERT_TRUE(stage.until([&] { return ear->heard == 2 * level && stage.host().settled(); }));
    EXPECT_EQ(server.node("band.a").value("object.id", 1), id);
}

TEST_F(PipeWireUpdate, makes_and_cuts_links_without_a_click)
{
    const auto ear = std::make_shared<EarRunner>();
    const auto a = std::make_shared<SumRunner>(level);
    const auto b = std::make_shared<SumRunner>(2 * level);
    const auto score = [&](bool from_a, bool from_b) {
        Score made;
        const auto first = made.node("a", a, {}, ports({0}));
        const auto second = made.node("b", b, {}, ports({0}));
        const auto last = made.node("ear", ear, ports({0}), {});
        if (from_a) made.wire(first, last);
        if (from_b) made.wire(second, last);
        return made.wanted();
    };
    Stage stage(server.remote());
    ASSERT_TRUE(stage.host().build(score(false, false)));
    ASSERT_TRUE(stage.settles());
    for (int round = 0; round < rounds; ++round)
        for (const auto& [from_a, from_b] : {std::pair(true, false), {true, true}, {false, true}, {false, false}}) {
            ASSERT_TRUE(stage.host().update(score(from_a, from_b)));
            ASSERT_TRUE(stage.settles()) << round;
            const float expected = (from_a ? level : 0) + (from_b ? 2 * level : 0);
            ASSERT_TRUE(stage.until([&] { return ear->heard == expected; })) << round << " " << ear->heard;
        }
    EXPECT_LT(ear->clicks, clicks_of_a_busy_machine);
}

TEST_F(PipeWireUpdate, takes_updates_that_come_faster_than_they_are_done)
{
    const auto ear = std::make_shared<EarRunner>();
    const auto score = [&](std::uint32_t sources) {
        Score made;
        const auto last = made.node("ear", ear, ports({0}), {});
        for (std::uint32_t source = 0; source < sources; ++source)
            made.wire(made.node("s" + std::to_string(source), std::make_shared<SumRunner>(level), {}, ports({0})), last);
        return made.wanted();
    };
    Stage stage(server.remote());
    ASSERT_TRUE(stage.host().build(score(1)));
    int turns = 0;
    for (int round = 0; round < 60; ++round) {
        ASSERT_TRUE(stage.host().update(score(1 + static_cast<std::uint32_t>(round * 7 % 5))));
        turns = 0;
        ASSERT_TRUE(stage.until([&] { return ++turns > round % 4; }));
    }
    ASSERT_TRUE(stage.host().update(score(3)));
    ASSERT_TRUE(stage.settles());
    EXPECT_TRUE(stage.until([&] { return ear->heard == 3 * level; }));
    EXPECT_EQ(server.links().size(), 3u);
    EXPECT_EQ(stage.said("stood still"), 0);
}

}  // namespace
}  // namespace stemwire::host
