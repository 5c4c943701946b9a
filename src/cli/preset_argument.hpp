// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/options.hpp"
#include "preset/preset.hpp"

namespace stemwire::cli {

/// `--set`, for every command that loads a preset.
inline constexpr Option set_option{"set", "NODE.PARAM=VALUE", "change a parameter before the preset is checked", true};

/// `--memory`, for every command that makes the nodes of a preset.
inline constexpr Option memory_option{"memory", "MB", "what the nodes may take together (default: in proportion to the preset and its files, at most 1074)"};

/// How a preset is loaded.
struct PresetOptions {
    std::vector<preset::Override> overrides{};
    std::optional<std::size_t> memory_bytes{};

    [[nodiscard]] preset::Loaded load(const std::string& path) const { return with_memory(preset::load(path, overrides)); }
    [[nodiscard]] preset::Loaded load_text(std::string_view yaml, const std::string& path) const { return with_memory(preset::load_text(yaml, path, overrides)); }

private:
    [[nodiscard]] preset::Loaded with_memory(preset::Loaded loaded) const;
};

/// --set and --memory; the exit status where one of them is not as it should be (said).
[[nodiscard]] std::variant<PresetOptions, int> preset_options_of(const Usage& usage, const Arguments& arguments);

/// Loads the preset that the first positional argument names, prints its warnings, or prints all its errors and gives the exit status.
[[nodiscard]] std::variant<preset::Preset, int> load_preset(const Usage& usage, const Arguments& arguments);

/// Whether a file is a preset and no media file, by its name's ending.
[[nodiscard]] bool names_preset(const std::string& file);

/// `--input NAME=FILE`: external source → file; an error where one isn't of the form.
[[nodiscard]] Expected<std::map<std::string, std::string>> inputs_of(const Arguments& arguments);
/// The first of them that names no external of the preset.
[[nodiscard]] std::optional<std::string> unknown_input(const std::map<std::string, std::string>& inputs, const preset::Preset& preset);

/// `--duration`, `--threads` and `--input`, of commands that compute a preset without a server.
template <class Request>
[[nodiscard]] Expected<void> read_offline_options(const Arguments& arguments, Request& request)
{
    const auto duration = seconds_of(arguments, "duration");
    if (!duration) return tl::unexpected(duration.error());
    request.duration_seconds = *duration;
    if (const auto text = arguments.value("threads")) {
        const auto threads = parse_count("threads", *text, 1, 1024);
        if (!threads) return tl::unexpected(threads.error());
        request.threads = static_cast<unsigned>(*threads);
    }
    auto inputs = inputs_of(arguments);
    if (!inputs) return tl::unexpected(inputs.error());
    request.inputs = std::move(*inputs);
    return {};
}

}  // namespace stemwire::cli
