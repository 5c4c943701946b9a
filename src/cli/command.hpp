// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stemwire::cli {

/// What the program answers to its caller.
enum ExitStatus : int {
    exit_done = 0,
    exit_failed = 1,       ///< failed while running
    exit_usage = 2,
    exit_bad_input = 3,    ///< the preset or a media file is wrong
    exit_no_server = 4,
    exit_interrupted = 130,
};

/// One word that stemwire knows. `run` gets what follows the word.
struct Command {
    std::string_view name;
    std::string_view summary;    ///< one line, without a full stop
    int (*run)(const std::vector<std::string>& arguments);
};

/// Every command, in the order in which they are listed.
[[nodiscard]] std::span<const Command> commands();

}  // namespace stemwire::cli
