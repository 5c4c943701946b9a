// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <csignal>
#include <exception>
#include <iostream>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "config.h"
#include "preset/preset.hpp"

namespace stemwire::cli {

int isolated_node_command(const std::vector<std::string>& arguments);

}  // namespace stemwire::cli

namespace {

using namespace stemwire;
using namespace stemwire::cli;

int print_help()
{
    std::cout << "stemwire: multi-track audio as a graph that everyone can see and re-patch\n\nUsage: stemwire COMMAND [OPTIONS] …\n\nCommands:\n";
    for (const Command& command : commands()) std::cout << "  " << command.name << std::string(10 - command.name.size(), ' ') << command.summary << '\n';
    std::cout << "\n'stemwire help COMMAND' says more. 'stemwire --version' says which version this is.\n";
    return exit_done;
}

const Command* find_command(const std::string& name)
{
    const auto found = std::ranges::find(commands(), name, &Command::name);
    return found == commands().end() ? nullptr : &*found;
}

int unknown_command(const std::string& name)
{
    std::vector<std::string_view> known;
    for (const Command& command : commands()) known.push_back(command.name);
    const auto near = preset::nearest(name, known);
    return wrong_usage("", "unknown command '" + name + "'" + (near ? " (did you mean '" + std::string(*near) + "'?)" : ""));
}

int dispatch(const std::vector<std::string>& arguments)
{
    if (arguments.empty()) return wrong_usage("", "no command");
    const std::string& word = arguments.front();
    const bool help = word == "help";
    if (word == "isolated-node") return isolated_node_command({arguments.begin() + 1, arguments.end()});
    if (word == "--help" || word == "-h" || (help && arguments.size() == 1)) return print_help();
    if (word == "--version") {
        std::cout << "stemwire " STEMWIRE_VERSION "\n";
        return exit_done;
    }
    const std::string& name = help ? arguments[1] : word;
    const Command* command = find_command(name);
    if (command == nullptr) return unknown_command(name);
    return command->run(help ? std::vector<std::string>{"--help"} : std::vector<std::string>(arguments.begin() + 1, arguments.end()));
}

}  // namespace

int main(int argc, char** argv)
{
    // A reader that goes away (`stemwire nodes | head`) must not end us by a signal, nor a file that grows past a limit.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    try {
        return dispatch({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        print_error(error.what());
        return exit_failed;
    }
}
