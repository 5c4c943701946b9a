// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/graph/peer.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <pipewire/filter.h>
#include <pipewire/pipewire.h>

#include "bench/graph/client.hpp"
#include "bench/graph/cycles.hpp"

namespace stemwire::bench {

namespace {

// PipeWire 0.3.65 mixes up descriptors when much is put on the graph at once (docs/decisions/0010).
constexpr std::size_t links_at_once = 12;

/// Times cycles from the first node's begin to the last one's end. All nodes are on one data loop, which calls enter and leave.
class CycleMeter {
public:
    void enter(std::uint64_t position) noexcept
    {
        const auto now = Clock::now();
        if (position == position_) return;
        if (restart_.exchange(false, std::memory_order_relaxed)) cycles_ = {};
        else if (begin_ != Clock::time_point{}) add(std::chrono::duration<double, std::micro>(end_ - begin_).count());
        position_ = position;
        begin_ = now;
    }
    void leave() noexcept { end_ = Clock::now(); }

    /// Any thread.
    void restart() noexcept { restart_.store(true, std::memory_order_relaxed); }
    /// Once no node runs any more.
    [[nodiscard]] Cycles result() const
    {
        Cycles result = cycles_;
        if (result.count > 0) result.mean_us /= static_cast<double>(result.count);
        return result;
    }

private:
    using Clock = std::chrono::steady_clock;

    void add(double us) noexcept
    {
        ++cycles_.count;
        cycles_.mean_us += us;
        cycles_.worst_us = std::max(cycles_.worst_us, us);
    }

    std::atomic<bool> restart_{true};
    std::uint64_t position_ = 0;
    Clock::time_point begin_;
    Clock::time_point end_;
    Cycles cycles_;
};

CycleMeter meter;

/// A pw_filter that does the least that a node can do.
class EmptyNode {
public:
    EmptyNode(pw_core* core, const std::string& name, std::size_t inputs, std::size_t outputs)
    {
        static const pw_filter_events events = [] {
            pw_filter_events table{};
            table.version = PW_VERSION_FILTER_EVENTS;
            table.process = [](void* data, spa_io_position* position) { static_cast<EmptyNode*>(data)->process(*position); };
            return table;
        }();
        filter_ = new_filter(core, name);
        pw_filter_add_listener(filter_, &listener_, &events, this);
        for (std::size_t port = 0; port < inputs; ++port) inputs_.push_back(add_port(filter_, PW_DIRECTION_INPUT, "in_" + std::to_string(port)));
        for (std::size_t port = 0; port < outputs; ++port) outputs_.push_back(add_port(filter_, PW_DIRECTION_OUTPUT, "out_" + std::to_string(port)));
        if (pw_filter_connect(filter_, PW_FILTER_FLAG_RT_PROCESS, nullptr, 0) < 0) throw std::runtime_error("no node " + name);
    }
    ~EmptyNode() { pw_filter_destroy(filter_); }
    EmptyNode(const EmptyNode&) = delete;
    EmptyNode& operator=(const EmptyNode&) = delete;

private:
    void process(const spa_io_position& position) noexcept
    {
        meter.enter(position.clock.position);
        const auto frames = static_cast<std::uint32_t>(position.clock.duration);
        for (void* port : inputs_) static_cast<void>(pw_filter_get_dsp_buffer(port, frames));
        for (void* port : outputs_)
            if (auto* buffer = static_cast<float*>(pw_filter_get_dsp_buffer(port, frames)); buffer != nullptr) std::fill_n(buffer, frames, 0.0f);
        meter.leave();
    }

    pw_filter* filter_;
    spa_hook listener_{};
    std::vector<void*> inputs_;
    std::vector<void*> outputs_;
};

class PeerGraph {
public:
    std::string add(std::size_t inputs, std::size_t outputs)
    {
        const std::string name = "graph-peer." + std::to_string(nodes_.size());
        nodes_.push_back(std::make_unique<EmptyNode>(client_.core(), name, inputs, outputs));
        client_.settle();
        return name;
    }

    void link(const std::string& from, const std::string& output, const std::string& to, const std::string& input)
    {
        const auto found = [&] { return client_.port(from, output) && client_.port(to, input); };
        if (!client_.run_until(found, 5.0)) throw std::runtime_error("no port " + from + ":" + output + " or " + to + ":" + input);
        client_.link(*client_.port(from, output), *client_.port(to, input));
        if (++links_ % links_at_once == 0) client_.settle();
    }

    void link_stereo(const std::string& from, const std::string& to, std::size_t first_input = 0)
    {
        for (std::size_t i = 0; i < 2; ++i) link(from, "out_" + std::to_string(i), to, "in_" + std::to_string(first_input + i));
    }

    /// The last link: what makes everything run.
    void link_to_sink(const std::string& from)
    {
        client_.settle();
        link(from, "out_0", "null-sink", "playback_FL");
        link(from, "out_1", "null-sink", "playback_FR");
    }

    void keep() { client_.run_until_ended(); }

private:
    Client client_;
    std::vector<std::unique_ptr<EmptyNode>> nodes_;
    std::size_t links_ = 0;
};

std::string add_star(PeerGraph& graph, std::size_t tracks)
{
    std::string mixer = graph.add(2 * tracks, 2);
    for (std::size_t track = 0; track < tracks; ++track) graph.link_stereo(graph.add(0, 2), mixer, 2 * track);
    return mixer;
}

std::string add_chain(PeerGraph& graph, std::size_t length)
{
    std::string last = graph.add(0, 2);
    for (std::size_t i = 0; i < length; ++i) {
        const std::string next = graph.add(2, 2);
        graph.link_stereo(last, next);
        last = next;
    }
    return last;
}

}  // namespace

int run_peer(const Shape& shape)
{
    {
        PeerGraph graph;
        graph.link_to_sink(shape.kind == Shape::Kind::star ? add_star(graph, shape.tracks) : add_chain(graph, shape.length));
        std::signal(SIGUSR1, [](int) { meter.restart(); });
        std::printf("ready\n");
        std::fflush(stdout);
        graph.keep();
    }
    const Cycles cycles = meter.result();
    std::printf("%zu %.3f %.3f\n", cycles.count, cycles.mean_us, cycles.worst_us);
    return 0;
}

}  // namespace stemwire::bench
