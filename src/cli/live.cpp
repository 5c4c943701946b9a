// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/live.hpp"

#include "cli/command.hpp"
#include "cli/meters_view.hpp"
#include "cli/terminal.hpp"
#include "cli/tracing.hpp"
#include "session/live_session.hpp"

namespace stemwire::cli {

namespace {

Expected<std::optional<double>> duration_of(const Arguments& arguments)
{
    const auto text = arguments.value("duration");
    if (!text) return std::optional<double>();
    const auto seconds = parse_seconds("duration", *text);
    if (!seconds) return tl::unexpected(seconds.error());
    return std::optional(*seconds);
}

}  // namespace

std::vector<Option> live_options()
{
    return {{"backend", "pipewire", "the sound server to play in (default pipewire)"},
            {"remote", "NAME", "the PipeWire server to connect to (default: PIPEWIRE_REMOTE, else the usual one)"},
            {"private", "", "start a PipeWire of our own with a null sink, and end it with us"},
            {"duration", "TIME", "leave after this much of the timeline"},
            trace_option};
}

std::optional<int> refuse_live_options(const Usage& usage, const Arguments& arguments)
{
    const std::string backend = arguments.value("backend").value_or("pipewire");
    if (backend != "pipewire") return wrong_usage(usage.command, "--backend: '" + backend + "' is not built in (pipewire is; it serves JACK programs too)");
    if (arguments.has("private") && arguments.has("remote")) return wrong_usage(usage.command, "--private and --remote exclude each other");
    if (const auto seconds = duration_of(arguments); !seconds) return wrong_usage(usage.command, seconds.error().message);
    return std::nullopt;
}

int play_live(const Arguments& arguments, const preset::Preset& preset, session::LiveRequest request)
{
    const auto trace = open_trace(arguments);
    if (!trace) {
        print_error(trace.error().message);
        return exit_failed;
    }
    MetersView view;
    request.remote = arguments.value("remote").value_or("");
    request.private_server = arguments.has("private");
    request.duration_seconds = duration_of(arguments).value_or(std::nullopt);
    request.say = [&view](const std::string& message) {
        view.clear();
        say(message);
    };
    if (on_terminal()) request.view = [&view](const session::SessionControl& session) { view.show(session); };

    const auto played = session::run_live(preset, request);
    view.clear();
    close_trace(trace->get());
    if (played) return exit_done;
    print_errors(played.error().errors);
    return played.error().no_server ? exit_no_server : exit_failed;
}

}  // namespace stemwire::cli
