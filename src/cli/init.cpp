// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <iostream>
#include <limits>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "preset/patch.hpp"
#include "session/quick_preset.hpp"

namespace stemwire::cli {

namespace {

/// What lies beside the preset first: a preset that is there is whole.
int write_files(const container::PresetText& preset, const std::string& output)
{
    auto files = preset.files;
    files.emplace_back(output, preset.text);
    for (const auto& [path, content] : files) {
        if (const auto written = preset::replace_file(path, content); !written) {
            print_errors({written.error()});
            return exit_failed;
        }
        say("wrote " + path);
    }
    return exit_done;
}

}  // namespace

int init_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"init", "FILE…", 1, std::numeric_limits<std::size_t>::max(),
                      "Prints a preset for these files, ready to edit: stemwire init *.flac > band.yaml. A song with takes (.prot) becomes a preset that "
                      "sounds like it.",
                      {{"output,o", "PRESET", "write the preset there, and what it needs beside it (impulse responses of a song)"}}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    container::PresetWishes wishes;
    const auto output = options.value("output");
    if (output) wishes.folder = std::filesystem::absolute(*output).lexically_normal().parent_path().string();
    wishes.extract = output.has_value();
    const auto preset = session::quick_preset(options.positional(), wishes);
    if (!preset) {
        print_errors(preset.error());
        return exit_bad_input;
    }
    print_warnings(preset->warnings);
    if (output) return write_files(*preset, *output);
    std::cout << preset->text;
    return exit_done;
}

}  // namespace stemwire::cli
