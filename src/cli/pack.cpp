// SPDX-License-Identifier: GPL-3.0-or-later
#include "container/pack.hpp"

#include <filesystem>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/preset_argument.hpp"
#include "cli/terminal.hpp"

namespace stemwire::cli {

int pack_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"pack", "PRESET", 1, 1,
                      "Puts a preset, the stems that it plays and its impulse responses into one Matroska file, which `stemwire play` takes.",
                      {{"output,o", "OUT", "the file to write: .mka or .mkv (required)"}, {"codec", "flac|opus", "of the stems (default flac, which loses nothing of 24 bits)"}}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    const auto output = options.value("output");
    if (!output) return wrong_usage(usage.command, "missing -o OUT");
    const auto ending = std::filesystem::path(*output).extension();
    if (ending != ".mka" && ending != ".mkv") return wrong_usage(usage.command, "--output: '" + *output + "' ends neither in .mka nor in .mkv");
    const std::string codec = options.value("codec").value_or("flac");
    if (codec != "flac" && codec != "opus") return wrong_usage(usage.command, "--codec: '" + codec + "' is none of flac, opus");
    const auto preset = load_preset(usage, options);
    if (const int* status = std::get_if<int>(&preset)) return *status;
    const auto packed = container::pack(std::get<0>(preset), *output, codec == "opus" ? container::PackCodec::opus : container::PackCodec::flac);
    if (!packed) {
        print_errors({packed.error()});
        return exit_failed;
    }
    say("wrote " + *output);
    return exit_done;
}

}  // namespace stemwire::cli
