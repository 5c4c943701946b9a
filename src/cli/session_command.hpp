// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <variant>

#include "cli/options.hpp"
#include "control/control_client.hpp"

/// What the commands share that talk to a running session.
namespace stemwire::cli {

inline constexpr Option session_option{"session", "NAME", "the session to talk to (default: the only one that runs)"};
inline constexpr Option json_option{"json", "", "print one JSON object"};

/// The session that the options mean, or the exit status after what is wrong was said.
[[nodiscard]] std::variant<control::ControlClient, int> find_session(const Usage& usage, const Arguments& arguments);

/// Asks the session that the options mean, and waits for the answer; or the exit status after what is wrong was said.
[[nodiscard]] std::variant<control::Json, int> ask(const Usage& usage, const Arguments& arguments, const std::string& method, control::Json parameters = control::Json::object());

/// Says what the session refused; returns the exit status: wrong parameters are wrong usage.
int refused(const Usage& usage, const control::RpcError& error);

/// What a shell has cut apart: `-3` `dB` is `-3 dB` again. A word that begins with a letter after a number is its unit.
[[nodiscard]] std::vector<std::string> join_units(const std::vector<std::string>& words);

}  // namespace stemwire::cli
