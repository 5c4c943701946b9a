// SPDX-License-Identifier: GPL-3.0-or-later
#include <iostream>
#include <limits>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "session/quick_preset.hpp"

namespace stemwire::cli {

int init_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"init", "FILE…", 1, std::numeric_limits<std::size_t>::max(),
                      "Prints a preset for these files, ready to edit: stemwire init *.flac > band.yaml", {}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const auto text = session::quick_preset(std::get<Arguments>(parsed).positional(), ".");
    if (!text) {
        print_errors(text.error());
        return exit_bad_input;
    }
    std::cout << *text;
    return exit_done;
}

}  // namespace stemwire::cli
