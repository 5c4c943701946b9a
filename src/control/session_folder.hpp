// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "stemwire/error.hpp"

/// Where running sessions are found: `$XDG_RUNTIME_DIR/stemwire`, or `/tmp/stemwire-UID` where that is not set.
/// Thread: any but realtime. Guarantee: blocking.
namespace stemwire::control {

/// The folder's path, whether or not there is one.
[[nodiscard]] std::string session_folder();
/// Makes the folder where there is none, and makes sure that it is ours and closed to others.
[[nodiscard]] Expected<std::string> make_session_folder();

/// `NAME.sock` in the folder. The error says why a name cannot be a file's, or that the path is too long for a socket.
[[nodiscard]] Expected<std::string> socket_path(const std::string& name);

/// Connects to a session's socket; the caller owns the descriptor. −1: nobody answers there.
[[nodiscard]] int connect_to_session(const std::string& path);
/// Names of all sessions that answer, in order.
[[nodiscard]] std::vector<std::string> running_sessions();

}  // namespace stemwire::control
