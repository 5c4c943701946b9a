// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/offline/offline_host.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <thread>

#include "tests/support/denormals.hpp"
#include "tests/support/lambda_node.hpp"

namespace stemwire::host {
namespace {

using test::LambdaNode;
using test::mono_ports;

/// Nodes, links and an output, built up by a test and computed.
class Bench {
public:
    std::uint32_t add(std::size_t inputs, std::size_t outputs, LambdaNode::Process process, std::uint32_t latency = 0)
    {
        nodes_.emplace_back(std::move(process), latency);
        ports_.push_back(mono_ports(inputs, outputs));
        runners_.push_back(std::make_unique<NodeRunner>("node", nodes_.back(), ports_.back(), transport_));
        graph_.nodes.push_back({"node", static_cast<std::uint32_t>(inputs), static_cast<std::uint32_t>(outputs), latency});
        return static_cast<std::uint32_t>(nodes_.size() - 1);
    }

    std::uint32_t source(std::uint64_t seed)
    {
        return add(0, 1, [seed](const Block& block) {
            for (std::uint32_t i = 0; i < block.frames; ++i) block.outputs[0][i] = test::noise(block.transport.clock + i, seed);
        });
    }

    std::uint32_t gain(float factor)
    {
        return add(1, 1, [factor](const Block& block) {
            for (std::uint32_t i = 0; i < block.frames; ++i) block.outputs[0][i] = factor * block.inputs[0][i];
        });
    }

    void want_batches(std::uint32_t node) { nodes_[node].want_batches(); }
    void link(std::uint32_t from, std::uint32_t to, bool feedback = false) { graph_.wires.push_back({{from, 0}, {to, 0}, feedback}); }
    void link_out(std::uint32_t from) { graph_.outer_links.push_back({from, 0, true, 0, ChannelLayout::mono(), ""}); }

    /// The first `frames` frames that the external hears.
    std::vector<float> render(std::size_t frames, const OfflineHost::Options& options)
    {
        graph_.externals = 1;
        std::vector<NodeRunner*> runners;
        for (const auto& runner : runners_) {
            runner->prepare(std::max(largest_quantum, OfflineHost::batch_frames(graph_, options)), {}, {});
            runners.push_back(runner.get());
        }
        OfflineHost host(graph_, runners, options);
        std::vector<float> heard;
        host.set_output(0, ChannelLayout::mono(), [&](Frames clock, std::span<const float* const> channels, std::uint32_t count) -> Expected<bool> {
            EXPECT_EQ(clock, heard.size());
            flushed_ = flushed_ && test::flushes_denormals();
            heard.insert(heard.end(), channels[0], channels[0] + count);
            return heard.size() < frames;
        });
        const std::atomic<bool> interrupted{false};
        EXPECT_TRUE(host.run(interrupted));
        heard.resize(frames);
        return heard;
    }

    /// That denormals were flushed wherever outputs were computed.
    [[nodiscard]] bool flushed() const { return flushed_; }

private:
    bool flushed_ = true;
    rt::TransportSchedule transport_;
    std::deque<LambdaNode> nodes_;
    std::deque<Ports> ports_;
    std::vector<std::unique_ptr<NodeRunner>> runners_;
    graph::Graph graph_;
};

constexpr std::size_t length = 20'000;

TEST(OfflineHost, flushes_denormals_in_every_worker)
{
    Bench bench;
    const auto source = bench.source(1);
    bench.link_out(source);
    static_cast<void>(bench.render(length, {.threads = 3}));
    EXPECT_TRUE(bench.flushed());
}

TEST(OfflineHost, sums_links_into_one_port_in_their_order)
{
    Bench bench;
    const auto a = bench.source(1);
    const auto b = bench.source(2);
    const auto half = bench.gain(0.5f);
    bench.link(a, half);
    bench.link(b, half);
    bench.link_out(half);
    const auto heard = bench.render(length, {});
    for (std::size_t i = 0; i < length; ++i) ASSERT_EQ(heard[i], 0.5f * (test::noise(i, 1) + test::noise(i, 2))) << i;
}

TEST(OfflineHost, any_number_of_threads_gives_the_same_bits)
{
    const auto render = [](unsigned threads) {
        Bench bench;
        std::vector<std::uint32_t> mixes;
        for (std::uint64_t branch = 0; branch < 6; ++branch) {
            const auto source = bench.source(branch);
            const auto gain = bench.gain(0.3f + 0.1f * static_cast<float>(branch));
            bench.link(source, gain);
            mixes.push_back(gain);
        }
        const auto mix = bench.gain(1.0f);
        for (const auto gain : mixes) bench.link(gain, mix);
        bench.link_out(mix);
        return bench.render(length, {.block = 512, .threads = threads});
    };
    const auto one = render(1);
    EXPECT_EQ(one, render(2));
    EXPECT_EQ(one, render(7));
}

/// What a mix of three paths sounds like, two of them through nodes that want batches, one of which has two sources.
std::vector<float> render_with_batches(bool wanted, const OfflineHost::Options& options, std::atomic<std::uint32_t>& longest_call)
{
    Bench bench;
    const auto memory = [&longest_call](float factor) {
        return [&longest_call, factor, last = 0.0f](const Block& block) mutable {
            std::uint32_t longest = longest_call;
            while (block.frames > longest && !longest_call.compare_exchange_weak(longest, block.frames)) {}
            for (std::uint32_t i = 0; i < block.frames; ++i) block.outputs[0][i] = last = factor * (last + block.inputs[0][i]);
        };
    };
    const auto first = bench.source(1);
    const auto second = bench.source(2);
    const auto hall = bench.add(1, 1, memory(0.5f));
    const auto room = bench.add(1, 1, memory(0.25f));
    const auto mix = bench.gain(1.0f);
    for (const auto& [from, to] : {std::pair(first, hall), {second, hall}, {hall, room}, {first, mix}, {hall, mix}, {room, mix}}) bench.link(from, to);
    bench.link_out(mix);
    if (wanted)
        for (const auto node : {hall, room}) bench.want_batches(node);
    return bench.render(3 * largest_batch + 100, options);
}

TEST(OfflineHost, gives_whole_batches_to_who_wants_them_and_nobody_hears_it)
{
    std::atomic<std::uint32_t> longest_call{0};
    const auto plain = render_with_batches(false, {.threads = 1}, longest_call);
    EXPECT_EQ(longest_call, 256u);
    for (const unsigned threads : {1u, 2u, 5u}) {
        longest_call = 0;
        EXPECT_EQ(render_with_batches(true, {.threads = threads}, longest_call), plain) << threads;
        EXPECT_EQ(longest_call, largest_batch);
    }
    EXPECT_EQ(render_with_batches(true, {.quantum = 8192, .threads = 2}, longest_call), plain);
}

TEST(OfflineHost, gives_quanta_where_they_do_not_fill_a_batch)
{
    std::atomic<std::uint32_t> longest_call{0};
    static_cast<void>(render_with_batches(true, {.quantum = 1000}, longest_call));
    EXPECT_EQ(longest_call, 1000u);
}

TEST(OfflineHost, gives_quanta_where_something_feeds_back)
{
    Bench bench;
    std::uint32_t longest_call = 0;
    const auto source = bench.source(1);
    const auto loop = bench.add(1, 1, [&longest_call](const Block& block) {
        longest_call = std::max(longest_call, block.frames);
        for (std::uint32_t i = 0; i < block.frames; ++i) block.outputs[0][i] = 0.5f * block.inputs[0][i];
    });
    bench.want_batches(loop);
    bench.link(source, loop);
    bench.link(loop, loop, true);
    bench.link_out(loop);
    static_cast<void>(bench.render(length, {.threads = 2}));
    EXPECT_EQ(longest_call, 256u);
}

TEST(OfflineHost, a_feedback_link_is_heard_one_quantum_late)
{
    constexpr std::uint32_t quantum = 64;
    Bench bench;
    const auto source = bench.source(3);
    const auto loop = bench.gain(0.5f);
    bench.link(source, loop);
    bench.link(loop, loop, true);
    bench.link_out(loop);
    const auto heard = bench.render(length, {.quantum = quantum, .threads = 2});
    std::vector<float> expected(length);
    for (std::size_t i = 0; i < length; ++i) expected[i] = 0.5f * (test::noise(i, 3) + (i < quantum ? 0.0f : expected[i - quantum]));
    EXPECT_EQ(heard, expected);
}

TEST(OfflineHost, what_nobody_feeds_is_silence)
{
    Bench bench;
    const auto gain = bench.gain(1.0f);
    bench.link_out(gain);
    EXPECT_EQ(bench.render(1000, {}), std::vector<float>(1000, 0.0f));
}

TEST(OfflineHost, an_error_of_an_output_ends_the_run)
{
    const rt::TransportSchedule transport;
    LambdaNode node([](const Block& block) { std::fill_n(block.outputs[0], block.frames, 0.0f); });
    const Ports ports = mono_ports(0, 1);
    NodeRunner runner("node", node, ports, transport);
    runner.prepare(largest_quantum, {}, {});
    const graph::Graph graph{{{"node", 0, 1, 0}}, {}, {{0, 0, true, 0, ChannelLayout::mono(), ""}}, 1};
    OfflineHost host(graph, {&runner}, {});
    host.set_output(0, ChannelLayout::mono(), [](Frames, std::span<const float* const>, std::uint32_t) -> Expected<bool> { return failure("disk full"); });
    const std::atomic<bool> interrupted{false};
    const auto done = host.run(interrupted);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "disk full");
}

TEST(OfflineHost, gives_an_output_nothing_before_every_node_has_done_as_much)
{
    LambdaNode fast([](const Block& block) { std::fill_n(block.outputs[0], block.frames, 1.0f); });
    std::atomic<std::uint32_t> heard{0};
    std::uint32_t heard_before_slow = 0;
    LambdaNode slow([&](const Block& block) {
        if (block.transport.clock > 0) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));  // for who does not wait to run ahead
        heard_before_slow = heard;
    });
    const Ports output = mono_ports(0, 1);
    const rt::TransportSchedule transport;
    NodeRunner fast_runner("fast", fast, output, transport);
    NodeRunner slow_runner("slow", slow, output, transport);
    for (NodeRunner* runner : {&fast_runner, &slow_runner}) runner->prepare(largest_quantum, {}, {});
    graph::Graph graph;
    graph.nodes = {{"fast", 0, 1, 0}, {"slow", 0, 1, 0}};
    OfflineHost host(graph, {&fast_runner, &slow_runner}, {.quantum = 64, .block = 64, .threads = 2});
    host.tap(0, [&](Frames, std::span<const float* const>, std::uint32_t frames) -> Expected<bool> { return (heard += frames) < 6400; });
    const std::atomic<bool> interrupted{false};
    EXPECT_TRUE(host.run(interrupted));
    EXPECT_EQ(heard_before_slow, 0u);
}

TEST(OfflineHost, is_over_at_once_when_nobody_listens)
{
    const graph::Graph graph;
    OfflineHost host(graph, {}, {});
    const std::atomic<bool> interrupted{false};
    EXPECT_TRUE(host.run(interrupted));
}

TEST(NodeRunner, delays_an_input_and_an_output_by_exactly_what_it_is_told)
{
    LambdaNode node([](const Block& block) {
        std::copy_n(block.inputs[0], block.frames, block.outputs[0]);
        std::copy_n(block.inputs[1], block.frames, block.outputs[1]);
    });
    const Ports ports = mono_ports(2, 2);
    const rt::TransportSchedule transport;
    NodeRunner runner("node", node, ports, transport);
    const std::vector<std::uint32_t> input_delays{5, 0};
    const std::vector<std::uint32_t> output_delays{2, 3};
    runner.prepare(32, input_delays, output_delays);
    std::vector<float> in(100);
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = test::noise(i);
    std::vector<float> first(100);
    std::vector<float> second(100);
    const std::vector<const float*> inputs{in.data(), in.data()};
    const std::vector<float*> outputs{first.data(), second.data()};
    runner.run(0, inputs, outputs, 100);  // longer than max_frames: cut into pieces
    for (std::size_t i = 0; i < 100; ++i) {
        ASSERT_EQ(first[i], i < 7 ? 0.0f : in[i - 7]) << i;
        ASSERT_EQ(second[i], i < 3 ? 0.0f : in[i - 3]) << i;
    }
}

TEST(NodeRunner, a_missing_input_is_silence_and_an_unheard_output_harms_nobody)
{
    LambdaNode node([](const Block& block) {
        for (std::uint32_t i = 0; i < block.frames; ++i) block.outputs[0][i] = block.outputs[1][i] = block.inputs[0][i] + 1.0f;
    });
    const Ports ports = mono_ports(1, 2);
    const rt::TransportSchedule transport;
    NodeRunner runner("node", node, ports, transport);
    runner.prepare(256, {}, {});
    std::vector<float> out(256);
    const std::vector<const float*> inputs{nullptr};
    const std::vector<float*> outputs{nullptr, out.data()};
    runner.run(0, inputs, outputs, 256);
    EXPECT_EQ(out, std::vector<float>(256, 1.0f));
}

TEST(NodeRunner, fades_to_silence_and_stays_there)
{
    LambdaNode node([](const Block& block) { std::fill_n(block.outputs[0], block.frames, 1.0f); });
    const Ports ports = mono_ports(0, 1);
    const rt::TransportSchedule transport;
    NodeRunner runner("node", node, ports, transport);
    runner.prepare(16, {}, {});
    runner.fade_out(20);
    std::vector<float> out(48);
    const std::vector<float*> outputs{out.data()};
    runner.run(0, {}, outputs, 48);
    for (std::size_t i = 0; i < 48; ++i) ASSERT_NEAR(out[i], i < 20 ? 1.0 - static_cast<double>(i) / 20.0 : 0.0, 1e-6) << i;
}

TEST(NodeRunner, is_silent_before_it_is_prepared)
{
    LambdaNode node([](const Block& block) { std::fill_n(block.outputs[0], block.frames, 1.0f); });
    const Ports ports = mono_ports(0, 1);
    const rt::TransportSchedule transport;
    NodeRunner runner("node", node, ports, transport);
    std::vector<float> out(16, 9.0f);
    const std::vector<float*> outputs{out.data()};
    runner.run(0, {}, outputs, 16);
    EXPECT_EQ(out, std::vector<float>(16, 0.0f));
}

}  // namespace
}  // namespace stemwire::host
