// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/take_plan.hpp"

#include <algorithm>

namespace stemwire::media {

namespace {

constexpr double fade_s = 0.010;  // two takes of one part: short enough for a beat, long enough for a bass not to click

std::uint64_t mixed(std::uint64_t x) noexcept
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

TakeRow drawn_row(const TakeDraw& draw, std::size_t row, std::size_t takes, Frames begin)
{
    TakeRow drawn{.begin = begin, .weights = std::vector<float>(takes)};
    for (std::size_t slot = 0; slot < draw.pick; ++slot) drawn.weights[drawn_take(draw.seed, row, slot, takes)] += 1.0f;
    return drawn;
}

void set_fades(std::vector<TakeRow>& rows, double rate_hz)
{
    const Frames longest = seconds_to_frames(fade_s, rate_hz);
    for (std::size_t row = 1; row < rows.size(); ++row) {
        const Frames room = row + 1 < rows.size() ? rows[row + 1].begin - rows[row].begin : endless;
        if (rows[row].weights != rows[row - 1].weights) rows[row].fade = static_cast<std::uint32_t>(std::min(longest, room));
    }
}

}  // namespace

std::size_t drawn_take(std::uint64_t seed, std::size_t row, std::size_t slot, std::size_t takes) noexcept
{
    const std::uint64_t number = mixed(mixed(mixed(seed) ^ row) ^ slot);
    // The high half times the number of takes: no bias that could be told from chance.
    return static_cast<std::size_t>(((number >> 32) * takes) >> 32);
}

std::vector<TakeRow> plan_takes(const TakeDraw& draw, std::size_t takes, double rate_hz, Frames content_begin)
{
    std::vector<double> points = draw.reshuffle_seconds;
    std::ranges::sort(points);
    points.erase(std::unique(points.begin(), points.end()), points.end());
    std::vector<TakeRow> rows{drawn_row(draw, 0, takes, 0)};
    for (std::size_t row = 1; row <= points.size(); ++row) {
        const Frames at = seconds_to_frames(points[row - 1], rate_hz);
        const Frames begin = at > content_begin ? at - content_begin : 0;
        if (begin <= rows.back().begin) rows.pop_back();
        rows.push_back(drawn_row(draw, row, takes, begin));
    }
    set_fades(rows, rate_hz);
    return rows;
}

}  // namespace stemwire::media
