// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/mixer/parameters.hpp"

#include <algorithm>
#include <array>

#include "nodes/mixer/routes.hpp"

namespace stemwire::nodes {

namespace {

constexpr double lowest_gain_db = -120.0;
constexpr double highest_gain_db = 24.0;
constexpr std::array<NamedValue, 1> gain_words{{{"off", gain_off}}};

constexpr std::array<Parameter, 6> channel_parameters{{
    {.name = "layout", .kind = Kind::layout,
     .description = "the channel's positions; default: those of the node that is linked to it, else stereo"},
    {.name = "gain", .kind = Kind::gain, .description = "level of the channel on every bus", .minimum = lowest_gain_db,
     .maximum = highest_gain_db, .live = true, .named = gain_words},
    {.name = "pan", .kind = Kind::pan, .description = "constant power for a mono channel (-3 dB at centre), balance for any other",
     .minimum = -1.0, .maximum = 1.0, .live = true},
    {.name = "mute", .kind = Kind::flag, .description = "silences the channel", .minimum = 0.0, .maximum = 1.0, .live = true},
    {.name = "solo", .kind = Kind::flag, .description = "silences every channel of this mixer that is not soloed", .minimum = 0.0,
     .maximum = 1.0, .live = true},
    {.name = "to", .kind = Kind::gain_map, .description = "level of the channel on each bus; a bus that is left out does not hear it",
     .minimum = lowest_gain_db, .maximum = highest_gain_db, .fallback_text = "the first bus at 0 dB", .live = true, .named = gain_words},
}};

constexpr std::array<std::string_view, 2> meter_words{"levels", "lufs"};

constexpr std::array<Parameter, 3> parameters{{
    {.name = "buses", .kind = Kind::layout_map, .description = "the outputs and their layouts; the first one is the default",
     .fallback_text = "{ main: stereo }"},
    {.name = "channels", .kind = Kind::record_map, .description = "the inputs", .required = true, .children = channel_parameters,
     .hidden_in_address = true},
    {.name = "meters", .kind = Kind::choice, .description = "what the buses' meters show: peak and RMS, or loudness (EBU R 128) and true peak too", .fallback_text = "levels",
     .words = meter_words},
}};

std::string bus_names(const Value& buses)
{
    std::string names;
    for (const auto& [name, layout] : buses.layouts) names += (names.empty() ? "" : ", ") + name;
    return names;
}

bool is_bus(const Value& buses, const std::string& name)
{
    return std::ranges::any_of(buses.layouts, [&](const auto& bus) { return bus.first == name; });
}

void complete_routing(Value& to, const Value& buses)
{
    std::vector<std::pair<std::string, double>> complete;
    for (const auto& [bus, layout] : buses.layouts) {
        const auto named = std::ranges::find(to.gains, bus, &std::pair<std::string, double>::first);
        const double otherwise_db = !to.given && complete.empty() ? 0.0 : gain_off;
        complete.emplace_back(bus, named != to.gains.end() ? named->second : otherwise_db);
    }
    to.gains = std::move(complete);
}

ChannelLayout channel_layout(const std::string& name, const Settings& channel, const PortHints& hints)
{
    if (const ChannelLayout& wanted = channel["layout"].layout; !wanted.empty()) return wanted;
    return hints.linked(name).value_or(ChannelLayout::stereo());
}

}  // namespace

std::span<const Parameter> mixer_parameters() noexcept
{
    return parameters;
}

Settings complete_mixer_settings(Settings settings)
{
    Value& buses = settings["buses"];
    if (!buses.given) buses.layouts = {{"main", ChannelLayout::stereo()}};
    for (auto& [name, channel] : settings["channels"].records) complete_routing(channel["to"], buses);
    return settings;
}

Ports mixer_ports(const Settings& settings, const PortHints& hints, Errors& errors)
{
    const Settings complete = complete_mixer_settings(settings);
    Ports ports;
    for (const auto& [name, layout] : complete["buses"].layouts) ports.outputs.push_back({name, layout});
    for (const auto& [name, channel] : complete["channels"].records) {
        ports.inputs.push_back({name, channel_layout(name, channel, hints)});
        const PortGroup& input = ports.inputs.back();
        for (std::size_t bus = 0; bus < ports.outputs.size(); ++bus) {
            const PortGroup& output = ports.outputs[bus];
            if (channel["to"].gains[bus].second == gain_off || !make_routes(input.layout, output.layout).empty()) continue;
            errors.push_back({"channel '" + name + "' (" + to_string(input.layout) + ") shares no position with bus '" + output.name +
                                  "' (" + to_string(output.layout) + ")", {}, channel.mark()});
        }
    }
    return ports;
}

void check_mixer(const Settings& settings, Errors& errors)
{
    const Value& channels = settings["channels"];
    if (channels.records.empty())
        errors.push_back({"a mixer needs at least one channel", {}, channels.given ? channels.mark : settings.mark()});
    const Settings complete = complete_mixer_settings(settings);
    const Value& buses = complete["buses"];
    if (buses.layouts.empty()) errors.push_back({"a mixer needs at least one bus", {}, buses.mark});
    for (const auto& [name, channel] : channels.records)
        for (const auto& [bus, gain_db] : channel["to"].gains)
            if (!is_bus(buses, bus))
                errors.push_back({"channel '" + name + "' goes to '" + bus + "', which is no bus of this mixer (its buses: " +
                                      bus_names(buses) + ")", {}, channel["to"].mark});
}

}  // namespace stemwire::nodes
