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

constexpr double most_slots = 64.0;
constexpr double largest_seed = 9007199254740991.0;  // 2⁵³ − 1: every whole number up to it is a double

constexpr std::array<Parameter, 2> take_parameters{{
    {.name = "file", .kind = Kind::path, .description = "the media file of this take; default: the track's"},
    {.name = "stream", .kind = Kind::text, .description = "which audio stream of it: its index from 0, title or language",
     .fallback_text = ""},
}};

constexpr std::array<Parameter, 1> point_parameters{{
    {.name = "at", .kind = Kind::time, .description = "where on the timeline; just the time will do", .minimum = 0.0, .required = true},
}};

constexpr std::array<Parameter, 14> parameters{{
    {.name = "file", .kind = Kind::path, .description = "the media file that is played; not needed where every take has one"},
    {.name = "stream", .kind = Kind::text, .description = "which audio stream of the file: its index from 0, title or language",
     .fallback_text = ""},
    {.name = "takes", .kind = Kind::record_list,
     .description = "recordings of the same part, of which one is drawn: files, or streams of `file` by their index", .children = take_parameters},
    {.name = "pick", .kind = Kind::integer, .description = "how many takes are heard together, each drawn by itself", .minimum = 1.0,
     .maximum = most_slots, .fallback = 1.0},
    {.name = "reshuffle", .kind = Kind::record_list, .description = "times at which takes are drawn anew", .children = point_parameters},
    {.name = "seed", .kind = Kind::integer, .description = "what the drawing depends on: the same seed draws the same takes", .minimum = 0.0,
     .maximum = largest_seed},
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

std::string file_name(const media::TakeRequest& take)
{
    return std::filesystem::path(take.file).filename().string();
}

/// A take, and the settings and row that name its file.
struct PlacedTake {
    media::TakeRequest request;
    Mark file;
    Mark stream;
};

std::vector<PlacedTake> placed_takes(const Settings& settings)
{
    const Mark file = settings["file"].mark;
    const auto& takes = settings["takes"].records;
    if (takes.empty()) return {{{settings.text("file"), settings.text("stream")}, file, settings.given("stream") ? settings["stream"].mark : file}};
    std::vector<PlacedTake> placed;
    for (const auto& [number, take] : takes) {
        const Settings& owner = take.text("file").empty() ? settings : take;
        placed.push_back({{owner.text("file"), take.text("stream")}, owner["file"].mark, take.given("stream") ? take["stream"].mark : owner["file"].mark});
    }
    return placed;
}

Expected<media::StreamInfo> stream_of(const media::TakeRequest& take)
{
    const auto file = media::probe_cached(take.file);
    if (!file) return tl::unexpected(file.error());
    return media::select_stream(*file, take.stream);
}

std::string seconds_text(double seconds)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6g s", seconds);
    return text.data();
}

ChannelLayout take_layout(const PlacedTake& take, Errors& errors)
{
    const auto stream = stream_of(take.request);
    if (!stream) {
        const bool stream_is_wrong = media::probe_cached(take.request.file).has_value();
        errors.push_back({file_name(take.request) + " " + stream.error().message, {}, stream_is_wrong ? take.stream : take.file});
        return ChannelLayout::stereo();
    }
    if (!stream->layout.empty() && stream->layout.size() <= most_channels) return stream->layout;
    errors.push_back({file_name(take.request) + " has " + std::to_string(stream->layout.size()) + " channels (a track has 1 to " +
                          std::to_string(most_channels) + ")", {}, take.file});
    return ChannelLayout::stereo();
}

/// Of the take that has the most channels.
ChannelLayout largest_layout(const Settings& settings, Errors& errors)
{
    ChannelLayout largest;
    for (const PlacedTake& take : placed_takes(settings))
        if (ChannelLayout layout = take_layout(take, errors); layout.size() > largest.size()) largest = std::move(layout);
    return largest;
}

/// False, and said, where there is nothing to play.
bool has_files(const Settings& settings, Errors& errors)
{
    const Value& takes = settings["takes"];
    if (takes.given && takes.records.empty()) errors.push_back({"'takes' needs at least one take", {}, takes.mark});
    if (takes.given && settings.given("stream"))
        errors.push_back({"a track with 'takes' has no 'stream' of its own (each take has: { stream: 2 }, or just 2)", {}, settings["stream"].mark});
    if (!takes.given && settings.text("file").empty())
        errors.push_back({"a track needs a 'file' (the media file that is played), or 'takes'", {}, settings.mark()});
    for (const auto& [number, take] : takes.records)
        if (take.text("file").empty() && settings.text("file").empty())
            errors.push_back({"take " + number + " needs a 'file', its own or the track's", {}, take.mark()});
    for (const char* const row : {"pick", "reshuffle", "seed"})
        if (settings.given(row) && !takes.given) errors.push_back({"'" + std::string(row) + "' is for a track with 'takes'", {}, settings[row].mark});
    return errors.empty();
}

void check_trim(const PlacedTake& take, const Value& trim, Errors& errors)
{
    const auto stream = stream_of(take.request);  // what is wrong with the file itself, `track_ports` says
    if (!stream || !stream->seconds) return;
    const double length = *stream->seconds;
    const auto beyond = [&](const std::string& what, double at) {
        const std::string place = "trim " + what + " at " + seconds_text(at);
        errors.push_back({place + ", but " + file_name(take.request) + " is only " + seconds_text(length) + " long", {}, trim.mark});
    };
    if (trim.numbers[0] >= length) beyond("begins", trim.numbers[0]);
    else if (trim.numbers[1] > length + header_tolerance_s) beyond("ends", trim.numbers[1]);
}

}  // namespace

std::vector<media::TakeRequest> takes_of(const Settings& settings)
{
    std::vector<media::TakeRequest> takes;
    for (PlacedTake& take : placed_takes(settings)) takes.push_back(std::move(take.request));
    return takes;
}

std::span<const Parameter> track_parameters() noexcept
{
    return parameters;
}

Ports track_ports(const Settings& settings, const PortHints&, Errors& errors)
{
    ChannelLayout layout = largest_layout(settings, errors);
    if (const ChannelLayout& wanted = settings["channels"].layout; !wanted.empty()) layout = wanted;
    return {.inputs = {}, .outputs = {{"output", std::move(layout)}}};
}

void check_track(const Settings& settings, Errors& errors)
{
    if (!has_files(settings, errors)) return;
    const Value& trim = settings["trim"];
    if (trim.numbers.size() != 2) return;
    for (const PlacedTake& take : placed_takes(settings)) check_trim(take, trim, errors);
}

}  // namespace stemwire::nodes
