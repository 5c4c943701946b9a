// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "control/methods.hpp"

namespace stemwire::control {

/// Where the answers to a client's lines go.
struct ClientSide {
    /// Called once for each line, maybe later, maybe when the client has gone; with nothing where there is nothing to answer.
    std::function<void(const std::string& line)> send;
    Follow follow;
};

/// Answers one line of JSON-RPC 2.0: a request, a notification (no answer) or a batch of at most 64. Whatever the line has in it, the
/// answer is one line of JSON, or none. Thread: the main loop's.
void answer_line(session::SessionControl& session, std::string_view line, const ClientSide& client);

/// An answer that no request asked for, or whose request could not be read.
[[nodiscard]] std::string error_line(int code, const std::string& message);

}  // namespace stemwire::control
