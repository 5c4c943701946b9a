// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/preset_argument.hpp"

#include "cli/command.hpp"
#include "cli/terminal.hpp"

namespace stemwire::cli {

std::variant<std::vector<preset::Override>, int> overrides_of(const Usage& usage, const Arguments& arguments)
{
    std::vector<preset::Override> overrides;
    for (const std::string& text : arguments.values("set")) {
        const auto equals = text.find('=');
        if (equals == std::string::npos || equals == 0) return wrong_usage(usage.command, "--set " + text + ": not of the form NODE.PARAM=VALUE");
        overrides.push_back({text.substr(0, equals), text.substr(equals + 1)});
    }
    return overrides;
}

std::variant<preset::Preset, int> load_preset(const Usage& usage, const Arguments& arguments)
{
    const auto overrides = overrides_of(usage, arguments);
    if (const int* status = std::get_if<int>(&overrides)) return *status;
    preset::Loaded loaded = preset::load(arguments.positional().front(), std::get<0>(overrides));
    print_warnings(loaded.warnings);
    print_errors(loaded.errors);
    if (!loaded.preset) return exit_bad_input;
    return std::move(*loaded.preset);
}

}  // namespace stemwire::cli
