// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/reverb/parameters.hpp"

#include <array>
#include <filesystem>

#include "media/probe_cache.hpp"
#include "nodes/reverb/impulse.hpp"

namespace stemwire::nodes {

namespace {

constexpr std::size_t most_channels = 16;  // as many as there are AUX positions

constexpr std::array<NamedValue, 1> gain_words{{{"off", gain_off}}};
constexpr std::array<NamedValue, 1> latency_words{{{"zero", 0.0}}};
constexpr std::array<std::string_view, 2> normalize_words{"none", "energy"};
constexpr std::array<std::string_view, 2> routing_words{"auto", "parallel"};

constexpr std::array<Parameter, 10> parameters{{
    {.name = "impulse", .kind = Kind::path,
     .description = "the impulse response, up to 30 s and 6 million samples: mono, one channel for each of the node's, or four for true stereo (LL, LR, RL, RR)",
     .required = true},
    {.name = "attachment", .kind = Kind::text, .description = "the file attached to `impulse` (a Matroska file) that is the impulse response",
     .fallback_text = ""},
    {.name = "routing", .kind = Kind::choice,
     .description = "parallel: output k has channel k of the impulse, counted round, whatever their numbers; auto: as `impulse` says",
     .fallback_text = "auto", .words = routing_words},
    {.name = "wet", .kind = Kind::gain, .description = "level of the reverberation", .minimum = -120.0, .maximum = 24.0, .live = true,
     .named = gain_words},
    {.name = "dry", .kind = Kind::gain, .description = "level of the input as it is", .minimum = -120.0, .maximum = 24.0,
     .fallback = gain_off, .fallback_text = "off", .live = true, .named = gain_words},
    {.name = "predelay", .kind = Kind::time, .description = "delay of the reverberation", .minimum = 0.0, .maximum = 2.0},
    {.name = "trim", .kind = Kind::gain, .description = "cuts the impulse's end that is quieter than this below its peak",
     .minimum = -200.0, .maximum = 0.0, .fallback = gain_off, .fallback_text = "off", .named = gain_words},
    {.name = "normalize", .kind = Kind::choice, .description = "scales the impulse: energy gives its loudest channel the energy 1",
     .fallback_text = "none", .words = normalize_words},
    {.name = "latency", .kind = Kind::integer, .description = "how many quanta the output may lag: more is cheaper", .minimum = 0.0,
     .maximum = 64.0, .fallback_text = "zero", .named = latency_words},
    {.name = "channels", .kind = Kind::layout,
     .description = "the channels of input and output; default: what is linked to the input for a mono impulse, else the impulse's own"},
}};

Error at_impulse(const Settings& settings, const std::string& what)
{
    return {std::filesystem::path(settings.text("impulse")).filename().string() + " " + what, {}, settings["impulse"].mark};
}

std::size_t impulse_channels(const Settings& settings)
{
    if (!settings.text("attachment").empty()) {
        const auto impulse = read_impulse(settings);
        return impulse ? impulse->channels.size() : 0;
    }
    const auto file = media::probe_cached(settings.text("impulse"));
    return file && !file->streams.empty() ? file->streams.front().layout.size() : 0;
}

std::string count_of(std::size_t channels)
{
    return std::to_string(channels) + (channels == 1 ? " channel" : " channels");
}

std::string what_fits(std::size_t channels)
{
    return "a node of " + count_of(channels) + " takes an impulse of 1" + (channels > 1 ? " or " + std::to_string(channels) : "") +
           (channels == 2 ? ", or of 4 for true stereo" : "");
}

ChannelLayout fitting_layout(std::size_t channels, const PortHints& hints)
{
    if (channels == 1) return hints.linked("").value_or(ChannelLayout::stereo());
    if (channels == 4 || channels == 0 || channels > most_channels) return ChannelLayout::stereo();
    return ChannelLayout::usual(channels);
}

}  // namespace

std::span<const Parameter> reverb_parameters() noexcept
{
    return parameters;
}

Ports reverb_ports(const Settings& settings, const PortHints& hints, Errors& errors)
{
    const std::size_t channels = impulse_channels(settings);
    ChannelLayout layout = settings["channels"].layout;
    const bool parallel = settings.text("routing") == "parallel";
    if (layout.empty()) layout = fitting_layout(parallel ? 1 : channels, hints);
    // What is wrong with the file itself, `check_reverb` says.
    if (channels > 0 && impulse_paths(channels, layout.size(), parallel).empty())
        errors.push_back(at_impulse(settings, "has " + count_of(channels) + " (" + what_fits(layout.size()) + ")"));
    return {.inputs = {{"input", layout}}, .outputs = {{"output", layout}}};
}

void check_reverb(const Settings& settings, Errors& errors)
{
    const auto impulse = read_impulse(settings);
    if (!impulse) errors.push_back(at_impulse(settings, impulse.error().message));
}

}  // namespace stemwire::nodes
