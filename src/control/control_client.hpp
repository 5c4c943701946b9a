// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "control/descriptor.hpp"
#include "control/methods.hpp"

namespace stemwire::control {

/// Why there is nobody to talk to.
struct NoSession {
    std::string message;
    bool ambiguous = false;  ///< several run, and none was named
};

/// A connection to a running session. Thread: one at a time. Guarantee: blocking, with a limit.
class ControlClient {
public:
    /// Connects to this session; without a name, to the only one that runs.
    [[nodiscard]] static tl::expected<ControlClient, NoSession> connect(const std::optional<std::string>& name);
    explicit ControlClient(Descriptor socket, std::string session) : socket_(std::move(socket)), session_(std::move(session)) {}

    [[nodiscard]] const std::string& session() const noexcept { return session_; }
    /// Asks and waits for the answer, for a minute at most: a seek answers when it has been heard.
    [[nodiscard]] RpcResult call(const std::string& method, Json parameters = Json::object());
    /// Asks without waiting: what goes wrong is told to `on_failure` while something else is waited for.
    [[nodiscard]] Expected<void> post(const std::string& method, Json parameters);
    /// The next notification's parameters.
    [[nodiscard]] Expected<Json> next_notification(std::chrono::milliseconds patience);
    /// Waits for the session's end. False: it goes on.
    [[nodiscard]] bool wait_for_end(std::chrono::milliseconds patience);

    std::function<void(const std::string&)> on_failure;

private:
    using Clock = std::chrono::steady_clock;
    [[nodiscard]] Expected<void> send(const Json& request);
    [[nodiscard]] Expected<Json> receive(Clock::time_point until);

    Descriptor socket_;
    std::string session_;
    std::string input_;
    int latest_id_ = 0;
};

}  // namespace stemwire::control
