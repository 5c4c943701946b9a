// SPDX-License-Identifier: GPL-3.0-or-later
#include <iostream>

#include "cli/command.hpp"
#include "cli/session_command.hpp"

namespace stemwire::cli {

int save_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"save", "", 0, 0, "Writes the parameters and links that were changed in a running session into its preset file; comments stay.", {session_option, json_option}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    const auto answer = ask(usage, options, "save");
    if (const int* status = std::get_if<int>(&answer)) return *status;
    const control::Json& result = std::get<control::Json>(answer);
    if (options.has("json")) std::cout << result.dump(2) << '\n';
    else if (result["changes"].empty()) std::cout << "nothing has changed\n";
    else
        for (const control::Json& change : result["changes"]) std::cout << change.get<std::string>() << '\n';
    return exit_done;
}

}  // namespace stemwire::cli
