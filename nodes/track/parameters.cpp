// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/track/parameters.hpp"

#include <array>
#include <cstdio>
#include <filesystem>

#include "media/probe_cache.hpp"

namespace stemwire::nodes {

namespace {

constexpr std::size_t most_channels = 16;      // as many as there are AUX positions
constexpr double header_tolerance_s = 0.010;  // Matroska and MP4 round a duration to milliseconds, and some writers to frames

constexpr double forever = std::numeric_limits<double>::infinity();
constexpr std::array<std::string_view, 3> resample_words{"best", "high", "fast"};
constexpr std::array<NamedValue, 1> gain_words{{{"off", gain_off}}};
constexpr std::array<NamedValue, 2> loop_words{{{"true", forever}, {"false", 1.0}}};

constexpr std::array<Parameter, 10> parameters{{
    {.name = "file", .kind = Kind::path, .description = "the media file that is played", .required = true},
    {.name = "stream", .kind = Kind::text, .description = "which audio stream of the file: its index from 0, title or language",
     .fallback_text = ""},
    {.name = "gain", .kind = Kind::gain, .description = "level of the track",
     .minimum = -120.0, .maximum = 24.0, .live = true, .named = gain_words},
    {.name = "mute", .kind = Kind::flag, .description = "silences the track, which goes on playing",
     .minimum = 0.0, .maximum = 1.0, .live = true},
    {.name = "start", .kind = Kind::time, .description = "where on the timeline the file begins", .minimum = 0.0},
    {.name = "trim", .kind = Kind::time_range, .description = "the part of the file that is heard, in the file's own time", .minimum = 0.0},
    {.name = "loop", .kind = Kind::integer, .description = "how often the file is played, without a gap; true: for ever", .minimum = 1.0,
     .fallback = 1.0, .named = loop_words},
    {.name = "buffer", .kind = Kind::time, .description = "how much is decoded ahead", .minimum = 0.05, .maximum = 60.0, .fallback = 1.0},
    {.name = "channels", .kind = Kind::layout,
     .description = "the track's channels, to which the file's are mapped; default: the file's own"},
    {.name = "resample", .kind = Kind::choice, .description = "quality of the rate conversion, where the file's rate is not the graph's",
     .fallback_text = "best", .words = resample_words},
}};

std::string file_name(const Settings& settings)
{
    return std::filesystem::path(settings.text("file")).filename().string();
}

Expected<media::StreamInfo> stream_of(const Settings& settings)
{
    const auto file = media::probe_cached(settings.text("file"));
    if (!file) return tl::unexpected(file.error());
    return media::select_stream(*file, settings.text("stream"));
}

std::string seconds_text(double seconds)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6g s", seconds);
    return text.data();
}

ChannelLayout file_layout(const Settings& settings, Errors& errors)
{
    const auto stream = stream_of(settings);
    if (!stream) {
        const bool stream_is_wrong = settings.given("stream") && media::probe_cached(settings.text("file")).has_value();
        errors.push_back({file_name(settings) + " " + stream.error().message, {}, settings[stream_is_wrong ? "stream" : "file"].mark});
        return ChannelLayout::stereo();
    }
    if (!stream->layout.empty() && stream->layout.size() <= most_channels) return stream->layout;
    errors.push_back({file_name(settings) + " has " + std::to_string(stream->layout.size()) + " channels (a track has 1 to " +
                          std::to_string(most_channels) + ")", {}, settings["file"].mark});
    return ChannelLayout::stereo();
}

}  // namespace

std::span<const Parameter> track_parameters() noexcept
{
    return parameters;
}

Ports track_ports(const Settings& settings, const PortHints&, Errors& errors)
{
    ChannelLayout layout = file_layout(settings, errors);
    if (const ChannelLayout& wanted = settings["channels"].layout; !wanted.empty()) layout = wanted;
    return {.inputs = {}, .outputs = {{"output", std::move(layout)}}};
}

void check_track(const Settings& settings, Errors& errors)
{
    const Value& trim = settings["trim"];
    const auto stream = stream_of(settings);  // what is wrong with the file itself, `track_ports` has said
    if (trim.numbers.size() != 2 || !stream || !stream->seconds) return;
    const double length = *stream->seconds;
    const auto beyond = [&](const std::string& what, double at) {
        const std::string place = "trim " + what + " at " + seconds_text(at);
        errors.push_back({place + ", but " + file_name(settings) + " is only " + seconds_text(length) + " long", {}, trim.mark});
    };
    if (trim.numbers[0] >= length) beyond("begins", trim.numbers[0]);
    else if (trim.numbers[1] > length + header_tolerance_s) beyond("ends", trim.numbers[1]);
}

}  // namespace stemwire::nodes
