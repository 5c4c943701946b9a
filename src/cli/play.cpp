// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits>

#include "cli/command.hpp"
#include "cli/live.hpp"
#include "cli/preset_argument.hpp"
#include "cli/terminal.hpp"
#include "session/quick_preset.hpp"

namespace stemwire::cli {

int play_command(const std::vector<std::string>& arguments)
{
    Usage usage{"play", "FILE…", 1, std::numeric_limits<std::size_t>::max(),
                "Plays audio files together, without a preset: every audio stream of every file is a track, mixed to the default sink. Leaves at the end.", live_options()};
    usage.options.push_back({"loop", "", "play for ever, each file by itself"});
    usage.options.push_back(set_option);
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    if (const auto status = refuse_live_options(usage, options)) return *status;
    auto overrides = overrides_of(usage, options);
    if (const int* status = std::get_if<int>(&overrides)) return *status;

    const auto text = session::quick_preset(options.positional(), ".", options.has("loop"));
    if (!text) {
        print_errors(text.error());
        return exit_bad_input;
    }
    // The preset was made just now and has no file; its name is what the nodes are called on the graph.
    preset::Loaded loaded = preset::load_text(*text, "play.yaml", std::get<0>(overrides));
    print_errors(loaded.errors);
    if (!loaded.preset) return exit_bad_input;
    session::LiveRequest request;
    request.exit_at_end = !options.has("loop");
    return play_live(options, *loaded.preset, std::move(request));
}

}  // namespace stemwire::cli
