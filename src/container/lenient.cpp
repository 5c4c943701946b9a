// SPDX-License-Identifier: GPL-3.0-or-later
#include "container/lenient.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "stemwire/units.hpp"

namespace stemwire::container {

namespace {

std::optional<double> parse(std::string_view text)
{
    text = trimmed(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    double number = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
    return number;
}

/// What stands before a `db`, if it does.
std::optional<double> before_decibels(std::string_view text)
{
    text = trimmed(text);
    if (text.size() < 2) return std::nullopt;
    const std::string_view unit = text.substr(text.size() - 2);
    const bool is_unit = (unit[0] == 'd' || unit[0] == 'D') && (unit[1] == 'b' || unit[1] == 'B');
    return is_unit ? parse(text.substr(0, text.size() - 2)) : std::nullopt;
}

}  // namespace

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

const Json& member(const Json& object, const char* name)
{
    static const Json nothing;
    if (!object.is_object()) return nothing;
    const auto found = object.find(name);
    return found == object.end() ? nothing : *found;
}

const Json& member(const Json& object, Names names)
{
    static const Json nothing;
    for (const char* name : names)
        if (const Json& found = member(object, name); !found.is_null()) return found;
    return nothing;
}

std::optional<double> as_number(const Json& json)
{
    if (json.is_string()) return parse(json.get_ref<const std::string&>());
    if (!json.is_number() || !std::isfinite(json.get<double>())) return std::nullopt;
    return json.get<double>();
}

double number_of(const Json& object, Names names, double fallback)
{
    return as_number(member(object, names)).value_or(fallback);
}

std::string text_of(const Json& object, Names names)
{
    const Json& found = member(object, names);
    return found.is_string() ? found.get<std::string>() : std::string();
}

bool flag_of(const Json& object, Names names, bool fallback)
{
    const Json& found = member(object, names);
    return found.is_boolean() ? found.get<bool>() : fallback;
}

double factor_of(const Json& object, Names names, double fallback)
{
    const Json& found = member(object, names);
    if (found.is_string())
        if (const auto gain_db = before_decibels(found.get_ref<const std::string&>())) return decibels_to_linear(*gain_db);
    return as_number(found).value_or(fallback);
}

double decibels_of(const Json& object, Names names, double fallback)
{
    const Json& found = member(object, names);
    const auto number = as_number(found);
    if (!found.is_string()) return number.value_or(fallback);
    if (const auto gain_db = before_decibels(found.get_ref<const std::string&>())) return *gain_db;
    return number ? linear_to_decibels(*number) : fallback;
}

std::string number_text(double number)
{
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number == 0.0 ? 0.0 : number).ptr;
    return {text.data(), end};
}

}  // namespace stemwire::container
