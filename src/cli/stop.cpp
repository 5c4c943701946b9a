// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.hpp"
#include "cli/session_command.hpp"
#include "cli/terminal.hpp"

namespace stemwire::cli {

namespace {

/// A session ends within its fade and what its recorders have yet to write.
constexpr std::chrono::seconds end_patience{30};

}  // namespace

int stop_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"stop", "", 0, 0, "Ends a running session, with a fade; returns when it has ended.", {session_option}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    auto found = find_session(usage, std::get<Arguments>(parsed));
    if (const int* status = std::get_if<int>(&found)) return *status;
    auto& client = std::get<control::ControlClient>(found);
    if (const auto answer = client.call("stop"); !answer) return refused(usage, answer.error());
    if (client.wait_for_end(end_patience)) return exit_done;
    print_error("the session '" + client.session() + "' has not ended after 30 s");
    return exit_failed;
}

}  // namespace stemwire::cli
