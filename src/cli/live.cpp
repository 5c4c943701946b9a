// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/live.hpp"

#include <chrono>

#include "cli/command.hpp"
#include "cli/loudness_gain.hpp"
#include "cli/meters_view.hpp"
#include "cli/serving.hpp"
#include "cli/terminal.hpp"
#include "cli/tracing.hpp"
#include "session/cpu_latency.hpp"
#include "session/live_session.hpp"
#include "session/loudness_gain.hpp"

namespace stemwire::cli {

namespace {

constexpr long longest_cpu_latency_us = 1000000;

std::string backend_of(const Arguments& arguments)
{
    return arguments.value("backend").value_or(std::string(to_string(host::Backend::pipewire)));
}

std::string built_in_backends()
{
    std::string names;
    for (const host::Backend backend : host::backends()) names += (names.empty() ? "" : ", ") + std::string(to_string(backend));
    return names;
}

/// Empty: to be left as it is.
Expected<std::optional<std::chrono::microseconds>> cpu_latency_of(const Arguments& arguments)
{
    const std::string text = arguments.value("cpu-latency").value_or("auto");
    if (text == "auto") return session::usual_cpu_latency();
    if (text == "off") return std::nullopt;
    const auto microseconds = parse_count("cpu-latency", text, 0, longest_cpu_latency_us);
    if (!microseconds) return failure(microseconds.error().message + ", nor auto or off");
    return std::chrono::microseconds(*microseconds);
}

}  // namespace

std::vector<Option> live_options()
{
    std::vector<Option> options{
        {"backend", "NAME", "the sound server to play in: pipewire (default) or jack"},
        {"jack-clients", "each|one", "in JACK, each node is a client of its own (default), or all are parts of one"},
        {"remote", "NAME", "the server to connect to (default: PIPEWIRE_REMOTE or JACK_DEFAULT_SERVER, else the usual one)"},
        {"private", "", "start a PipeWire of our own with a null sink, and end it with us"},
        {"duration", "TIME", "leave after this much of the timeline (of time, where the preset's autostart is off)"},
        {"cpu-latency", "US", "the longest that a processor may take to wake from idle meanwhile, in µs, where /dev/cpu_dma_latency may be written: a number, off, or auto (default)"},
        trace_option,
    };
    const auto more = serving_options();
    options.insert(options.end(), more.begin(), more.end());
    return options;
}

std::optional<int> refuse_live_options(const Usage& usage, const Arguments& arguments)
{
    if (!host::parse_backend(backend_of(arguments)))
        return wrong_usage(usage.command, "--backend: '" + backend_of(arguments) + "' is not built in (" + built_in_backends() + ")");
    const bool jack = host::parse_backend(backend_of(arguments)) == host::Backend::jack;
    const std::string clients = arguments.value("jack-clients").value_or("each");
    if (clients != "each" && clients != "one") return wrong_usage(usage.command, "--jack-clients: '" + clients + "' is neither each nor one");
    if (arguments.has("jack-clients") && !jack) return wrong_usage(usage.command, "--jack-clients needs --backend jack");
    if (arguments.has("private") && jack)
        return wrong_usage(usage.command, "--private starts a PipeWire: it excludes --backend jack (a JACK without a sound card: jackd -d dummy)");
    if (arguments.has("private") && arguments.has("remote")) return wrong_usage(usage.command, "--private and --remote exclude each other");
    if (const auto seconds = seconds_of(arguments, "duration"); !seconds) return wrong_usage(usage.command, seconds.error().message);
    if (const auto latency = cpu_latency_of(arguments); !latency) return wrong_usage(usage.command, latency.error().message);
    return refuse_serving_options(usage, arguments);
}

int play_live(const Arguments& arguments, preset::Preset preset, session::LiveRequest request)
{
    if (session::runs_loudness(preset, request.own_nodes))
        if (const auto status = bring_to_loudness(preset, seconds_of(arguments, "duration").value_or(std::nullopt))) return *status == exit_interrupted ? exit_done : *status;
    const auto trace = open_trace(arguments);
    if (!trace) {
        print_error(trace.error().message);
        return exit_failed;
    }
    MetersView view;
    request.backend = host::parse_backend(backend_of(arguments)).value_or(host::Backend::pipewire);
    request.one_jack_client = arguments.value("jack-clients") == "one";
    request.remote = arguments.value("remote").value_or("");
    request.private_server = arguments.has("private");
    request.duration_seconds = seconds_of(arguments, "duration").value_or(std::nullopt);
    request.say = [&view](const std::string& message) {
        view.clear();
        say(message);
    };
    request.attach = serving(arguments, preset.name);
    std::optional<session::CpuLatency> cpu_latency;
    if (const auto wish = cpu_latency_of(arguments).value_or(std::nullopt)) cpu_latency.emplace(*wish);
    if (cpu_latency && !cpu_latency->held() && arguments.has("cpu-latency"))
        say("processors sleep as the system lets them: /dev/cpu_dma_latency cannot be written (a rule of udev gives a group the right)");
    if (on_terminal()) request.view = [&view](const session::SessionControl& session) { view.show(session); };

    const auto played = session::run_live(preset, request);
    view.clear();
    close_trace(trace->get());
    if (played) return exit_done;
    print_errors(played.error().errors);
    return played.error().no_server ? exit_no_server : exit_failed;
}

}  // namespace stemwire::cli
