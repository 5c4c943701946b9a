// SPDX-License-Identifier: GPL-3.0-or-later
#include <iostream>

#include "cli/command.hpp"
#include "cli/session_command.hpp"

namespace stemwire::cli {

namespace {

void print_list(const control::Json& list)
{
    for (const control::Json& value : list) std::cout << value["address"].get<std::string>() << ": " << value["text"].get<std::string>() << '\n';
}

}  // namespace

int get_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"get", "[NODE.PARAM]", 0, 1, "Prints the value of a live parameter of a running session, with its unit; without an argument all of them.",
                      {session_option, json_option}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    const bool all = options.positional().empty();
    const auto answer = all ? ask(usage, options, "list") : ask(usage, options, "get", {{"address", options.positional().front()}});
    if (const int* status = std::get_if<int>(&answer)) return *status;
    const control::Json& result = std::get<control::Json>(answer);
    if (options.has("json")) std::cout << result.dump(2) << '\n';
    else if (all) print_list(result["parameters"]);
    else std::cout << result["text"].get<std::string>() << '\n';
    return exit_done;
}

}  // namespace stemwire::cli
