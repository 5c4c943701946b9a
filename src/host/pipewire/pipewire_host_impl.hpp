// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/pipewire/hosted_graph.hpp"
#include "host/pipewire/pipewire_host.hpp"
#include "host/pipewire/transport_client.hpp"

namespace stemwire::host {

/// A connection to a server, lost and found again, and our graph on it.
struct PipeWireHost::Impl {
    using Clock = std::chrono::steady_clock;

    explicit Impl(HostOptions wishes) : options(std::move(wishes)) {}
    ~Impl() { disconnect(); }

    Expected<void> connect();
    void begin_build(Wanted wanted, const std::function<void()>& meanwhile);
    Expected<void> build(Wanted wanted);
    Expected<void> put_up(Wanted wanted);
    [[nodiscard]] bool ask_server();
    Expected<void> update(Wanted wanted);
    void take_graph(Wanted wanted);
    void disconnect();
    void lose();
    void try_again();
    void listen(std::unique_ptr<Connection> opened);
    void greet();
    [[nodiscard]] Expected<TransportClient*> transport_client();
    void take_wish(const std::string& node, const std::string& address, double value);
    void changed();
    void keep_house();
    void set_pace();
    void say(const std::string& message);
    void check_priority();
    void check_driver();
    void check_quantum();
    void check_files(std::size_t nodes);
    [[nodiscard]] double setting(const char* forced, const char* usual) const;

    HostOptions options;
    std::unique_ptr<MainLoop> loop;
    MainLoop::Later change{};
    MainLoop::Timer busy{};
    std::unique_ptr<Connection> connection;
    std::unique_ptr<Registry> registry;
    SessionClock clock;
    TransportWatch transport;
    std::unique_ptr<TransportClient> mover;  ///< once somebody asks; of this server
    std::unique_ptr<HostedGraph> graph;
    std::optional<Wanted> absent;         ///< what shall be put up when the server is back
    HostedGraph::ByHand by_hand;          ///< what users did to its links
    std::vector<LinkStatus> last_links;   ///< as they were when it went
    std::optional<int> greeting;          ///< the answer after which a server that is back has told what it has
    int greetings_left = 0;
    Clock::time_point back_since;              ///< when the server was last back
    Clock::time_point try_again_at;
    Clock::duration between_tries{};           ///< longer each time that a server that is back does not stay
    ServerInfo server;  ///< what is known for good; the rest as it was last seen
    std::uint64_t file_limit = 0;
    bool building = false;
    bool waiting = false;  ///< for an answer: who waits uses what would be taken down, and sees himself that the server went away
    bool priority_checked = false;
    bool quantum_told = false;
    std::uint32_t driver = SPA_ID_INVALID;
    std::vector<std::string> unsaid;
    struct Wish {
        std::string node;
        std::string address;
        double value;
    };
    std::vector<Wish> heard_wishes;
    std::function<void(const std::string&)> message;
    ParameterWish wished;
    std::function<void()> lost;
};

}  // namespace stemwire::host
