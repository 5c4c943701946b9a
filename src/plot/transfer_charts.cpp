// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <limits>

#include "plot/charts.hpp"
#include "plot/figure.hpp"

namespace stemwire::plot {

namespace {

constexpr double lowest_hz = 20.0;
constexpr double highest_hz = 20000.0;
constexpr std::size_t columns = 700;     // about one for each pixel
constexpr double gain_grid_db = 6.0;
constexpr double most_gain_span_db = 60.0;
constexpr double level_grid_db = 12.0;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

double up_to(double value, double grid)
{
    return std::ceil(value / grid) * grid;
}

/// At least ±6 dB, and not the bottom of what is filtered away.
Axis gain_axis(std::span<const ResponsePoint> points)
{
    const auto [least, most] = std::ranges::minmax(points, {}, &ResponsePoint::gain_db);
    const double high = std::isfinite(most.gain_db) ? std::max(up_to(most.gain_db + 1.0, gain_grid_db), gain_grid_db) : gain_grid_db;
    const double low = std::max(-up_to(1.0 - least.gain_db, gain_grid_db), high - most_gain_span_db);
    return decibel_axis("gain (dB)", std::min(low, -gain_grid_db), high);
}

/// The line is cut where the phase leaves on one side and comes back on the other.
std::vector<Point> phase_line(std::span<const ResponsePoint> points)
{
    std::vector<Point> line;
    for (const ResponsePoint& point : points) {
        if (!line.empty() && std::abs(point.phase_deg - line.back().y) > 180.0) line.push_back({point.frequency_hz, nothing});
        line.push_back({point.frequency_hz, point.phase_deg});
    }
    return line;
}

std::vector<Point> level_line(std::span<const LevelPoint> levels)
{
    std::vector<Point> line;
    for (const LevelPoint& point : levels) line.push_back({point.input_db, point.output_db});
    return line;
}

}  // namespace

std::string draw_response(const Heading& heading, const Response& response, double rate_hz)
{
    Figure figure(heading.title, heading.facts);
    const double high_hz = std::min(highest_hz, rate_hz / 2.0);
    const auto points = response.over(lowest_hz, high_hz, columns);
    std::vector<Point> gain;
    for (const ResponsePoint& point : points) gain.push_back({point.frequency_hz, point.gain_db});

    Axis unlabelled = frequency_axis(lowest_hz, high_hz);
    unlabelled.label.clear();
    figure.add(270.0, std::move(unlabelled), gain_axis(points)).line(gain, 0);
    figure.add(160.0, frequency_axis(lowest_hz, high_hz), stepped_axis("phase (°)", -180.0, 180.0, 90.0)).line(phase_line(points), 1);
    return figure.svg();
}

std::string draw_curve(const Heading& heading, const StaticCurve& curve)
{
    Figure figure(heading.title, heading.facts);
    const double low = curve.rising.front().input_db;
    const double high = curve.rising.back().input_db;
    const double loudest = std::ranges::max(curve.rising, {}, &LevelPoint::output_db).output_db;
    const double top = std::isfinite(loudest) ? std::max(high, up_to(loudest - 0.5, level_grid_db)) : high;
    Pane& pane = figure.add(520.0, stepped_axis("input (dBFS)", low, high, level_grid_db), stepped_axis("output (dBFS)", low, top, level_grid_db));
    const std::vector<Point> unchanged{{low, low}, {high, high}};
    pane.line(unchanged, 4, true);
    pane.line(level_line(curve.rising), 0);
    if (!curve.has_two_branches()) return figure.svg();
    pane.line(level_line(curve.falling), 1);
    pane.legend("level rising", 0);
    pane.legend("level falling", 1);
    return figure.svg();
}

}  // namespace stemwire::plot
