// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits>
#include <random>

#include "cli/command.hpp"
#include "cli/live.hpp"
#include "cli/preset_argument.hpp"
#include "cli/terminal.hpp"
#include "session/quick_preset.hpp"

namespace stemwire::cli {

namespace {

constexpr long largest_seed = 4294967295;

}  // namespace

int play_command(const std::vector<std::string>& arguments)
{
    Usage usage{"play", "FILE…", 1, std::numeric_limits<std::size_t>::max(),
                "Plays audio files together, without a preset: every audio stream of every file is a track, mixed to the default sink. Leaves at the end.", live_options()};
    usage.options.push_back({"loop", "", "play for ever, each file by itself"});
    usage.options.push_back({"seed", "N", "draw the takes of a song by this number; without it they are other ones every time"});
    usage.options.push_back(set_option);
    usage.options.push_back(memory_option);
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    if (const auto status = refuse_live_options(usage, options)) return *status;
    const auto how = preset_options_of(usage, options);
    if (const int* status = std::get_if<int>(&how)) return *status;

    container::PresetWishes wishes{.loop = options.has("loop"), .seed = std::random_device()()};
    if (const auto seed = options.value("seed")) {
        const auto number = parse_count("seed", *seed, 0, largest_seed);
        if (!number) return wrong_usage(usage.command, number.error().message);
        wishes.seed = static_cast<std::uint64_t>(*number);
    }
    const auto text = session::quick_preset(options.positional(), wishes);
    if (!text) {
        print_errors(text.error());
        return exit_bad_input;
    }
    print_warnings(text->warnings);
    // The preset was made just now and has no file; its name is what the nodes are called on the graph.
    preset::Loaded loaded = std::get<PresetOptions>(how).load_text(text->text, "play.yaml");
    print_errors(loaded.errors);
    if (!loaded.preset) return exit_bad_input;
    session::LiveRequest request;
    request.exit_at_end = !options.has("loop");
    return play_live(options, *loaded.preset, std::move(request));
}

}  // namespace stemwire::cli
