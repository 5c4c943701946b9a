// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/generator/parameters.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace stemwire::nodes {

namespace {

constexpr std::array<NamedValue, 1> gain_words{{{"off", gain_off}}};
constexpr std::array<std::string_view, 6> signal_words{"sine", "white", "pink", "impulse", "sweep", "silence"};
constexpr double highest_frequency_hz = 384000.0;  // half of the highest rate that anyone runs
constexpr double largest_seed = 4294967295.0;      // a 32-bit number

constexpr std::array<Parameter, 10> parameters{{
    {.name = "signal", .kind = Kind::choice, .description = "what is played, as a function of the timeline while the transport rolls",
     .fallback_text = "sine", .words = signal_words},
    {.name = "frequency", .kind = Kind::frequency, .description = "of a sine; above half the rate it is silent", .minimum = 0.001,
     .maximum = highest_frequency_hz, .fallback = 1000.0, .live = true},
    {.name = "level", .kind = Kind::gain, .description = "peak of a sine, sweep or impulse, RMS of a noise", .minimum = -120.0,
     .maximum = 24.0, .fallback = -20.0, .live = true, .named = gain_words},
    {.name = "mute", .kind = Kind::flag, .description = "silences the generator", .minimum = 0.0, .maximum = 1.0, .live = true},
    {.name = "channels", .kind = Kind::layout, .description = "positions of the output; noise differs in each, anything else is the same",
     .fallback_text = "mono"},
    {.name = "from", .kind = Kind::frequency, .description = "where a sweep begins", .minimum = 0.001, .maximum = highest_frequency_hz,
     .fallback = 20.0},
    {.name = "to", .kind = Kind::frequency, .description = "where a sweep ends; above half the rate it is silent", .minimum = 0.001,
     .maximum = highest_frequency_hz, .fallback = 20000.0},
    {.name = "duration", .kind = Kind::time, .description = "length of a sweep, which begins at 0 on the timeline", .minimum = 0.001,
     .maximum = 3600.0, .fallback = 10.0},
    {.name = "interval", .kind = Kind::time, .description = "from one impulse to the next, the first being at 0; 0: only that one",
     .minimum = 0.0, .maximum = 3600.0},
    {.name = "seed", .kind = Kind::integer, .description = "of a noise: another number, another noise", .minimum = 0.0,
     .maximum = largest_seed},
}};

/// A parameter that only some signals have.
struct Use {
    std::string_view parameter;
    std::array<std::string_view, 2> signals;
};

constexpr std::array<Use, 6> uses{{
    {"frequency", {"sine"}},
    {"from", {"sweep"}},
    {"to", {"sweep"}},
    {"duration", {"sweep"}},
    {"interval", {"impulse"}},
    {"seed", {"white", "pink"}},
}};

}  // namespace

std::span<const Parameter> generator_parameters() noexcept
{
    return parameters;
}

Ports generator_ports(const Settings& settings, const PortHints&, Errors&)
{
    return {.inputs = {}, .outputs = {{"output", settings["channels"].layout}}};
}

void check_generator(const Settings& settings, Errors& errors)
{
    const std::string& signal = settings.text("signal");
    for (const Use& use : uses)
        if (settings.given(use.parameter) && std::ranges::find(use.signals, signal) == use.signals.end())
            errors.push_back({"the signal '" + signal + "' has no '" + std::string(use.parameter) + "'", {}, settings[use.parameter].mark});
    const Mark end = settings[settings.given("to") ? "to" : "from"].mark;
    if (signal == "sweep" && settings.number("from") == settings.number("to"))
        errors.push_back({"a sweep must end at another frequency than it begins at", {}, end});
}

}  // namespace stemwire::nodes
