// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/axis.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

namespace stemwire::plot {

namespace {

constexpr int most_time_ticks = 10;

/// The smallest of the steps that makes no more than so many.
template <std::size_t N>
double step_for(double span, int most, const std::array<double, N>& steps)
{
    const auto found = std::ranges::find_if(steps, [&](double step) { return span / step <= most; });
    return found == steps.end() ? steps.back() : *found;
}

std::string frequency_text(double hz)
{
    return hz >= 1000.0 ? plain_number(hz / 1000.0) + "k" : plain_number(hz);
}

std::string minutes_text(double seconds)
{
    const long whole = std::lround(seconds);
    return std::to_string(whole / 60) + (whole % 60 < 10 ? ":0" : ":") + std::to_string(whole % 60);
}

}  // namespace

double Axis::share(double value) const noexcept
{
    if (logarithmic) return std::log(value / low) / std::log(high / low);
    return (value - low) / (high - low);
}

std::string plain_number(double value, int decimals)
{
    std::array<char, 64> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), std::abs(value), std::chars_format::fixed, decimals);
    if (error != std::errc()) return "?";
    std::string number(text.data(), end);
    if (number.find('.') != std::string::npos) {
        number.erase(number.find_last_not_of('0') + 1);
        if (number.back() == '.') number.pop_back();
    }
    return value < 0.0 && number != "0" ? "−" + number : number;
}

Axis frequency_axis(double low_hz, double high_hz)
{
    Axis axis{"frequency (Hz)", low_hz, high_hz, true};
    for (double decade = std::pow(10.0, std::floor(std::log10(low_hz))); decade <= high_hz; decade *= 10.0)
        for (int multiple = 1; multiple < 10; ++multiple) {
            const double hz = decade * multiple;
            if (hz < low_hz * 0.999 || hz > high_hz * 1.001) continue;
            axis.ticks.push_back({hz, multiple == 1 || multiple == 2 || multiple == 5 ? frequency_text(hz) : ""});
        }
    return axis;
}

Axis stepped_axis(std::string label, double low, double high, double step)
{
    Axis axis{std::move(label), low, high};
    const double slack = 1e-9 * (high - low);
    for (double count = std::ceil((low - slack) / step); count * step <= high + slack; ++count)
        axis.ticks.push_back({count * step, plain_number(count * step, 3)});
    return axis;
}

Axis decibel_axis(std::string label, double low_db, double high_db, int most_ticks)
{
    static constexpr std::array steps{0.5, 1.0, 2.0, 3.0, 6.0, 10.0, 12.0, 20.0, 24.0, 40.0, 60.0};
    return stepped_axis(std::move(label), low_db, high_db, step_for(high_db - low_db, most_ticks, steps));
}

Axis time_axis(double seconds)
{
    static constexpr std::array steps{1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0};
    if (seconds <= steps.front() * most_time_ticks / 2) {
        double step = std::pow(10.0, std::floor(std::log10(seconds)) - 1.0);
        for (const double larger : {2.0, 2.5, 2.0, 2.0})
            if (seconds / step > most_time_ticks) step *= larger;
        // Below half a second in ms: fewer zeros to read.
        if (seconds >= 0.5) return stepped_axis("time (s)", 0.0, seconds, step);
        Axis axis = stepped_axis("time (ms)", 0.0, seconds * 1000.0, step * 1000.0);
        for (Tick& tick : axis.ticks) tick.value /= 1000.0;
        axis.high = seconds;
        return axis;
    }
    const double step = step_for(seconds, most_time_ticks, steps);
    Axis axis = stepped_axis(seconds < 120.0 ? "time (s)" : "time (min:s)", 0.0, seconds, step);
    if (seconds >= 120.0)
        for (Tick& tick : axis.ticks) tick.text = minutes_text(tick.value);
    return axis;
}

}  // namespace stemwire::plot
