// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/node_parameters.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <spa/param/param.h>
#include <spa/param/props.h>
#include <spa/pod/builder.h>
#include <spa/pod/iter.h>
#include <spa/pod/parser.h>

namespace stemwire::host {

namespace {

/// Of an object and its few fixed properties, with all headers and padding.
constexpr std::size_t object_size = 512;
/// Of a name's and a value's headers and padding.
constexpr std::size_t entry_size = 64;

double shown(const Parameter& parameter, double value)
{
    return parameter.kind == Kind::gain ? std::max(value, NodeParameters::lowest_gain) : value;
}

double meant(const Parameter& parameter, double value)
{
    return parameter.kind == Kind::gain && value <= NodeParameters::lowest_gain ? -std::numeric_limits<double>::infinity() : value;
}

std::string description(const Parameter& parameter)
{
    return std::string(parameter.description) + (parameter.kind == Kind::gain ? " (dB; -200 is off)" : "");
}

std::optional<double> number(const spa_pod* pod)
{
    float as_float = 0;
    double as_double = 0;
    std::int32_t as_int = 0;
    std::int64_t as_long = 0;
    bool as_bool = false;
    if (spa_pod_get_float(pod, &as_float) >= 0) return as_float;
    if (spa_pod_get_double(pod, &as_double) >= 0) return as_double;
    if (spa_pod_get_int(pod, &as_int) >= 0) return as_int;
    if (spa_pod_get_long(pod, &as_long) >= 0) return static_cast<double>(as_long);
    if (spa_pod_get_bool(pod, &as_bool) >= 0) return as_bool ? 1.0 : 0.0;
    return std::nullopt;
}

void add_type(spa_pod_builder& builder, const Parameter& parameter)
{
    const double fallback = shown(parameter, parameter.fallback);
    const double minimum = shown(parameter, parameter.minimum);
    if (parameter.kind == Kind::flag) spa_pod_builder_add(&builder, SPA_PROP_INFO_type, SPA_POD_CHOICE_Bool(fallback != 0), 0);
    else if (std::isfinite(minimum) && std::isfinite(parameter.maximum))
        spa_pod_builder_add(&builder, SPA_PROP_INFO_type, SPA_POD_CHOICE_RANGE_Double(fallback, minimum, parameter.maximum), 0);
    else spa_pod_builder_add(&builder, SPA_PROP_INFO_type, SPA_POD_Double(fallback), 0);
}

}  // namespace

NodeParameters::NodeParameters(const std::vector<HostedParameters>& parameters)
{
    for (const HostedParameters& part : parameters)
        for (LiveValue& value : part.live->all()) rows_.push_back({part.prefix + value.address(), &value});
}

void NodeParameters::add_info(Pods& pods, const Row& row) const
{
    const Parameter& parameter = row.value->parameter();
    const std::string text = description(parameter);
    pods.add(object_size + row.name.size() + text.size(), [&](std::byte* memory, std::size_t size) {
        spa_pod_builder builder;
        spa_pod_frame object;
        spa_pod_builder_init(&builder, memory, static_cast<std::uint32_t>(size));
        spa_pod_builder_push_object(&builder, &object, SPA_TYPE_OBJECT_PropInfo, SPA_PARAM_PropInfo);
        spa_pod_builder_add(&builder, SPA_PROP_INFO_name, SPA_POD_String(row.name.c_str()), SPA_PROP_INFO_description, SPA_POD_String(text.c_str()), 0);
        add_type(builder, parameter);
        spa_pod_builder_add(&builder, SPA_PROP_INFO_params, SPA_POD_Bool(true), 0);
        return static_cast<const spa_pod*>(spa_pod_builder_pop(&builder, &object));
    });
}

void NodeParameters::add_values(Pods& pods)
{
    std::size_t size = object_size;
    for (Row& row : rows_) {
        row.said = row.value->get();
        size += row.name.size() + entry_size;
    }
    pods.add(size, [&](std::byte* memory, std::size_t room) {
        spa_pod_builder builder;
        spa_pod_frame object;
        spa_pod_frame list;
        spa_pod_builder_init(&builder, memory, static_cast<std::uint32_t>(room));
        spa_pod_builder_push_object(&builder, &object, SPA_TYPE_OBJECT_Props, SPA_PARAM_Props);
        spa_pod_builder_prop(&builder, SPA_PROP_params, 0);
        spa_pod_builder_push_struct(&builder, &list);
        for (const Row& row : rows_) {
            const Parameter& parameter = row.value->parameter();
            spa_pod_builder_string(&builder, row.name.c_str());
            if (parameter.kind == Kind::flag) spa_pod_builder_bool(&builder, row.said != 0);
            else spa_pod_builder_double(&builder, shown(parameter, row.said));
        }
        spa_pod_builder_pop(&builder, &list);
        return static_cast<const spa_pod*>(spa_pod_builder_pop(&builder, &object));
    });
}

Pods NodeParameters::describe()
{
    Pods pods;
    for (const Row& row : rows_) add_info(pods, row);
    if (!rows_.empty()) add_values(pods);
    return pods;
}

Pods NodeParameters::changes()
{
    Pods pods;
    if (std::ranges::any_of(rows_, [](const Row& row) { return row.said != row.value->get(); })) add_values(pods);
    return pods;
}

void NodeParameters::read(const spa_pod& props, const std::function<void(const std::string&, double)>& wish) const
{
    const spa_pod_prop* params = spa_pod_find_prop(&props, nullptr, SPA_PROP_params);
    if (params == nullptr || !spa_pod_is_struct(&params->value)) return;
    spa_pod_parser parser;
    spa_pod_frame list;
    spa_pod_parser_pod(&parser, &params->value);
    if (spa_pod_parser_push_struct(&parser, &list) < 0) return;
    const char* name = nullptr;
    spa_pod* pod = nullptr;
    while (spa_pod_parser_get_string(&parser, &name) >= 0 && spa_pod_parser_get_pod(&parser, &pod) >= 0) {
        const auto row = std::ranges::find(rows_, std::string_view(name), &Row::name);
        const auto value = number(pod);
        if (row != rows_.end() && value) wish(row->name, meant(row->value->parameter(), *value));
    }
}

}  // namespace stemwire::host
