// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/preset_argument.hpp"

#include <algorithm>
#include <filesystem>

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

bool names_preset(const std::string& file)
{
    const std::string ending = std::filesystem::path(file).extension().string();
    return ending == ".yaml" || ending == ".yml";
}

Expected<std::map<std::string, std::string>> inputs_of(const Arguments& arguments)
{
    std::map<std::string, std::string> inputs;
    for (const std::string& text : arguments.values("input")) {
        const auto equals = text.find('=');
        if (equals == std::string::npos || equals == 0) return failure("--input " + text + ": not of the form NAME=FILE");
        inputs[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return inputs;
}

std::optional<std::string> unknown_input(const std::map<std::string, std::string>& inputs, const preset::Preset& preset)
{
    for (const auto& [name, file] : inputs)
        if (std::ranges::find(preset.externals, name, &preset::ExternalModel::name) == preset.externals.end()) return name;
    return std::nullopt;
}

}  // namespace stemwire::cli
