// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/jack/frame_clock.hpp"
#include "host/gate.hpp"
#include "host/jack/libjack.hpp"
#include "host/runner.hpp"
#include "host/transport_watch.hpp"
#include "rt/handover.hpp"
#include "stemwire/error.hpp"

namespace stemwire::host {

/// What JACK's own threads tell the main loop, which watches `fd`. Nothing here locks.
class JackNews {
public:
    JackNews();
    ~JackNews();
    JackNews(const JackNews&) = delete;
    JackNews& operator=(const JackNews&) = delete;

    void ring() const noexcept;
    /// Forgets that it was rung.
    void hear() const noexcept;

    const int fd;
    std::atomic<bool> lost{false};                 ///< the server went away
    std::atomic<bool> changed{false};              ///< ports or links
    std::atomic<bool> latencies{false};            ///< a client was asked for its, and answers on the main loop
    std::atomic<std::uint64_t> unregistered{0};    ///< ports that went away so far
    std::atomic<std::uint64_t> xruns{0};
    std::atomic<std::uint32_t> quantum{0};
    std::atomic<std::uint32_t> rate_hz{0};
};

class JackClient;

/// A port of ours, registered as long as this lives. The client outlives it.
class JackPort {
public:
    JackPort(JackClient& client, jack_port_t* handle, bool is_input, bool open);
    ~JackPort();
    JackPort(const JackPort&) = delete;
    JackPort& operator=(const JackPort&) = delete;

    [[nodiscard]] jack_port_t* handle() const noexcept { return handle_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }  ///< in full: `band.mix:main_FL`
    [[nodiscard]] Gate& gate() noexcept { return gate_; }

    /// This cycle's buffer, faded where the gate is not wide open. The data loop's.
    [[nodiscard]] const float* read(std::uint32_t frames) noexcept;
    [[nodiscard]] float* buffer(std::uint32_t frames) noexcept;
    void fade(float* written, std::uint32_t frames) noexcept;

private:
    JackClient& client_;
    jack_port_t* handle_;
    std::string name_;
    Gate gate_;
    std::unique_ptr<float[]> faded_;  ///< [frame], of an input
};

/// What one node does in a cycle. Built by control; the data loop's from then on.
struct JackShift {
    std::shared_ptr<Runner> runner;
    std::shared_ptr<std::atomic<std::uint64_t>> cycles;
    std::vector<std::shared_ptr<JackPort>> inputs;   ///< [slot], null where no port has it
    std::vector<std::shared_ptr<JackPort>> outputs;  ///< [slot]
    std::vector<const float*> input_buffers;         ///< [slot]
    std::vector<float*> output_buffers;              ///< [slot]

    void run(const CycleStart& start, std::uint32_t frames) noexcept;
};

/// What all nodes of one client do in a cycle, in their order.
struct JackRoster {
    std::vector<JackShift> shifts;
};

/// What a client answers when JACK asks for latencies: of each node its ports and its own, in the order of processing.
struct JackLatencies {
    struct Node {
        std::vector<jack_port_t*> inputs;
        std::vector<jack_port_t*> outputs;
        std::uint32_t frames = 0;
        friend bool operator==(const Node&, const Node&) = default;
    };
    std::vector<Node> nodes;
};

/// A client of the JACK server, closed with this object. Thread: the main loop, but for JACK's callbacks.
class JackClient {
public:
    struct Shared {
        const Libjack& jack;
        FrameClock& clock;
        TransportWatch& transport;
        JackNews& news;
        std::string server;  ///< empty: as JACK_DEFAULT_SERVER says
    };
    enum class Role {
        watches,  ///< hears of ports, links, and the server's settings
        plays,    ///< has nodes
        both
    };
    /// The error says what a user can do. Never starts a server.
    [[nodiscard]] static Expected<std::unique_ptr<JackClient>> open(const std::string& name, Role role, const Shared& shared);
    ~JackClient();
    JackClient(const JackClient&) = delete;
    JackClient& operator=(const JackClient&) = delete;

    [[nodiscard]] Expected<void> activate();
    [[nodiscard]] Expected<std::shared_ptr<JackPort>> add_port(const std::string& short_name, bool is_input, bool open);
    /// From the next cycle on.
    void set_roster(std::unique_ptr<JackRoster> roster) { handover_.offer(std::move(roster)); }
    /// Before activation, or with what a change of the graph made of them: then all are told.
    void set_latencies(std::shared_ptr<const JackLatencies> latencies);
    /// Answers what JACK asked since the last time, where that could not be done at once.
    void answer_latencies();
    /// The last cycle has been; ports that are given up from now on go with the client.
    void end();
    /// Frees what the data loop has left; ports that nobody has any more are unregistered here.
    void collect() { handover_.collect(); }

    [[nodiscard]] jack_client_t* handle() const noexcept { return handle_; }
    [[nodiscard]] const Libjack& jack() const noexcept { return shared_.jack; }
    [[nodiscard]] std::string name() const { return shared_.jack.get_client_name(handle_); }
    [[nodiscard]] std::uint32_t rate_hz() const noexcept { return rate_hz_; }

private:
    friend class JackPort;
    JackClient(jack_client_t* handle, Role role, const Shared& shared);
    [[nodiscard]] bool watches() const noexcept { return role_ != Role::plays; }
    [[nodiscard]] bool plays() const noexcept { return role_ != Role::watches; }
    void listen();
    void watch();
    void process(std::uint32_t frames) noexcept;
    using ToldLatencies = std::map<std::string, jack_latency_range_t>;  ///< by a port's full name
    void ask_latencies(jack_latency_callback_mode_t mode);
    void tell_latencies(jack_latency_callback_mode_t mode);
    [[nodiscard]] jack_latency_range_t heard_latency(jack_port_t* port, jack_latency_callback_mode_t mode, const ToldLatencies& told) const;

    Shared shared_;
    Role role_;
    jack_client_t* handle_;
    std::uint32_t rate_hz_;
    bool active_ = false;
    bool ending_ = false;  ///< ports go with the client

    rt::Handover<JackRoster> handover_;
    // The data loop's.
    std::unique_ptr<JackRoster> roster_;
    std::unique_ptr<JackRoster> leaving_;  ///< goes back to control in the next cycle, or when there is room
    Frames seen_ = 0;

    std::mutex latencies_mutex_;  ///< held to copy the pointer, never around a call of JACK's
    std::shared_ptr<const JackLatencies> latencies_;
    std::atomic<bool> asked_downstream_{false};
    std::atomic<bool> asked_upstream_{false};
};

}  // namespace stemwire::host
