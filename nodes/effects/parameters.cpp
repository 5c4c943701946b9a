// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/effects/parameters.hpp"

#include <algorithm>
#include <array>
#include <numbers>

#include "nodes/lv2/parameters.hpp"
#include "nodes/offload.hpp"

namespace stemwire::nodes {

namespace {

constexpr std::array<NamedValue, 1> gain_words{{{"off", gain_off}}};
constexpr std::array<std::string_view, 8> band_words{"lowpass", "highpass", "lowshelf", "highshelf",
                                                     "peak", "notch", "bandpass", "allpass"};
constexpr std::array<std::string_view, 2> detector_words{"peak", "rms"};

constexpr std::array<Parameter, 5> band_parameters{{
    {.name = "type", .kind = Kind::choice, .description = "the shape of the band", .fallback_text = "peak", .words = band_words},
    {.name = "frequency", .kind = Kind::frequency, .description = "corner or centre; taken as 0.49 of the rate where it is above that",
     .minimum = 10.0, .maximum = 40000.0, .fallback = 1000.0, .live = true},
    {.name = "gain", .kind = Kind::gain, .description = "boost or cut of a peak or shelf; no other shape has one", .minimum = -40.0,
     .maximum = 40.0, .live = true},
    {.name = "q", .kind = Kind::number, .description = "how narrow the band is: frequency divided by bandwidth", .minimum = 0.1,
     .maximum = 40.0, .fallback = std::numbers::sqrt2 / 2.0, .fallback_text = "0.7071", .live = true},
    {.name = "enabled", .kind = Kind::flag, .description = "false: the band lets everything pass", .minimum = 0.0, .maximum = 1.0,
     .fallback = 1.0, .live = true},
}};

constexpr auto eq_parameters = with_offload(std::to_array<Parameter>({
    {.name = "bands", .kind = Kind::record_list, .description = "filters, one after the other", .required = true,
     .children = band_parameters},
}));

constexpr auto compressor_parameters = with_offload(std::to_array<Parameter>({
    {.name = "threshold", .kind = Kind::gain, .description = "level above which the gain is reduced", .minimum = -80.0, .maximum = 0.0,
     .fallback = -18.0, .live = true},
    {.name = "ratio", .kind = Kind::number, .description = "dB that the input rises for 1 dB of output, above the threshold",
     .minimum = 1.0, .maximum = 100.0, .fallback = 4.0, .live = true},
    {.name = "attack", .kind = Kind::time, .description = "time constant (63 %) with which the gain falls", .minimum = 0.0001,
     .maximum = 1.0, .fallback = 0.01, .live = true},
    {.name = "release", .kind = Kind::time, .description = "time constant (63 %) with which the gain comes back", .minimum = 0.001,
     .maximum = 5.0, .fallback = 0.1, .live = true},
    {.name = "knee", .kind = Kind::gain, .description = "width of the bend around the threshold", .minimum = 0.0, .maximum = 40.0,
     .fallback = 6.0, .live = true},
    {.name = "makeup", .kind = Kind::gain, .description = "gain after the compression", .minimum = -40.0, .maximum = 40.0, .live = true},
    {.name = "detector", .kind = Kind::choice, .description = "what is compared with the threshold: the peak, or the power over 10 ms",
     .fallback_text = "peak", .words = detector_words},
    {.name = "link", .kind = Kind::flag, .description = "all channels get the gain of the loudest one", .minimum = 0.0, .maximum = 1.0,
     .fallback = 1.0},
    {.name = "mix", .kind = Kind::amount, .description = "how much of the result is compressed, the rest being the input", .minimum = 0.0,
     .maximum = 1.0, .fallback = 1.0, .live = true},
    {.name = "sidechain", .kind = Kind::flag, .description = "the level is that of the input group `sidechain`, not of what goes through", .minimum = 0.0,
     .maximum = 1.0},
}));

constexpr auto limiter_parameters = with_offload(std::to_array<Parameter>({
    {.name = "ceiling", .kind = Kind::gain, .description = "true peak that the output does not go over", .minimum = -40.0, .maximum = 0.0,
     .fallback = -1.0, .live = true},
    {.name = "release", .kind = Kind::time, .description = "time constant (63 %) with which the gain comes back", .minimum = 0.001,
     .maximum = 5.0, .fallback = 0.1, .live = true},
    {.name = "lookahead", .kind = Kind::time, .description = "how far ahead a peak is seen; the output is late by this and 96 frames",
     .minimum = 0.001, .maximum = 0.05, .fallback = 0.005},
}));

constexpr auto gate_parameters = with_offload(std::to_array<Parameter>({
    {.name = "threshold", .kind = Kind::gain, .description = "level at which the gate opens", .minimum = -120.0, .maximum = 0.0,
     .fallback = -50.0, .live = true},
    {.name = "hysteresis", .kind = Kind::gain, .description = "how far below the threshold the level must fall for the gate to close",
     .minimum = 0.0, .maximum = 40.0, .fallback = 4.0, .live = true},
    {.name = "range", .kind = Kind::gain, .description = "gain of what is heard through the closed gate", .minimum = -120.0, .maximum = 0.0,
     .fallback = gain_off, .live = true, .named = gain_words},
    {.name = "attack", .kind = Kind::time, .description = "time constant (63 %) with which the gate opens", .minimum = 0.0001,
     .maximum = 1.0, .fallback = 0.001, .live = true},
    {.name = "hold", .kind = Kind::time, .description = "how long the gate stays open after the last level that keeps it so",
     .minimum = 0.0, .maximum = 5.0, .fallback = 0.05, .live = true},
    {.name = "release", .kind = Kind::time, .description = "time constant (63 %) with which the gate closes", .minimum = 0.001,
     .maximum = 5.0, .fallback = 0.1, .live = true},
    {.name = "sidechain", .kind = Kind::flag, .description = "the level is that of the input group `sidechain`, not of what goes through", .minimum = 0.0,
     .maximum = 1.0},
}));

constexpr auto delay_parameters = with_offload(std::to_array<Parameter>({
    {.name = "time", .kind = Kind::time, .description = "time from one echo to the next", .minimum = 0.001, .maximum = 10.0,
     .fallback = 0.25, .live = true},
    {.name = "feedback", .kind = Kind::amount, .description = "level of each echo against the one before", .minimum = 0.0, .maximum = 0.98,
     .fallback = 0.35, .live = true},
    {.name = "mix", .kind = Kind::amount, .description = "how much of the result is echo, the rest being the input", .minimum = 0.0,
     .maximum = 1.0, .fallback = 0.35, .live = true},
}));

constexpr auto gain_parameters = with_offload(std::to_array<Parameter>({
    {.name = "gain", .kind = Kind::gain, .description = "level", .minimum = -120.0, .maximum = 24.0, .live = true, .named = gain_words},
}));

constexpr auto clip_parameters = with_offload(std::to_array<Parameter>({
    {.name = "drive", .kind = Kind::gain, .description = "level before the clipping", .minimum = -60.0, .maximum = 60.0, .live = true},
    {.name = "ceiling", .kind = Kind::gain, .description = "what is louder is cut off there", .minimum = -60.0, .maximum = 20.0, .live = true},
}));

constexpr auto balance_parameters = with_offload(std::to_array<Parameter>({
    {.name = "pan", .kind = Kind::pan, .description = "where to: the other one of the first two channels gets quieter", .minimum = -1.0,
     .maximum = 1.0, .live = true},
}));

constexpr auto plugin_parameters = with_offload(lv2::plugin_parameters);

constexpr std::array<Unit, 9> units{{
    {"eq", eq_parameters, "equalizer: filters of second order, one after the other"},
    {"compressor", compressor_parameters, "reduces the gain of what is loud"},
    {"limiter", limiter_parameters, "keeps the true peak under a ceiling"},
    {"gate", gate_parameters, "silences what is quiet"},
    {"delay", delay_parameters, "echoes"},
    {"gain", gain_parameters, "a level"},
    {"clip", clip_parameters, "distortion: cuts off the peaks"},
    {"balance", balance_parameters, "the balance of left and right"},
    {"lv2", plugin_parameters, "an LV2 plugin"},
}};

constexpr std::array<Parameter, 2> parameters{{
    {.name = "chain", .kind = Kind::chain, .description = "the units that the sound goes through, in this order", .required = true,
     .units = units, .hidden_in_address = true},
    {.name = "channels", .kind = Kind::layout,
     .description = "layout of input and output; default: that of the node that is linked to it, else stereo"},
}};

bool has_gain(const std::string& band_type)
{
    return band_type == "peak" || band_type == "lowshelf" || band_type == "highshelf";
}

void check_band(const Settings& band, Errors& errors)
{
    const std::string& type = band.text("type");
    if (band.given("gain") && !has_gain(type)) errors.push_back({"a " + type + " band has no 'gain'", {}, band["gain"].mark});
}

bool listens_aside(const Settings& unit)
{
    return (unit.unit() == "compressor" || unit.unit() == "gate") && unit.flag("sidechain");
}

bool is_late(const Settings& unit)
{
    return unit.unit() == "limiter" || offload_quanta(unit) > 0 || (unit.unit() == "lv2" && lv2::reports_latency(unit));
}

/// What goes through a unit that is late would be compared with a side chain that is not.
void check_sidechains(const Value& chain, Errors& errors)
{
    std::string late;
    for (const auto& [name, unit] : chain.records) {
        if (!late.empty() && listens_aside(unit))
            errors.push_back({"a unit with 'sidechain' must stand before the " + late + ", which makes the sound late", {}, unit["sidechain"].mark});
        if (late.empty() && is_late(unit)) late = unit.unit();
    }
}

}  // namespace

std::span<const Parameter> effects_parameters() noexcept
{
    return parameters;
}

Ports effects_ports(const Settings& settings, const PortHints& hints, Errors& errors)
{
    ChannelLayout layout = settings["channels"].layout;
    if (layout.empty()) layout = hints.linked("").value_or(ChannelLayout::stereo());
    for (const auto& [name, unit] : settings["chain"].records)
        if (unit.unit() == "lv2") lv2::check_unit(unit, layout.size(), errors);
    Ports ports{.inputs = {{"input", layout}}, .outputs = {{"output", layout}}};
    const bool aside = std::ranges::any_of(settings["chain"].records, [](const auto& record) { return listens_aside(record.second); });
    if (aside) ports.inputs.push_back({"sidechain", hints.linked("sidechain").value_or(ChannelLayout::stereo())});
    return ports;
}

void check_effects(const Settings& settings, Errors& errors)
{
    const Value& chain = settings["chain"];
    check_sidechains(chain, errors);
    if (chain.given && chain.records.empty()) errors.push_back({"a chain needs at least one unit", {}, chain.mark});
    for (const auto& [name, unit] : chain.records) {
        if (unit.unit() == "lv2") lv2::check_plugin(unit, errors);
        if (unit.unit() == "eq")
            for (const auto& [number, band] : unit["bands"].records) check_band(band, errors);
    }
}

}  // namespace stemwire::nodes
