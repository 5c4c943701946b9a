// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/preset_argument.hpp"

#include <algorithm>
#include <filesystem>

#include "cli/command.hpp"
#include "cli/terminal.hpp"

namespace stemwire::cli {

namespace {

constexpr long most_megabytes = 1'000'000;
constexpr std::size_t megabyte = 1'000'000;

}  // namespace

preset::Loaded PresetOptions::with_memory(preset::Loaded loaded) const
{
    if (loaded.preset) loaded.preset->memory_bytes = memory_bytes;
    return loaded;
}

std::variant<PresetOptions, int> preset_options_of(const Usage& usage, const Arguments& arguments)
{
    PresetOptions options;
    for (const std::string& text : arguments.values("set")) {
        const auto equals = text.find('=');
        if (equals == std::string::npos || equals == 0) return wrong_usage(usage.command, "--set " + text + ": not of the form NODE.PARAM=VALUE");
        options.overrides.push_back({text.substr(0, equals), text.substr(equals + 1)});
    }
    if (const auto text = arguments.value("memory")) {
        const auto megabytes = parse_count("memory", *text, 1, most_megabytes);
        if (!megabytes) return wrong_usage(usage.command, megabytes.error().message);
        options.memory_bytes = static_cast<std::size_t>(*megabytes) * megabyte;
    }
    return options;
}

std::variant<preset::Preset, int> load_preset(const Usage& usage, const Arguments& arguments)
{
    const auto options = preset_options_of(usage, arguments);
    if (const int* status = std::get_if<int>(&options)) return *status;
    preset::Loaded loaded = std::get<PresetOptions>(options).load(arguments.positional().front());
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
