// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/parameters.hpp"

#include <algorithm>
#include <cmath>

#include "stemwire/loudness.hpp"

namespace stemwire::session {

namespace {

std::string full_address(const host::NodeRunner& runner, const LiveValue& value)
{
    return runner.name() + "." + value.address();
}

ParameterValue current(const host::NodeRunner& runner, const LiveValue& value)
{
    return {full_address(runner, value), &value.parameter(), value.get()};
}

std::string without_such(const Instance& instance, std::string_view address)
{
    std::vector<std::string> addresses;
    for (const ParameterValue& value : parameter_values(instance)) addresses.push_back(value.address);
    const auto near = preset::nearest(address, {addresses.begin(), addresses.end()});
    return "there is no live parameter '" + std::string(address) + "'" + (near ? " (did you mean '" + std::string(*near) + "'?)" : "");
}

struct Found {
    const host::NodeRunner* runner;
    LiveValue* value;
};

Expected<Found> find(const Instance& instance, std::string_view address)
{
    for (const host::NodeRunner* runner : instance.runners()) {
        const std::string& name = runner->name();
        if (address.size() <= name.size() || !address.starts_with(name) || address[name.size()] != '.') continue;
        if (LiveValue* value = runner->node().live().find(address.substr(name.size() + 1))) return Found{runner, value};
    }
    return failure(without_such(instance, address));
}

double load(const std::atomic<float>& level)
{
    return static_cast<double>(level.load(std::memory_order_relaxed));
}

std::optional<LoudnessValue> loudness_of(const Node& node, const std::string& output)
{
    const auto* source = dynamic_cast<const LoudnessSource*>(&node);
    const LoudnessReading* reading = source != nullptr ? source->loudness_of(output) : nullptr;
    if (reading == nullptr) return std::nullopt;
    return LoudnessValue{load(reading->momentary_lufs), load(reading->short_term_lufs), load(reading->integrated_lufs), linear_to_decibels(load(reading->true_peak))};
}

}  // namespace

std::vector<ParameterValue> parameter_values(const Instance& instance)
{
    std::vector<ParameterValue> values;
    for (const host::NodeRunner* runner : instance.runners())
        for (const LiveValue& value : runner->node().live().all()) values.push_back(current(*runner, value));
    return values;
}

std::vector<MeterValue> meter_values(const Instance& instance)
{
    std::vector<MeterValue> values;
    for (const host::NodeRunner* runner : instance.runners())
        for (const Meter& meter : runner->node().meters())
            values.push_back({runner->name(), meter.name, meter.is_output, linear_to_decibels(load(meter.peak)), linear_to_decibels(std::sqrt(load(meter.mean_square))),
                              meter.is_output ? loudness_of(runner->node(), meter.name) : std::nullopt});
    return values;
}

Expected<ParameterValue> get_parameter(const Instance& instance, std::string_view address)
{
    return find(instance, address).map([](const Found& found) { return current(*found.runner, *found.value); });
}

Expected<ParameterValue> set_parameter(const Instance& instance, std::string_view address, std::string_view value)
{
    const auto found = find(instance, address);
    if (!found) return tl::unexpected(found.error());
    const auto number = preset::parse_number(found->value->parameter(), value, instance.rate_hz());
    if (!number) return failure(std::string(address) + ": " + number.error().message);
    found->value->set(*number);
    return current(*found->runner, *found->value);
}

Expected<ParameterValue> set_parameter(const Instance& instance, std::string_view address, double value)
{
    const auto found = find(instance, address);
    if (!found) return tl::unexpected(found.error());
    // As text it is checked by the one rule that there is; the text reads back as the same number.
    return set_parameter(instance, address, preset::format_number(found->value->parameter(), value));
}

}  // namespace stemwire::session
