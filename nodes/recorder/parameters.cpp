// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/recorder/parameters.hpp"

#include <array>
#include <filesystem>

#include "nodes/recorder/take_file.hpp"

namespace stemwire::nodes {

namespace {

constexpr std::array<std::string_view, 10> format_words{"by ending", "wav", "flac", "opus", "ogg", "mp3", "m4a", "mp4", "aac", "mka"};
constexpr std::array<std::string_view, 3> sample_words{"s16", "s24", "f32"};
constexpr std::array<std::string_view, 3> when_words{"transport", "always", "manual"};
constexpr std::array<NamedValue, 1> bitrate_words{{{"transparent", 0.0}}};
constexpr double most_splits = 1e9;

constexpr std::array<Parameter, 11> parameters{{
    {.name = "file", .kind = Kind::new_file,
     .description = "where takes are written; in its name %Y%m%d-%H%M%S is the time, %t the take, %n the node; nothing is overwritten",
     .required = true},
    {.name = "format", .kind = Kind::choice, .description = "for a file without an ending, which it then gets",
     .fallback_text = "by ending", .words = format_words},
    {.name = "samples", .kind = Kind::choice, .description = "of WAV and FLAC; s16 is dithered, FLAC has no f32", .fallback_text = "s24",
     .words = sample_words},
    {.name = "bitrate", .kind = Kind::integer, .description = "of a lossy format, in kbit/s for each stream", .minimum = 0.0,
     .maximum = 2000.0, .fallback_text = "transparent", .named = bitrate_words},
    {.name = "inputs", .kind = Kind::layout_map, .description = "the inputs and their layouts; several need .mka, which has a stream for each",
     .fallback_text = "{ input: that of what is linked }"},
    {.name = "when", .kind = Kind::choice,
     .description = "transport: while it rolls, to the frame; always; manual: while `record` is true", .fallback_text = "transport",
     .words = when_words},
    {.name = "arm", .kind = Kind::flag, .description = "false: nothing is recorded", .minimum = 0.0, .maximum = 1.0, .fallback = 1.0,
     .live = true},
    {.name = "record", .kind = Kind::flag, .description = "starts and stops a take, where `when` is manual", .minimum = 0.0, .maximum = 1.0,
     .live = true},
    {.name = "split", .kind = Kind::integer, .description = "another number: the take goes on in a new file, without a gap", .minimum = 0.0,
     .maximum = most_splits, .live = true},
    {.name = "preroll", .kind = Kind::time, .description = "what a take has from before its start", .minimum = 0.0, .maximum = 60.0},
    {.name = "queue", .kind = Kind::time, .description = "how long the disk may be busy before audio is lost", .minimum = 0.1,
     .maximum = 60.0, .fallback = 5.0},
}};

media::SampleFormat sample_format(const std::string& word)
{
    if (word == "s16") return media::SampleFormat::s16;
    return word == "f32" ? media::SampleFormat::f32 : media::SampleFormat::s24;
}

}  // namespace

std::span<const Parameter> recorder_parameters() noexcept
{
    return parameters;
}

std::string recorder_file(const Settings& settings)
{
    const std::string& file = settings.text("file");
    return settings.given("format") && settings.text("format") != "by ending" ? file + "." + settings.text("format") : file;
}

media::EncodeRequest recorder_request(const Settings& settings, const Ports& ports)
{
    media::EncodeRequest request{.file = recorder_file(settings), .format = sample_format(settings.text("samples")), .grows = true};
    request.bits_per_second = static_cast<std::int64_t>(settings.number("bitrate")) * 1000;
    request.layout = ports.inputs.front().layout;
    if (ports.inputs.size() > 1) request.streams = ports.inputs;
    return request;
}

Ports recorder_ports(const Settings& settings, const PortHints& hints, Errors& errors)
{
    Ports ports;
    for (const auto& [name, layout] : settings["inputs"].layouts) ports.inputs.push_back({name, layout});
    if (ports.inputs.empty()) ports.inputs.push_back({"input", hints.linked("").value_or(ChannelLayout::stereo())});
    media::EncodeRequest request = recorder_request(settings, ports);
    request.file = std::filesystem::path(request.file).filename().string();
    if (const auto checked = media::check_request(request); !checked)
        errors.push_back({checked.error().message, {}, settings[settings.given("format") ? "format" : "file"].mark});
    return ports;
}

void check_recorder(const Settings& settings, Errors& errors)
{
    if (const auto checked = check_pattern(settings.text("file")); !checked)
        errors.push_back({checked.error().message, {}, settings["file"].mark});
    if (settings.given("record") && settings.text("when") != "manual")
        errors.push_back({"'record' has a meaning only with 'when: manual'", {}, settings["record"].mark});
}

}  // namespace stemwire::nodes
