// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "control/descriptor.hpp"
#include "control/osc_message.hpp"
#include "session/pace.hpp"
#include "session/session_control.hpp"

namespace stemwire::control {

constexpr int default_osc_port = 9951;

/// A session's parameters and transport over OSC on UDP. `/stemwire/NODE/PARAM` with a value sets it, without one is answered with
/// value and text; `/stemwire/list`, `subscribe`, `unsubscribe`, `start`, `pause`, `seek`, `loop` do what they say. Mistakes are answered
/// with `/stemwire/error`. At most 16 packets are taken at a turn of the main loop, and nothing is waited for.
/// Thread: the main loop's.
class OscServer {
public:
    /// `address`: numeric, IPv4 or IPv6; anyone who can send there can change what is heard. Port 0: any that is free. `session` outlives the server.
    [[nodiscard]] static Expected<std::unique_ptr<OscServer>> open(session::SessionControl& session, int port = default_osc_port, const std::string& address = "127.0.0.1");
    ~OscServer();
    OscServer(const OscServer&) = delete;
    OscServer& operator=(const OscServer&) = delete;

    [[nodiscard]] int port() const;

private:
    using Clock = std::chrono::steady_clock;
    struct Peer {
        sockaddr_storage address{};
        socklen_t size = sizeof(sockaddr_storage);
    };
    struct Subscriber {
        Peer peer;
        Clock::time_point until;
    };

    OscServer(session::SessionControl& session, Descriptor socket);

    void receive();
    void obey(const OscMessage& message, const Peer& peer);
    bool obey_word(const std::string& word, const OscMessage& message, const Peer& peer);
    void seek(const OscMessage& message, const Peer& peer);
    void loop(const OscMessage& message, const Peer& peer);
    void get_or_set(const std::string& address, const OscMessage& message, const Peer& peer);
    void list(const Peer& peer);
    void subscribe(const Peer& peer);
    void unsubscribe(const Peer& peer);
    void feed();

    void send(const OscMessage& message, const Peer& peer) const;
    void complain(const std::string& path, const std::string& message, const Peer& peer) const;
    [[nodiscard]] session::SessionControl::Done when_heard(const std::string& path, const Peer& peer) const;

    session::SessionControl& session_;
    Descriptor socket_;
    session::Pace pace_;
    std::vector<Subscriber> subscribers_;
    std::map<std::string, double> told_;  ///< [address]: the value that subscribers know
    std::shared_ptr<OscServer*> alive_;   ///< for answers that come when the server may have gone
};

}  // namespace stemwire::control
