// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/live.hpp"

#include "cli/command.hpp"
#include "cli/meters_view.hpp"
#include "cli/terminal.hpp"
#include "session/live_session.hpp"

namespace stemwire::cli {

std::vector<Option> live_options()
{
    return {{"backend", "pipewire", "the sound server to play in (default pipewire)"},
            {"remote", "NAME", "the PipeWire server to connect to (default: PIPEWIRE_REMOTE, else the usual one)"},
            {"private", "", "start a PipeWire of our own with a null sink, and end it with us"},
            {"duration", "TIME", "leave after this much of the timeline"},
            {"exit-at-end", "", "leave when the last track has ended and the tails have died away"}};
}

int play_live(const Usage& usage, const Arguments& arguments, const preset::Preset& preset)
{
    const std::string backend = arguments.value("backend").value_or("pipewire");
    if (backend != "pipewire") return wrong_usage(usage.command, "--backend: '" + backend + "' is not built in (pipewire is; it serves JACK programs too)");
    if (arguments.has("private") && arguments.has("remote")) return wrong_usage(usage.command, "--private and --remote exclude each other");

    MetersView view;
    session::LiveRequest request{.remote = arguments.value("remote").value_or(""),
                                 .private_server = arguments.has("private"),
                                 .duration_seconds = {},
                                 .exit_at_end = arguments.has("exit-at-end"),
                                 .say = [&view](const std::string& message) {
                                     view.clear();
                                     say(message);
                                 },
                                 .view = {}};
    if (const auto text = arguments.value("duration")) {
        const auto seconds = parse_seconds("duration", *text);
        if (!seconds) return wrong_usage(usage.command, seconds.error().message);
        request.duration_seconds = *seconds;
    }
    if (on_terminal()) request.view = [&view](session::Instance& instance, const session::LiveStatus& status) { view.show(instance, status); };

    const auto played = session::run_live(preset, request);
    view.clear();
    if (played) return exit_done;
    print_errors(played.error().errors);
    return played.error().no_server ? exit_no_server : exit_failed;
}

}  // namespace stemwire::cli
