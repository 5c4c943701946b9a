// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <optional>

#include "cli/command.hpp"
#include "cli/loudness_gain.hpp"
#include "cli/preset_argument.hpp"
#include "cli/progress.hpp"
#include "cli/terminal.hpp"
#include "cli/text_output.hpp"
#include "media/temporary_folder.hpp"
#include "plot/node_plot.hpp"
#include "plot/sound_plot.hpp"
#include "session/offline_song.hpp"
#include "session/render.hpp"

namespace stemwire::cli {

namespace {

std::atomic<bool> interrupted{false};

Usage usage()
{
    return {"plot", "PRESET NODE[.UNIT] | PRESET | FILE", 1, 2,
            "Draws as SVG what a node does, measured by running it: the frequency response of effects, the static curve of a compressor, limiter or gate, the\n"
            "impulse response and decay time of a reverb. Without a node: the waveform and spectrogram of a media file, or of what a preset renders to.",
            {{"output,o", "FILE", "where to write (default: standard output)"},
             {"show", "response|curve|impulse", "what to draw of a node (default: what fits it)"},
             {"duration", "TIME", "how much of a file or render (default: all of it)"},
             {"stream", "STREAM", "which stream of a media file: index, title or language (default: the best)"},
             set_option}};
}

std::optional<plot::Show> parse_show(const Arguments& options)
{
    const std::string word = options.value("show").value_or("");
    if (word.empty()) return plot::Show::what_fits;
    if (word == "response") return plot::Show::response;
    if (word == "curve") return plot::Show::curve;
    if (word == "impulse") return plot::Show::impulse;
    return std::nullopt;
}

bool is_same_file(const std::string& a, const std::string& b)
{
    std::error_code ignored;
    return std::filesystem::equivalent(a, b, ignored);
}

/// What is wrong with an option: that it would not change the picture, or that the picture would destroy what it shows.
std::optional<std::string> refused_option(const Arguments& options)
{
    const bool of_node = options.positional().size() == 2;
    const bool of_preset = of_node || names_preset(options.positional().front());
    if (const auto output = options.value("output"); output && is_same_file(*output, options.positional().front())) return *output + " is what is drawn, and would be lost";
    if (options.has("show") && !of_node) return "--show says what to draw of a node: name one";
    if (options.has("duration") && of_node) return "--duration is of a file or a render, not of a node";
    if (options.has("stream") && of_preset) return "--stream is of a media file";
    if (options.has("set") && !of_preset) return "--set is of a preset";
    return std::nullopt;
}

/// Says what is wrong.
int failed(const Errors& errors)
{
    if (interrupted) return exit_interrupted;
    print_errors(errors);
    return exit_status_of(errors);
}

int finish(const Expected<std::string>& svg, const Arguments& options)
{
    if (!svg) return failed({svg.error()});
    if (interrupted) return exit_interrupted;
    return write_out(*svg, options.value("output").value_or(""));
}

int draw_sound(const plot::SoundRequest& request, const Arguments& options)
{
    const auto drawn = plot::plot_sound(request, interrupted);
    if (!drawn) return failed({drawn.error()});
    if (drawn->message) say(*drawn->message);
    return finish(drawn->svg, options);
}

int draw_render(preset::Preset preset, std::optional<double> duration_seconds, const Arguments& options)
{
    if (const auto status = bring_to_loudness(preset, duration_seconds)) return *status;
    const media::TemporaryFolder folder("plot");
    if (folder.path().empty()) {
        print_error(std::string("no temporary folder for the render: ") + std::strerror(errno));
        return exit_failed;
    }
    session::RenderRequest request{.output = (folder.path() / "render.wav").string(), .format = media::SampleFormat::f32, .duration_seconds = duration_seconds};
    ProgressBar bar(preset.name, preset.rate_hz.value_or(48000.0));
    // A picture leaves nothing behind.
    const auto summary = session::render(session::without_takes(preset), request, [&bar](Frames done, Frames total) { bar.show(done, total); }, interrupted);
    bar.clear();
    if (!summary) return failed(summary.error());
    for (const std::string& message : summary->messages) say(message);
    return draw_sound({.file = request.output, .title = preset.name}, options);
}

}  // namespace

int plot_command(const std::vector<std::string>& arguments)
{
    const Usage what = usage();
    const auto parsed = parse(what, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    const auto show = parse_show(options);
    if (!show) return wrong_usage(what.command, "--show: '" + *options.value("show") + "' is none of response, curve, impulse");
    if (const auto refused = refused_option(options)) return wrong_usage(what.command, *refused);
    const auto duration = seconds_of(options, "duration");
    if (!duration) return wrong_usage(what.command, duration.error().message);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, [](int) { interrupted = true; });
    const std::string& file = options.positional().front();
    if (options.positional().size() == 1 && !names_preset(file))
        return draw_sound({file, options.value("stream").value_or(""), *duration, std::filesystem::path(file).filename().string()}, options);
    const auto loaded = load_preset(what, options);
    if (const int* status = std::get_if<int>(&loaded)) return *status;
    const auto& preset = std::get<preset::Preset>(loaded);
    if (options.positional().size() == 1) return draw_render(preset, *duration, options);
    const std::string& subject = options.positional()[1];
    if (const auto checked = plot::check_subject(preset, subject); !checked) return wrong_usage(what.command, checked.error().message);
    return finish(plot::plot_node(preset, subject, *show, interrupted), options);
}

}  // namespace stemwire::cli
