// SPDX-License-Identifier: GPL-3.0-or-later
#include "stemwire/settings.hpp"

#include <algorithm>
#include <stdexcept>

#include "stemwire/live.hpp"

namespace stemwire {

namespace {

Value default_value(const Parameter& parameter)
{
    Value value{.parameter = &parameter, .number = parameter.fallback};
    if (parameter.kind == Kind::text || parameter.kind == Kind::choice || parameter.kind == Kind::path || parameter.kind == Kind::new_file)
        value.text = parameter.fallback_text;
    if (parameter.kind == Kind::layout)
        if (const auto layout = ChannelLayout::named(parameter.fallback_text)) value.layout = *layout;
    return value;
}

constexpr bool has_number(Kind kind)
{
    return kind <= Kind::flag;
}

std::string join(const std::string& prefix, std::string_view name)
{
    if (prefix.empty() || name.empty()) return prefix + std::string(name);
    return prefix + "." + std::string(name);
}

}  // namespace

Settings::Settings() = default;
Settings::~Settings() = default;
Settings::Settings(const Settings&) = default;
Settings::Settings(Settings&&) noexcept = default;
Settings& Settings::operator=(const Settings&) = default;
Settings& Settings::operator=(Settings&&) noexcept = default;

std::span<const Value> Settings::values() const noexcept { return values_; }
std::span<Value> Settings::values() noexcept { return values_; }
const Value& Settings::operator[](std::string_view name) const { return values_.at(index(name)); }
Value& Settings::operator[](std::string_view name) { return values_.at(index(name)); }
double Settings::number(std::string_view name) const { return (*this)[name].number; }
bool Settings::flag(std::string_view name) const { return (*this)[name].number != 0.0; }
const std::string& Settings::text(std::string_view name) const { return (*this)[name].text; }
bool Settings::given(std::string_view name) const { return (*this)[name].given; }

Settings::Settings(std::span<const Parameter> table, std::string_view unit, Mark mark) : table_(table), unit_(unit), mark_(mark)
{
    values_.reserve(table.size());
    for (const Parameter& parameter : table) values_.push_back(default_value(parameter));
}

std::size_t Settings::index(std::string_view name) const
{
    const auto row = std::ranges::find(table_, name, &Parameter::name);
    if (row == table_.end()) throw std::out_of_range("no parameter named " + std::string(name));
    return static_cast<std::size_t>(row - table_.begin());
}

LiveParameters::LiveParameters(const Settings& settings)
{
    add(settings, "");
}

void LiveParameters::add(const Settings& settings, const std::string& prefix)
{
    for (const Value& value : settings.values()) {
        const Parameter& parameter = *value.parameter;
        const std::string inside = parameter.hidden_in_address ? prefix : join(prefix, parameter.name);
        if (parameter.live && has_number(parameter.kind)) values_.emplace_back(inside, parameter, value.number);
        if (parameter.live)
            for (const auto& [name, gain_db] : value.gains) values_.emplace_back(join(inside, name), parameter, gain_db);
        for (const auto& [name, record] : value.records) add(record, join(inside, name));
    }
}

LiveValue* LiveParameters::find(std::string_view address) noexcept
{
    const auto found = std::ranges::find(values_, address, &LiveValue::address);
    return found == values_.end() ? nullptr : &*found;
}

const LiveValue* LiveParameters::find(std::string_view address) const noexcept
{
    const auto found = std::ranges::find(values_, address, &LiveValue::address);
    return found == values_.end() ? nullptr : &*found;
}

const LiveValue& LiveParameters::at(std::string_view address) const
{
    const LiveValue* value = find(address);
    if (value == nullptr) throw std::out_of_range("no live parameter " + std::string(address));
    return *value;
}

}  // namespace stemwire
