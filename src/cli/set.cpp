// SPDX-License-Identifier: GPL-3.0-or-later
#include <iostream>

#include "cli/command.hpp"
#include "cli/session_command.hpp"

namespace stemwire::cli {

int set_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"set", "NODE.PARAM VALUE", 2, 3, "Changes a live parameter of a running session: stemwire set mix.drums.gain -3 dB", {session_option, json_option}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    const std::vector<std::string>& words = options.positional();
    const std::string value = words.size() == 3 ? words[1] + " " + words[2] : words[1];
    const auto answer = ask(usage, options, "set", {{"address", words[0]}, {"value", value}});
    if (const int* status = std::get_if<int>(&answer)) return *status;
    if (options.has("json")) std::cout << std::get<control::Json>(answer).dump(2) << '\n';
    return exit_done;
}

}  // namespace stemwire::cli
