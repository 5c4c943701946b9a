// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "session/session_control.hpp"

/// How a session that plays can be talked to.
namespace stemwire::cli {

/// `--osc PORT` and `--osc-bind ADDRESS`.
[[nodiscard]] std::vector<Option> serving_options();

/// What is wrong with the values of these options, said, and its exit status; nothing where nothing is.
[[nodiscard]] std::optional<int> refuse_serving_options(const Usage& usage, const Arguments& arguments);

/// Opens the control socket under the session's name, and OSC where the options, which were not refused, ask for it; what it returns serves until it goes. The
/// error says who has the name, or what is in the way.
[[nodiscard]] std::function<Expected<std::shared_ptr<void>>(session::SessionControl&)> serving(const Arguments& arguments, const std::string& name);

}  // namespace stemwire::cli
