// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "stemwire/error.hpp"

/// The sockets of running sessions, in the runtime folder.
/// Thread: any but realtime. Guarantee: blocking.
namespace stemwire::control {

/// `NAME.sock` in the folder. The error says why a name cannot be a file's, that the path is too long for a socket, or what is wrong with the folder.
[[nodiscard]] Expected<std::string> socket_path(const std::string& name);

/// Connects to a session's socket; the caller owns the descriptor. −1: nobody answers there.
[[nodiscard]] int connect_to_session(const std::string& path);
/// Names of all sessions that answer, in order.
[[nodiscard]] std::vector<std::string> running_sessions();

}  // namespace stemwire::control
