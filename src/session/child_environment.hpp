// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace stemwire::session {

/// What a process of the session's own is given of an environment, `NAME=VALUE` each: all but what is addressed to this process alone (a service manager's
/// sockets and watchdog), agents that unlock keys, and what a name says to be a password, a key or a token. A plugin may read anything else.
[[nodiscard]] std::vector<std::string> child_environment(const char* const* environment);

}  // namespace stemwire::session
