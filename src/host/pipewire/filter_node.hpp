// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <pipewire/filter.h>
#include <pthread.h>
#include <spa/param/latency-utils.h>

#include "host/pipewire/connection.hpp"
#include "host/pipewire/pipewire_host.hpp"
#include "host/pipewire/registry.hpp"
#include "host/pipewire/session_clock.hpp"

namespace stemwire::host {

/// One of our nodes in the server: a pw_filter that runs a Runner in the server's cycles.
class FilterNode {
public:
    struct Shared {
        Connection& connection;
        SessionClock& clock;
        std::function<void()> changed;  ///< called on the loop when the filter's state changes; it may only take note
        std::string group;              ///< node.group of all nodes that run together
        std::string latency;            ///< node.latency that is asked for, `256/48000`; empty: none
    };

    /// Puts the node on the graph, idle: it runs once `set_running(true)`, or something linked to it does. `node` and `shared` outlive it.
    [[nodiscard]] static Expected<std::unique_ptr<FilterNode>> make(const HostedNode& node, Shared& shared);
    ~FilterNode();
    FilterNode(const FilterNode&) = delete;
    FilterNode& operator=(const FilterNode&) = delete;

    /// The server's id of the node, once it has one.
    [[nodiscard]] std::optional<GlobalId> id() const;
    /// What the server has against it, if anything.
    [[nodiscard]] const std::string& error() const noexcept { return error_; }
    /// Whether it shall process with or without links, in one group with the others.
    void set_running(bool running);

    /// Cycles that it has processed. Any thread.
    [[nodiscard]] std::uint64_t cycles() const noexcept { return cycles_.load(std::memory_order_relaxed); }
    /// When its driver's current cycle began, in nanoseconds of the monotonic clock; 0 without a driver.
    [[nodiscard]] std::uint64_t driver_time() const noexcept;
    /// The thread that processes it, once it has.
    [[nodiscard]] std::optional<pthread_t> thread() const noexcept;

private:
    struct Port;
    FilterNode(const HostedNode& node, Shared& shared) : node_(node), shared_(shared) {}

    [[nodiscard]] Expected<void> connect();
    /// False where the server's library makes no port (out of memory).
    [[nodiscard]] bool add_ports(spa_direction direction, const std::vector<PortGroup>& groups, std::vector<Port*>& ports);
    void heard_latency(Port& port, const spa_pod& latency);
    void publish_latency(spa_direction direction);
    [[nodiscard]] static float* dsp_buffer(Port& port, std::uint32_t frames) noexcept;
    void process(const spa_io_position* position) noexcept;
    [[nodiscard]] static const pw_filter_events& events();

    const HostedNode& node_;
    Shared& shared_;
    pw_filter* filter_ = nullptr;
    Hook listener_;
    std::string error_;
    const spa_io_position* position_ = nullptr;  ///< the driver's; shared memory that it writes
    std::vector<Port*> inputs_;   ///< the filter owns what they point at
    std::vector<Port*> outputs_;

    // The data loop's own.
    Frames clock_ = endless;
    std::vector<const float*> input_buffers_;
    std::vector<float*> output_buffers_;

    std::atomic<std::uint64_t> cycles_{0};
    std::atomic<pthread_t> thread_{};
};

}  // namespace stemwire::host
