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

#include "host/gate.hpp"
#include "host/live_host.hpp"
#include "host/pipewire/connection.hpp"
#include "host/pipewire/node_parameters.hpp"
#include "host/pipewire/registry.hpp"
#include "host/pipewire/session_clock.hpp"
#include "host/transport_watch.hpp"

namespace stemwire::host {

/// One of our nodes in the server: a pw_filter that runs a Runner in the server's cycles. Ports come and go, and the runner can be
/// another, without a cycle missed.
class FilterNode {
public:
    struct Shared {
        Connection& connection;
        SessionClock& clock;
        TransportWatch& transport;
        std::function<void()> changed;  ///< called on the loop when the filter's state changes; it may only take note
        ParameterWish wish;             ///< called on the loop; it may only take note
        std::string latency;            ///< node.latency that is asked for, `256/48000`; empty: none
    };

    /// Puts the node on the graph, idle: it runs once `run_in` a group, or something linked to it does. `shared` outlives it.
    /// `silent`: its outputs' gates are closed.
    [[nodiscard]] static Expected<std::unique_ptr<FilterNode>> make(const HostedNode& node, Shared& shared, bool silent);
    ~FilterNode();
    FilterNode(const FilterNode&) = delete;
    FilterNode& operator=(const FilterNode&) = delete;

    /// Becomes `node`, which has the same name: what is new of it is there at once, its runner from the next cycle on. Ports that it lacks
    /// stay, and sound, until drop_ports.
    Expected<void> update(const HostedNode& node);
    void drop_ports();

    [[nodiscard]] const HostedNode& node() const noexcept { return node_; }
    /// The server's id of the node, once it has one.
    [[nodiscard]] std::optional<GlobalId> id() const;
    /// What the server has against it, if anything.
    [[nodiscard]] const std::string& error() const noexcept { return error_; }
    /// It shall process with or without links, together with others of this `node.group`; empty: only while it is linked.
    void run_in(const std::string& group);

    /// Tells the server which parameters have changed, if any have.
    void publish_parameters();

    /// Lets a port's sound through, or not, over 5 ms; without a port of this name nothing happens.
    void set_open(const std::string& port, bool is_input, bool open);
    void close_outputs();
    void open_all();
    /// True when every gate is where it was told to be.
    [[nodiscard]] bool gates_settled() const noexcept;

    /// Cycles that it has processed. Any thread.
    [[nodiscard]] std::uint64_t cycles() const noexcept { return cycles_.load(std::memory_order_relaxed); }
    /// When its driver's current cycle began, in nanoseconds of the monotonic clock; 0 without a driver.
    [[nodiscard]] std::uint64_t driver_time() const noexcept;
    /// The thread that processes it, once it has.
    [[nodiscard]] std::optional<pthread_t> thread() const noexcept;

private:
    struct Port;
    struct Seating;
    using PortPointers = std::vector<std::unique_ptr<Port>>;
    FilterNode(const HostedNode& node, Shared& shared);

    [[nodiscard]] Expected<void> connect(bool silent);
    /// False where the server's library makes no port (out of memory).
    [[nodiscard]] bool add_ports(spa_direction direction, const std::vector<HostedPort>& wanted, bool open);
    void describe_parameters();
    void remove(const Port& port);
    void seat(bool with_dropped = true);
    void heard_latency(Port& port, const spa_pod& latency);
    void publish_latency(spa_direction direction);
    [[nodiscard]] PortPointers& ports(spa_direction direction) noexcept { return direction == SPA_DIRECTION_INPUT ? inputs_ : outputs_; }
    static float* dsp_buffer(const Port& port, std::uint32_t frames) noexcept;
    void repeat(Seating& seating, std::uint32_t frames) noexcept;
    void begin_cycle(std::uint32_t driver, Frames clock, std::uint32_t frames) noexcept;
    void process(const spa_io_position* position) noexcept;
    [[nodiscard]] static const pw_filter_events& events();

    HostedNode node_;
    pw_filter* filter_ = nullptr;
    Hook listener_;
    std::string error_;
    std::string group_;  ///< that it runs in; empty: it does not run by itself
    NodeParameters parameters_;
    PortPointers inputs_;
    PortPointers outputs_;
    std::unique_ptr<Seating> held_;   ///< what the data loop is given
    const spa_io_position* position_ = nullptr;  ///< the driver's; shared memory that it writes

    // What every cycle needs stands together.
    Shared& shared_;
    std::atomic<Seating*> seating_{nullptr};
    // The data loop's own: the latest cycle.
    Frames clock_ = endless;
    std::uint32_t frames_ = 0;
    std::uint32_t driver_ = SPA_ID_INVALID;
    std::atomic<std::uint64_t> cycles_{0};
    std::atomic<pthread_t> thread_{};
};

}  // namespace stemwire::host
