// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "host/node_runner.hpp"
#include "host/pipewire/pipewire_host.hpp"
#include "tests/support/lambda_node.hpp"
#include "tests/support/private_pipewire.hpp"

namespace stemwire::test {

/// Waiting ends with a state; this only ends a test that fails.
inline constexpr std::chrono::seconds patience{20};

/// Nodes and links of one test, and the host that runs them.
class Stage {
public:
    explicit Stage(const std::string& remote, std::string session = "band", bool private_server = false) : session_(std::move(session))
    {
        auto connected = host::PipeWireHost::connect({.remote = remote, .session = session_, .quantum = {}, .rate_hz = {}, .private_server = private_server});
        if (!connected) {
            ADD_FAILURE() << connected.error().message;
            return;
        }
        host_ = std::move(*connected);
        host_->on_message([this](const std::string& text) { messages_.push_back(text); });
        host_->every(std::chrono::milliseconds(5), [this] {
            if (!goal_) return;
            reached_ = goal_();
            if (reached_ || std::chrono::steady_clock::now() > deadline_) host_->quit();
        });
    }

    std::uint32_t add(const std::string& name, Ports ports, LambdaNode::Process process, std::uint32_t latency = 0)
    {
        Made& made = made_.emplace_back(std::move(ports), std::move(process), latency);
        made.runner = std::make_shared<host::NodeRunner>(name, made.node, made.ports, schedule_);
        made.runner->prepare(largest_quantum, {}, {});
        graph_.nodes.push_back({name, static_cast<std::uint32_t>(channel_count(made.ports.inputs)),
                                static_cast<std::uint32_t>(channel_count(made.ports.outputs)), latency});
        return static_cast<std::uint32_t>(made_.size() - 1);
    }
    void wire(std::uint32_t from, std::uint32_t from_port, std::uint32_t to, std::uint32_t to_port)
    {
        graph_.wires.push_back({{from, from_port}, {to, to_port}});
    }
    void feed(std::uint32_t node, host::HostedExternal external, const ChannelLayout& layout = ChannelLayout::stereo())
    {
        graph_.outer_links.push_back({node, static_cast<std::uint32_t>(externals_.size()), true, 0, layout, ""});
        externals_.push_back(std::move(external));
    }
    void listen(std::uint32_t node, host::HostedExternal external, const ChannelLayout& layout = ChannelLayout::stereo())
    {
        feed(node, std::move(external), layout);
        graph_.outer_links.back().outward = false;
    }

    /// All that was added so far.
    [[nodiscard]] host::Wanted wanted() const
    {
        host::Wanted wanted;
        for (const Made& made : made_)
            wanted.nodes.push_back({session_ + "." + made.runner->name(), session_ + " " + made.runner->name(), made.runner, made.latency,
                                    hosted(made.ports.inputs, made.runner->slots().inputs), hosted(made.ports.outputs, made.runner->slots().outputs), {}});
        wanted.externals = externals_;
        wanted.graph = graph_;
        wanted.graph.externals = static_cast<std::uint32_t>(externals_.size());
        graph::mark_feedback(wanted.graph);
        return wanted;
    }
    void build()
    {
        const auto built = host_->build(wanted());
        ASSERT_TRUE(built) << built.error().message;
    }
    /// Runs the host's loop until the goal is reached.
    [[nodiscard]] bool until(std::function<bool()> goal)
    {
        goal_ = std::move(goal);
        deadline_ = std::chrono::steady_clock::now() + patience;
        host_->run();
        goal_ = nullptr;
        return std::exchange(reached_, false);
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
    host::PipeWireHost& host() { return *host_; }
    void end() { host_.reset(); }

private:
    struct Made {
        Made(Ports with_ports, LambdaNode::Process process, std::uint32_t frames) : ports(std::move(with_ports)), node(std::move(process), frames), latency(frames) {}
        Ports ports;
        LambdaNode node;
        std::uint32_t latency;
        std::shared_ptr<host::NodeRunner> runner;
    };
    static std::vector<host::HostedPort> hosted(const std::vector<PortGroup>& groups, const std::vector<std::uint32_t>& slots)
    {
        const auto names = port_names(groups);
        std::vector<host::HostedPort> ports;
        for (const PortGroup& group : groups)
            for (const Position position : group.layout.positions()) ports.push_back({names[ports.size()], position, slots[ports.size()]});
        return ports;
    }

    std::string session_;
    rt::TransportSchedule schedule_;
    std::deque<Made> made_;
    graph::Graph graph_;
    std::vector<host::HostedExternal> externals_;
    std::vector<std::string> messages_;
    std::function<bool()> goal_;
    bool reached_ = false;  ///< the goal, at the latest look: by the next it may have moved on
    std::chrono::steady_clock::time_point deadline_;
    std::unique_ptr<host::PipeWireHost> host_;  ///< before the nodes
};

inline host::HostedExternal speakers()
{
    return {.name = "speakers"};
}

inline host::HostedExternal pattern(const std::string& nodes, const std::string& ports = "*")
{
    return {.name = "other", .what = host::HostedExternal::What::pattern, .node_glob = nodes, .port_glob = ports};
}

inline Ports stereo(bool in, bool out)
{
    Ports ports;
    if (in) ports.inputs.push_back({"input", ChannelLayout::stereo()});
    if (out) ports.outputs.push_back({"output", ChannelLayout::stereo()});
    return ports;
}

inline void play_noise(const Block& block)
{
    for (std::size_t channel = 0; channel < block.outputs.size(); ++channel)
        for (std::uint32_t i = 0; i < block.frames; ++i) block.outputs[channel][i] = noise(block.transport.clock + i, channel);
}

inline void pass(const Block& block)
{
    for (std::size_t channel = 0; channel < block.outputs.size(); ++channel) std::copy_n(block.inputs[channel], block.frames, block.outputs[channel]);
}

class PipeWireHostTest : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(server.runs()) << server.error(); }
    PrivatePipeWire server;
};

}  // namespace stemwire::test
