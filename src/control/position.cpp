// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/position.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>

#include "preset/preset.hpp"

namespace stemwire::control {

namespace {

constexpr Parameter position_row{.name = "time", .kind = Kind::time, .description = "", .minimum = 0.0, .maximum = 1e7};
constexpr double seconds_per_minute = 60.0;

/// One part of `1:02:03.5`: digits, and a fraction in the last one.
std::optional<double> clock_part(std::string_view text, bool last)
{
    double number = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || !std::isfinite(number) || number < 0.0 || text.front() == '-' || (!last && std::trunc(number) != number)) return std::nullopt;
    return number;
}

Expected<double> parse_clock(std::string_view text)
{
    const auto wrong = [text] { return failure("'" + std::string(text) + "' is not a time such as 1:23.5 or 1:02:03"); };
    double seconds = 0.0;
    int colons = 0;
    for (std::string_view rest = text;; ++colons) {
        const auto colon = rest.find(':');
        const bool last = colon == std::string_view::npos;
        const auto part = clock_part(rest.substr(0, colon), last);
        if (!part || colons > 2 || (colons > 0 && *part >= seconds_per_minute)) return wrong();
        seconds = seconds * seconds_per_minute + *part;
        if (last) break;
        rest.remove_prefix(colon + 1);
    }
    if (seconds > position_row.maximum) return failure("'" + std::string(text) + "' is out of range (0 s … 1e+07 s)");
    return seconds;
}

}  // namespace

Expected<double> parse_position(std::string_view text, double rate_hz)
{
    if (text.find(':') != std::string_view::npos) return parse_clock(text);
    return preset::parse_number(position_row, text, rate_hz);
}

Expected<double> parse_distance(std::string_view text, double rate_hz)
{
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return failure("'" + std::string(text) + "' is not a distance such as +5 s or -5 s");
    const double sign = text.front() == '-' ? -1.0 : 1.0;
    return parse_position(text.substr(1), rate_hz).map([sign](double seconds) { return sign * seconds; });
}

std::string format_position(double seconds)
{
    std::array<char, 48> text{};
    const auto tenths = static_cast<long long>(std::floor(std::max(seconds, 0.0) * 10.0 + 1e-6));
    const long long minutes = tenths / 600;
    const double rest = static_cast<double>(tenths % 600) / 10.0;
    if (minutes < 60) std::snprintf(text.data(), text.size(), "%lld:%04.1f", minutes, rest);
    else std::snprintf(text.data(), text.size(), "%lld:%02lld:%04.1f", minutes / 60, minutes % 60, rest);
    return text.data();
}

}  // namespace stemwire::control
