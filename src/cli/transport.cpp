// SPDX-License-Identifier: GPL-3.0-or-later
#include <iostream>

#include "cli/command.hpp"
#include "cli/session_command.hpp"
#include "control/position.hpp"

namespace stemwire::cli {

namespace {

using control::Json;

/// Asks for a change of the transport, waits until it is heard, and says where the transport is.
int move(const Usage& usage, const Arguments& options, Json parameters = Json::object())
{
    const auto answer = ask(usage, options, std::string(usage.command), std::move(parameters));
    if (const int* status = std::get_if<int>(&answer)) return *status;
    const Json& transport = std::get<Json>(answer);
    if (options.has("json")) std::cout << transport.dump(2) << '\n';
    else std::cout << transport["state"].get<std::string>() << " at " << control::format_position(transport["seconds"].get<double>()) << '\n';
    return exit_done;
}

int move_without_arguments(const Usage& usage, const std::vector<std::string>& arguments)
{
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    return move(usage, std::get<Arguments>(parsed));
}

}  // namespace

int start_command(const std::vector<std::string>& arguments)
{
    return move_without_arguments({"start", "", 0, 0, "Lets the transport of a running session roll; returns when it is heard.", {session_option, json_option}}, arguments);
}

int pause_command(const std::vector<std::string>& arguments)
{
    return move_without_arguments({"pause", "", 0, 0, "Stops the transport of a running session where it is; returns when it has stopped.", {session_option, json_option}}, arguments);
}

int seek_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"seek", "TIME", 1, 2, "Goes to another place on the timeline (1:23.5, 83 s), or so far from here (+5 s, -5 s); returns when it is heard.",
                      {session_option, json_option}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    const std::vector<std::string> words = join_units(options.positional());
    if (words.size() != 1) return wrong_usage(usage.command, "unexpected argument '" + words[1] + "'");
    const bool relative = words[0].starts_with('+') || words[0].starts_with('-');
    return move(usage, options, {{relative ? "by" : "to", words[0]}});
}

int loop_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"loop", "FROM TO | off", 1, 4, "Plays from one place on the timeline to another, again and again, or ends that; returns when it is heard.",
                      {session_option, json_option}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    const std::vector<std::string> words = join_units(options.positional());
    if (words == std::vector<std::string>{"off"}) return move(usage, options, {{"off", true}});
    if (words.size() != 2) return wrong_usage(usage.command, "FROM and TO, or 'off', are expected");
    return move(usage, options, {{"from", words[0]}, {"to", words[1]}});
}

}  // namespace stemwire::cli
