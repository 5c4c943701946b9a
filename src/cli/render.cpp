// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/render.hpp"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <utility>

#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/loudness_gain.hpp"
#include "cli/preset_argument.hpp"
#include "cli/progress.hpp"
#include "cli/terminal.hpp"
#include "cli/tracing.hpp"

namespace stemwire::cli {

namespace {

std::atomic<bool> interrupted{false};

Usage usage()
{
    return {"render", "PRESET", 1, 1, "Computes the preset without any server, faster than real time. The file's ending says what it becomes: .wav, .flac, .opus,\n"
            ".mp3, .m4a or .mka.",
            {{"output,o", "OUT", "the file to write (required)"},
             {"format", "f32|s24|s16", "samples of WAV and FLAC (default s24; s16 is dithered)"},
             {"duration", "TIME", "how much of the timeline (default: to the end of the longest track and the tails)"},
             {"quantum", "N", "frames per cycle (default: the preset's, else 1024, or 256 where something feeds back)"},
             {"threads", "N", "how many threads compute (default: one for each core)"},
             {"input", "NAME=FILE", "what a live source of the preset plays (default: silence)", true},
             {"stems", "DIR", "write one file for each node too"},
             set_option,
             memory_option,
             trace_option,
             {"json", "", "print a summary as one JSON object"}}};
}

std::variant<media::SampleFormat, int> sample_format(const Usage& usage, const Arguments& arguments)
{
    const std::string name = arguments.value("format").value_or("s24");
    if (name == "s16") return media::SampleFormat::s16;
    if (name == "s24") return media::SampleFormat::s24;
    if (name == "f32") return media::SampleFormat::f32;
    return wrong_usage(usage.command, "--format: '" + name + "' is none of f32, s24, s16");
}

/// Fills in the request, or says what is wrong with the options.
Expected<session::RenderRequest> request_from(const Arguments& arguments)
{
    session::RenderRequest request;
    if (!arguments.has("output")) return failure("missing -o OUT");
    request.output = *arguments.value("output");
    request.stems_folder = arguments.value("stems").value_or("");
    if (const auto text = arguments.value("quantum")) {
        const auto quantum = parse_count("quantum", *text, 1, largest_quantum);
        if (!quantum) return tl::unexpected(quantum.error());
        request.quantum = static_cast<std::uint32_t>(*quantum);
    }
    if (auto read = read_offline_options(arguments, request); !read) return tl::unexpected(read.error());
    return request;
}

void print_json(const session::RenderSummary& summary)
{
    nlohmann::ordered_json json;
    json["output"] = summary.files.front();
    json["files"] = summary.files;
    json["frames"] = summary.frames;
    json["rate"] = summary.rate_hz;
    json["seconds"] = static_cast<double>(summary.frames) / summary.rate_hz;
    json["wall_seconds"] = summary.wall_seconds;
    json["realtime"] = static_cast<double>(summary.frames) / summary.rate_hz / summary.wall_seconds;
    json["peak_dbfs"] = linear_to_decibels(summary.peak);  // −∞ is written as null
    json["lufs"] = summary.lufs;
    json["missing_frames"] = summary.missing_frames;
    json["nodes"] = nlohmann::ordered_json::array();
    for (const auto& node : summary.nodes) json["nodes"].push_back({{"name", node.name}, {"cpu_seconds", node.cpu_seconds}});
    std::cout << json.dump(2) << '\n';
}

void print_summary(const session::RenderSummary& summary)
{
    const double seconds = static_cast<double>(summary.frames) / summary.rate_hz;
    std::printf("%s: %.3f s, %.0f Hz, peak %.1f dBFS, %.1f LUFS, %.0f x realtime\n", summary.files.front().c_str(), seconds, summary.rate_hz,
                linear_to_decibels(summary.peak), summary.lufs, seconds / summary.wall_seconds);
    for (std::size_t i = 1; i < summary.files.size(); ++i) std::printf("%s\n", summary.files[i].c_str());
}

}  // namespace

int render_command(const std::vector<std::string>& arguments)
{
    const Usage what = usage();
    const auto parsed = parse(what, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    auto request = request_from(options);
    if (!request) return wrong_usage(what.command, request.error().message);
    const auto format = sample_format(what, options);
    if (const int* status = std::get_if<int>(&format)) return *status;
    request->format = std::get<media::SampleFormat>(format);
    auto preset = load_preset(what, options);
    if (const int* status = std::get_if<int>(&preset)) return *status;
    auto& loaded = std::get<preset::Preset>(preset);

    if (const auto name = unknown_input(request->inputs, loaded)) return wrong_usage(what.command, "--input " + *name + ": the preset has no external of this name");
    if (const auto status = bring_to_loudness(loaded, request->duration_seconds)) return *status;
    const auto trace = open_trace(options);
    if (!trace) {
        print_error(trace.error().message);
        return exit_failed;
    }
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, [](int) { interrupted = true; });
    ProgressBar bar(loaded.name, loaded.rate_hz.value_or(48000.0));
    const auto summary = session::render(loaded, *request, [&bar](Frames done, Frames total) { bar.show(done, total); }, interrupted);
    bar.clear();
    close_trace(trace->get());
    if (!summary) {
        if (interrupted) return exit_interrupted;
        print_errors(summary.error());
        return exit_status_of(summary.error());
    }
    for (const std::string& message : summary->messages) say(message);
    if (options.has("json")) print_json(*summary);
    else print_summary(*summary);
    return exit_done;
}

}  // namespace stemwire::cli
