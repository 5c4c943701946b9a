// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "preset/preset.hpp"

namespace stemwire::preset {

namespace {

/// One way to write a quantity: a unit and what it is worth in the kind's own number, as a fraction, so that `57 %` is the number
/// nearest to 0.57.
struct UnitWord {
    Kind kind;
    std::string_view word;
    double times = 1.0;
    double per = 1.0;   ///< 0: the rate
};

constexpr std::array units{
    UnitWord{Kind::gain, "dB"},
    UnitWord{Kind::time, "us", 1.0, 1e6},
    UnitWord{Kind::time, "ms", 1.0, 1e3},
    UnitWord{Kind::time, "s"},
    UnitWord{Kind::time, "min", 60.0},
    UnitWord{Kind::time, "frame", 1.0, 0.0},
    UnitWord{Kind::time, "frames", 1.0, 0.0},
    UnitWord{Kind::frequency, "Hz"},
    UnitWord{Kind::frequency, "kHz", 1e3},
    UnitWord{Kind::amount, "%", 1.0, 1e2},
};

/// What a kind's value looks like, for a message.
std::string_view example(Kind kind)
{
    switch (kind) {
    case Kind::gain:
    case Kind::gain_map: return "a gain such as -3 dB";
    case Kind::time:
    case Kind::time_range: return "a time such as 20 ms, 2.5 s, 1 min or 480 frames";
    case Kind::frequency: return "a frequency such as 80 Hz or 3.2 kHz";
    case Kind::amount: return "an amount such as 0.5 or 50 %";
    case Kind::integer: return "a whole number";
    case Kind::pan: return "a pan such as L20, C or R100, or a number from -1 to 1";
    case Kind::flag: return "true or false";
    default: return "a number";
    }
}

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

struct Written {
    double number;
    std::string_view unit;
};

/// A number and what stands behind it.
std::optional<Written> split(std::string_view text)
{
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    double number = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
    return Written{number, trimmed(text.substr(static_cast<std::size_t>(end - text.data())))};
}

std::optional<double> parse_pan(std::string_view text)
{
    if (text == "C" || text == "c") return 0.0;
    const bool left = text.starts_with('L') || text.starts_with('l');
    const bool right = text.starts_with('R') || text.starts_with('r');
    const auto written = split(left || right ? text.substr(1) : text);
    if (!written || !written->unit.empty()) return std::nullopt;
    if (!left && !right) return written->number;
    if (written->number < 0.0 || written->number > 100.0) return std::nullopt;
    return (left ? -1.0 : 1.0) * written->number / 100.0;
}

const UnitWord* find_unit(Kind kind, std::string_view word)
{
    const auto unit = std::ranges::find_if(units, [&](const UnitWord& each) { return each.kind == kind && each.word == word; });
    return unit == units.end() ? nullptr : &*unit;
}

/// The kind of one number of a value that has several.
Kind kind_of_one(Kind kind)
{
    return kind == Kind::gain_map ? Kind::gain : kind == Kind::time_range ? Kind::time : kind;
}

std::optional<double> parse_with_unit(Kind kind, std::string_view text, double rate_hz)
{
    const auto written = split(text);
    if (!written) return std::nullopt;
    if (written->unit.empty()) return written->number;
    const UnitWord* unit = find_unit(kind, written->unit);
    if (unit == nullptr) return std::nullopt;
    return written->number * unit->times / (unit->per == 0.0 ? rate_hz : unit->per);
}

/// The text without the number's own unit behind it.
std::string_view without_unit(const Parameter& parameter, std::string_view text)
{
    return !parameter.unit.empty() && text.ends_with(parameter.unit) ? trimmed(text.substr(0, text.size() - parameter.unit.size())) : text;
}

std::optional<double> parse_kind(const Parameter& parameter, std::string_view text, double rate_hz)
{
    for (const NamedValue& named : parameter.named)
        if (named.word == text) return named.value;
    switch (parameter.kind) {
    case Kind::gain_map:
    case Kind::gain: return text == "off" ? std::optional(gain_off) : parse_with_unit(Kind::gain, text, rate_hz);
    case Kind::time_range: return parse_with_unit(Kind::time, text, rate_hz);
    case Kind::pan: return parse_pan(text);
    case Kind::flag: return text == "true" ? std::optional(1.0) : text == "false" ? std::optional(0.0) : std::nullopt;
    case Kind::number: return parse_with_unit(Kind::number, without_unit(parameter, text), rate_hz);
    case Kind::integer: {
        const auto number = parse_with_unit(Kind::integer, without_unit(parameter, text), rate_hz);
        return number && std::trunc(*number) == *number ? number : std::nullopt;
    }
    default: return parse_with_unit(parameter.kind, text, rate_hz);
    }
}

std::string expectation(const Parameter& parameter)
{
    std::string text(example(parameter.kind));
    if (!parameter.unit.empty()) text += " (in " + std::string(parameter.unit) + ")";
    for (const NamedValue& named : parameter.named) text += ", or " + std::string(named.word);
    return text;
}

std::string range_text(const Parameter& parameter)
{
    if (!std::isfinite(parameter.minimum)) return "at most " + format_number(parameter, parameter.maximum);
    if (!std::isfinite(parameter.maximum)) return "at least " + format_number(parameter, parameter.minimum);
    return format_number(parameter, parameter.minimum) + " … " + format_number(parameter, parameter.maximum);
}

/// The shortest text that reads back as the same number.
std::string plain(double value)
{
    std::array<char, 32> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value + 0.0);  // -0 becomes 0
    return {text.data(), end};
}

/// In the other unit, of which `times / per` is one of this one, where that is the handier number and reads back as the same one.
std::string scaled(double value, std::string_view unit, double times, double per, std::string_view other_unit)
{
    const double other = value * per / times;
    const bool handy = times > per ? std::abs(other) >= 1.0 : std::abs(value) < 1.0 && value != 0.0;
    if (!handy || other * times / per != value) return plain(value) + " " + std::string(unit);
    return plain(other) + " " + std::string(other_unit);
}

std::string format_pan(double value)
{
    if (value == 0.0) return "C";
    double percent = std::abs(value) * 100.0;
    if (std::round(percent) / 100.0 == std::abs(value)) percent = std::round(percent);
    if (percent / 100.0 != std::abs(value)) return plain(value);
    return (value < 0.0 ? "L" : "R") + plain(percent);
}

/// The text of a value that another text shows the style of; empty where it shows none.
std::string styled(const Parameter& parameter, double value, std::string_view like, double rate_hz)
{
    if (parameter.kind == Kind::pan && !like.empty() && std::string_view("LRClrc").find(like.front()) != std::string_view::npos) return format_pan(value);
    const auto written = split(like);
    if (!written || !std::isfinite(value)) return {};
    if (written->unit.empty()) return plain(value);
    const UnitWord* unit = find_unit(kind_of_one(parameter.kind), written->unit);
    if (unit == nullptr) return {};
    const std::size_t unit_at = like.size() - written->unit.size();
    const std::size_t gap_at = like.find_last_not_of(" \t", unit_at - 1) + 1;
    const double number = value * (unit->per == 0.0 ? rate_hz : unit->per) / unit->times;
    return plain(number) + std::string(like.substr(gap_at));
}

}  // namespace

Expected<double> parse_number(const Parameter& parameter, std::string_view text, double rate_hz)
{
    text = trimmed(text);
    const auto value = parse_kind(parameter, text, rate_hz);
    if (!value) return failure("'" + std::string(text) + "' is not " + expectation(parameter));
    const bool is_word = std::ranges::any_of(parameter.named, [&](const NamedValue& named) { return named.word == text; });
    if (!is_word && (*value < parameter.minimum || *value > parameter.maximum))
        return failure("'" + std::string(text) + "' is out of range (" + range_text(parameter) + ")");
    return *value;
}

std::string format_number(const Parameter& parameter, double value)
{
    for (const NamedValue& named : parameter.named)
        if (named.value == value) return std::string(named.word);
    switch (parameter.kind) {
    case Kind::gain:
    case Kind::gain_map: return value == gain_off ? "off" : plain(value) + " dB";
    case Kind::time:
    case Kind::time_range: return scaled(value, "s", 1.0, 1e3, "ms");
    case Kind::frequency: return scaled(value, "Hz", 1e3, 1.0, "kHz");
    case Kind::pan: return format_pan(value);
    case Kind::flag: return value != 0.0 ? "true" : "false";
    default: return parameter.unit.empty() ? plain(value) : plain(value) + " " + std::string(parameter.unit);
    }
}

std::string format_number_like(const Parameter& parameter, double value, std::string_view like, double rate_hz)
{
    const std::string text = styled(parameter, value, trimmed(like), rate_hz);
    if (text.empty()) return format_number(parameter, value);
    const auto read = parse_number(parameter, text, rate_hz);
    return read && *read == value ? text : format_number(parameter, value);
}

}  // namespace stemwire::preset
