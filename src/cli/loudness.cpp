// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/loudness.hpp"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <limits>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/preset_argument.hpp"
#include "cli/progress.hpp"
#include "cli/terminal.hpp"
#include "session/loudness_gain.hpp"
#include "session/quick_preset.hpp"

namespace stemwire::cli {

namespace {

using Json = nlohmann::ordered_json;

std::atomic<bool> interrupted{false};

Usage usage()
{
    return {"loudness", "PRESET | FILE…", 1, std::numeric_limits<std::size_t>::max(),
            "Measures how loud a preset is at each of its sinks (EBU R 128, ITU-R BS.1770-4), or the files as play would play them: integrated loudness, loudness\n"
            "range, true peak, and the largest short-term and momentary loudness; without the gain of the preset's key 'loudness', which is said below. Nothing is\n"
            "played or written.",
            {{"duration", "TIME", "how much of the timeline (default: to the end of the longest track and the tails)"},
             {"threads", "N", "how many threads compute (default: one for each core)"},
             {"input", "NAME=FILE", "what a live source of the preset plays (default: silence)", true},
             set_option,
             memory_option,
             {"json", "", "print the result as one JSON object"}}};
}

Expected<session::LoudnessRequest> request_from(const Arguments& arguments)
{
    session::LoudnessRequest request;
    if (auto read = read_offline_options(arguments, request); !read) return tl::unexpected(read.error());
    return request;
}

/// What was asked for as a preset, or the exit status.
std::variant<preset::Preset, int> load(const Usage& what, const Arguments& options)
{
    const auto& names = options.positional();
    if (names.size() == 1 && names_preset(names.front())) return load_preset(what, options);
    const auto how = preset_options_of(what, options);
    if (const int* status = std::get_if<int>(&how)) return *status;
    const auto text = session::quick_preset(names, {});
    if (!text) {
        print_errors(text.error());
        return exit_bad_input;
    }
    print_warnings(text->warnings);
    preset::Loaded loaded = std::get<PresetOptions>(how).load_text(text->text, names.front());
    print_errors(loaded.errors);
    if (!loaded.preset) return exit_bad_input;
    return std::move(*loaded.preset);
}

/// −∞ is written as null.
Json json_of(const session::OutputLoudness& output)
{
    return {{"integrated_lufs", output.integrated_lufs}, {"range_lu", output.range_lu},
            {"true_peak_dbtp", output.true_peak_dbtp}, {"short_term_max_lufs", output.max_short_term_lufs},
            {"momentary_max_lufs", output.max_momentary_lufs}};
}

void print_json(const preset::Preset& preset, const session::SongLoudness& song)
{
    const double seconds = static_cast<double>(song.frames) / song.rate_hz;
    Json json{{"name", preset.name}, {"frames", song.frames}, {"rate", song.rate_hz}, {"seconds", seconds}, {"wall_seconds", song.wall_seconds}, {"realtime", seconds / song.wall_seconds}};
    json.update(json_of(song.outputs.front()));
    if (preset.loudness) {
        const session::LoudnessGain gain = session::choose_gain(song, *preset.loudness);
        json["target_lufs"] = preset.loudness->target_lufs;
        json["gain_db"] = gain.gain_db;
        json["limited_by"] = gain.limited_by.empty() ? Json(nullptr) : Json(gain.limited_by);
    }
    json["unheard"] = song.unheard;
    json["outputs"] = Json::array();
    for (const auto& output : song.outputs) {
        json["outputs"].push_back({{"name", output.name}});
        json["outputs"].back().update(json_of(output));
    }
    std::cout << json.dump(2) << '\n';
}

void print_text(const preset::Preset& preset, const session::SongLoudness& song)
{
    const double seconds = static_cast<double>(song.frames) / song.rate_hz;
    std::printf("%s: %.3f s, %.0f Hz, measured in %.1f s (%.0f x realtime)\n", preset.name.c_str(), seconds, song.rate_hz, song.wall_seconds, seconds / song.wall_seconds);
    std::size_t width = 6;
    for (const auto& output : song.outputs) width = std::max(width, output.name.size());
    const int name_width = static_cast<int>(width);
    std::printf("%-*s  %13s  %8s  %12s  %14s  %13s\n", name_width, "output", "integrated", "range", "true peak", "short-term max", "momentary max");
    for (const auto& output : song.outputs)
        std::printf("%-*s  %8.1f LUFS  %5.1f LU  %7.1f dBTP  %9.1f LUFS  %8.1f LUFS\n", name_width, output.name.c_str(), output.integrated_lufs, output.range_lu,
                    output.true_peak_dbtp, output.max_short_term_lufs, output.max_momentary_lufs);
    if (!preset.loudness) return;
    const session::LoudnessGain gain = session::choose_gain(song, *preset.loudness);
    const std::string limit = gain.limited_by.empty() ? "" : ", limited by the true peak of '" + gain.limited_by + "' (" + preset::format_number({.name = "", .kind = Kind::gain, .description = ""}, preset.loudness->true_peak_db) + ")";
    std::printf("plays with a gain of %+.1f dB to %.1f LUFS%s\n", gain.gain_db, song.outputs.front().integrated_lufs + gain.gain_db, limit.c_str());
}

int status_of(const Errors& errors)
{
    if (interrupted) return exit_interrupted;
    print_errors(errors);
    return exit_status_of(errors);
}

}  // namespace

int loudness_command(const std::vector<std::string>& arguments)
{
    const Usage what = usage();
    const auto parsed = parse(what, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    const auto request = request_from(options);
    if (!request) return wrong_usage(what.command, request.error().message);
    const auto loaded = load(what, options);
    if (const int* status = std::get_if<int>(&loaded)) return *status;
    const auto& preset = std::get<preset::Preset>(loaded);
    if (const auto name = unknown_input(request->inputs, preset)) return wrong_usage(what.command, "--input " + *name + ": the preset has no external of this name");

    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, [](int) { interrupted = true; });
    ProgressBar bar(preset.name, preset.rate_hz.value_or(48000.0));
    const auto song = session::measure_loudness(preset, *request, [&bar](Frames done, Frames total) { bar.show(done, total); }, interrupted);
    bar.clear();
    if (!song) return status_of(song.error());
    for (const std::string& message : song->messages) say(message);
    for (const std::string& name : song->unheard) say("measured without '" + name + "', which is a live input (--input " + name + "=FILE plays a file in its place)");
    if (options.has("json")) print_json(preset, *song);
    else print_text(preset, *song);
    return exit_done;
}

}  // namespace stemwire::cli
