// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include <sys/socket.h>

#include "control/control_server.hpp"
#include "control/json.hpp"
#include "control/session_folder.hpp"
#include "tests/control/fake_session.hpp"
#include "tests/support/temporary_folder.hpp"

namespace stemwire::test {

/// A session folder of the test's own, with a served session in it.
struct Stage {
    Stage()
    {
        setenv("XDG_RUNTIME_DIR", folder.path().c_str(), 1);
        server = control::ControlServer::open(session, "band").value();
    }
    TemporaryFolder folder;
    FakeSession session;
    std::unique_ptr<control::ControlServer> server;
};

/// A client that takes turns with the session on one thread.
class SocketClient {
public:
    explicit SocketClient(Stage& stage) : stage_(stage), socket_(control::connect_to_session(stage.server->path())) {}

    [[nodiscard]] int descriptor() const { return socket_.get(); }
    /// Sends what the socket takes at once; says how much that was.
    std::size_t send(std::string_view bytes) const
    {
        const ssize_t size = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        return size > 0 ? static_cast<std::size_t>(size) : 0;
    }
    /// The next line, after as many turns of the session as it takes, within reason; nothing where the session closed the connection.
    std::optional<std::string> line()
    {
        for (int turn = 0; turn < 3000; ++turn) {
            if (const auto end = input_.find('\n'); end != std::string::npos) {
                std::string text = input_.substr(0, end);
                input_.erase(0, end + 1);
                return text;
            }
            stage_.session.turn(std::chrono::milliseconds(1));
            std::string bytes(65536, '\0');
            const ssize_t size = recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
            if (size > 0) input_.append(bytes, 0, static_cast<std::size_t>(size));
            else if (size == 0 || (errno != EAGAIN && errno != EINTR)) return std::nullopt;
        }
        return std::nullopt;
    }
    control::Json ask(std::string_view method)
    {
        send(R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(method) + "\"}\n");
        const auto answer = line();
        return answer ? control::Json::parse(*answer) : control::Json();
    }

private:
    Stage& stage_;
    control::Descriptor socket_;
    std::string input_;
};

}  // namespace stemwire::test
