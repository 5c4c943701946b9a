// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/session_command.hpp"

#include "cli/command.hpp"
#include "cli/terminal.hpp"

namespace stemwire::cli {

namespace {

constexpr std::string_view digits = "0123456789";

/// `-3`, `+5`, `1:23`, `.5`: a number that lacks its unit, if it has one.
bool ends_as_number(const std::string& word)
{
    return !word.empty() && digits.find(word.back()) != std::string_view::npos && word.find_first_not_of("0123456789.:+-") == std::string::npos;
}

bool is_unit(const std::string& word)
{
    return !word.empty() && word.find_first_of("0123456789.:+-") == std::string::npos && word != "off";
}

}  // namespace

std::variant<control::ControlClient, int> find_session(const Usage& usage, const Arguments& arguments)
{
    auto client = control::ControlClient::connect(arguments.value("session"));
    if (client) return std::move(*client);
    if (client.error().ambiguous) return wrong_usage(usage.command, client.error().message);
    print_error(client.error().message);
    return exit_no_server;
}

std::variant<control::Json, int> ask(const Usage& usage, const Arguments& arguments, const std::string& method, control::Json parameters)
{
    auto client = find_session(usage, arguments);
    if (const int* status = std::get_if<int>(&client)) return *status;
    auto answer = std::get<control::ControlClient>(client).call(method, std::move(parameters));
    if (!answer) return refused(usage, answer.error());
    return std::move(*answer);
}

int refused(const Usage& usage, const control::RpcError& error)
{
    if (error.code == control::rpc_wrong_parameters) return wrong_usage(usage.command, error.message);
    print_error(error.message);
    return exit_failed;
}

std::vector<std::string> join_units(const std::vector<std::string>& words)
{
    std::vector<std::string> joined;
    for (const std::string& word : words) {
        if (!joined.empty() && ends_as_number(joined.back()) && is_unit(word)) joined.back() += " " + word;
        else joined.push_back(word);
    }
    return joined;
}

}  // namespace stemwire::cli
