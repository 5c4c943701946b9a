// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "host/jack/jack_host.hpp"
#include "host/node_runner.hpp"
#include "tests/host/jack/jack_server.hpp"
#include "tests/support/lambda_node.hpp"

namespace stemwire::test {

/// Nodes and links of one test, which it may change, and the host that runs them.
class JackStage {
public:
    JackStage(const std::string& server, bool one_client)
    {
        auto connected = host::JackHost::connect({.server = server, .session = "band", .one_client = one_client});
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
        auto runner = std::make_shared<host::NodeRunner>(name, std::make_shared<LambdaNode>(std::move(process), latency), ports, schedule_);
        runner->prepare(largest_quantum, {}, {});
        wanted.nodes.push_back({.graph_name = "band." + name, .description = name, .runner = runner, .latency = latency,
                                .inputs = hosted(ports.inputs), .outputs = hosted(ports.outputs), .parameters = {}});
        wanted.graph.nodes.push_back({name, static_cast<std::uint32_t>(channel_count(ports.inputs)), static_cast<std::uint32_t>(channel_count(ports.outputs)), latency});
        return static_cast<std::uint32_t>(wanted.nodes.size() - 1);
    }
    void wire(std::uint32_t from, std::uint32_t from_port, std::uint32_t to, std::uint32_t to_port) { wanted.graph.wires.push_back({{from, from_port}, {to, to_port}}); }
    void feed(std::uint32_t node, host::HostedExternal external, const ChannelLayout& layout)
    {
        wanted.graph.outer_links.push_back({node, wanted.graph.externals++, true, 0, layout, ""});
        wanted.externals.push_back(std::move(external));
    }

    void build()
    {
        graph::mark_feedback(wanted.graph);
        const auto built = host_->build(wanted);
        ASSERT_TRUE(built) << built.error().message;
    }
    void update()
    {
        graph::mark_feedback(wanted.graph);
        const auto updated = host_->update(wanted);
        ASSERT_TRUE(updated) << updated.error().message;
    }
    /// Runs the host's loop until the goal is reached. Waiting ends with a state; the deadline only ends a test that fails.
    [[nodiscard]] bool until(std::function<bool()> goal)
    {
        goal_ = std::move(goal);
        deadline_ = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        host_->run();
        goal_ = nullptr;
        return std::exchange(reached_, false);
    }
    [[nodiscard]] bool settles()
    {
        return until([this] { return host_->settled(); });
    }
    [[nodiscard]] bool passes(Frames frames)
    {
        const Frames end = host_->clock() + frames;
        return until([&] { return host_->clock() >= end; });
    }
    [[nodiscard]] bool link_is(const std::string& from, const std::string& to, host::LinkState state) const
    {
        return std::ranges::any_of(host_->links(), [&](const host::LinkStatus& link) { return link.from == from && link.to == to && link.state == state; });
    }
    [[nodiscard]] bool all_links_made() const
    {
        return std::ranges::all_of(host_->links(), [](const host::LinkStatus& link) { return link.state == host::LinkState::made; });
    }
    [[nodiscard]] int said(const std::string& text) const
    {
        return static_cast<int>(std::ranges::count_if(messages_, [&](const std::string& message) { return message.find(text) != std::string::npos; }));
    }
    [[nodiscard]] bool connected() const { return host_ != nullptr; }
    host::JackHost& host() { return *host_; }

    host::Wanted wanted;

private:
    static std::vector<host::HostedPort> hosted(const std::vector<PortGroup>& groups)
    {
        std::vector<host::HostedPort> ports;
        const auto names = port_names(groups);
        for (const PortGroup& group : groups)
            for (const Position position : group.layout.positions())
                ports.push_back({names[ports.size()], position, static_cast<std::uint32_t>(ports.size())});
        return ports;
    }

    rt::TransportSchedule schedule_;
    std::vector<std::string> messages_;
    std::function<bool()> goal_;
    bool reached_ = false;  ///< the goal, at the latest look: by the next it may have moved on
    std::chrono::steady_clock::time_point deadline_;
    std::unique_ptr<host::JackHost> host_;
};

/// A program of somebody else's: `ear:in_1` … that keeps what it hears.
class Ear {
public:
    static constexpr std::size_t length = 48000 * 60;

    Ear(const std::string& server, std::size_t inputs) : jack_(**host::load_libjack())
    {
        jack_status_t status{};
        client_ = jack_.client_open("ear", static_cast<jack_options_t>(JackNoStartServer | JackServerName), &status, server.c_str());
        if (client_ == nullptr) return;
        heard.resize(inputs, std::vector<float>(length));
        for (std::size_t input = 0; input < inputs; ++input)
            ports_.push_back(jack_.port_register(client_, ("in_" + std::to_string(input + 1)).c_str(), JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0));
        jack_.set_process_callback(client_, [](jack_nframes_t frames, void* data) { return static_cast<Ear*>(data)->hear(frames), 0; }, this);
        jack_.activate(client_);
    }
    ~Ear() { close(); }
    Ear(const Ear&) = delete;
    Ear& operator=(const Ear&) = delete;
    void close()
    {
        if (client_ != nullptr) jack_.client_close(std::exchange(client_, nullptr));
    }

    [[nodiscard]] bool there() const { return client_ != nullptr; }
    /// From now on.
    void listen() { listening = true; }
    [[nodiscard]] std::size_t frames() const { return count.load(std::memory_order_acquire); }
    [[nodiscard]] jack_latency_range_t latency(std::size_t input, jack_latency_callback_mode_t mode) const
    {
        jack_latency_range_t range{};
        jack_.port_get_latency_range(ports_[input], mode, &range);
        return range;
    }

    std::vector<std::vector<float>> heard;  ///< [input][frame]
    std::atomic<bool> listening{false};
    std::atomic<std::size_t> count{0};

private:
    void hear(std::uint32_t frames)
    {
        const std::size_t at = count.load(std::memory_order_relaxed);
        if (!listening || at + frames > length) return;
        for (std::size_t input = 0; input < ports_.size(); ++input)
            std::copy_n(static_cast<const float*>(jack_.port_get_buffer(ports_[input], frames)), frames, heard[input].begin() + static_cast<std::ptrdiff_t>(at));
        count.store(at + frames, std::memory_order_release);
    }

    const host::Libjack& jack_;
    jack_client_t* client_ = nullptr;
    std::vector<jack_port_t*> ports_;
};

}  // namespace stemwire::test
