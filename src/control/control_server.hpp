// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <string>

#include "control/connection.hpp"
#include "control/descriptor.hpp"
#include "control/dispatcher.hpp"
#include "control/session_lock.hpp"
#include "session/pace.hpp"
#include "session/session_control.hpp"

namespace stemwire::control {

/// A session's control socket, `NAME.sock` in the session folder: JSON-RPC 2.0, a line each. At most 64 clients of the same user (or root); none
/// of them can make the main loop wait. While it lives nobody else has the name.
/// Thread: the main loop's.
class ControlServer {
public:
    /// Takes the name, in place of a process that died with it. The error says who has it, or why there can be no socket. `session` outlives the server.
    [[nodiscard]] static Expected<std::unique_ptr<ControlServer>> open(session::SessionControl& session, const std::string& name);
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    ControlServer(session::SessionControl& session, SessionLock lock, std::string path);
    Expected<void> listen();
    bool watch_events(int descriptor, std::uint32_t events, bool first);

    void serve();
    void serve_client(int descriptor, std::uint32_t events);
    void accept_client();
    [[nodiscard]] ClientSide side_of(const std::shared_ptr<Connection>& client);
    void answer_lines(const std::shared_ptr<Connection>& client);
    void tick();
    void send_meters(Connection::Clock::time_point now);
    /// Lets go of a client that is finished, or watches for what it waits for now.
    void settle(const Connection& client, Connection::Clock::time_point now);
    void let_go(int descriptor);
    void set_pace();

    session::SessionControl& session_;
    SessionLock lock_;
    std::string path_;
    Descriptor listener_;
    Descriptor events_;   ///< an epoll of everything here: the only descriptor that the main loop watches
    Descriptor spare_;    ///< given up to turn a client away when descriptors have run out
    session::Pace pace_;
    std::map<int, std::shared_ptr<Connection>> clients_;
    const Connection* serving_ = nullptr;  ///< whose lines are being answered: it is settled when that is done
};

}  // namespace stemwire::control
