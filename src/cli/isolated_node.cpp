// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>

#include "cli/command.hpp"
#include "cli/preset_argument.hpp"
#include "cli/terminal.hpp"
#include "session/isolation/isolated_process.hpp"

namespace stemwire::cli {

/// What `run` starts for a node with `isolate: true`; nothing for people.
int isolated_node_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"isolated-node", "PRESET", 1, 1, "Does the work of one node for the session that starts it.",
                      {{"node", "NAME", "the node"}, {"line", "DESCRIPTOR", "the open file that is shared with the session"}, set_option}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    const auto how = preset_options_of(usage, options);
    if (const int* status = std::get_if<int>(&how)) return *status;
    const auto line = options.value("line");
    if (!line || !options.has("node")) return wrong_usage(usage.command, "only a running session can start this");
    const auto done = session::run_isolated({.path = options.positional().front(), .overrides = std::get<PresetOptions>(how).overrides, .node = *options.value("node"),
                                             .descriptor = std::atoi(line->c_str()), .say = &say});
    if (done) return exit_done;
    print_errors(done.error());
    return exit_bad_input;
}

}  // namespace stemwire::cli
