// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/level.hpp"

#include <algorithm>
#include <numeric>

namespace stemwire::dsp::convolver {

namespace {

// Shares of work, with a butterfly of one element and level as 1; measured by bench/convolver.
constexpr double product_share = 2.0;
constexpr double multiply_unit = 8192.0;  // what is multiplied at once: below a microsecond

}  // namespace

Level::Level(const PlannedLevel& plan, std::size_t interval, std::span<const ConvolverPath> paths, const Shape& shape,
             const Kernels& kernels)
    : bank_(plan, paths, shape, kernels), interval_(interval), spread_(plan.spread),
      results_(2, std::vector<AlignedFloats>(shape.outputs, AlignedFloats(plan.size)))
{
    plan_units();
}

void Level::plan_units()
{
    std::vector<double> costs;
    const auto add = [&](const Unit& unit, double cost) {
        units_.push_back(unit);
        costs.push_back(cost);
    };
    const Transform& transform = bank_.transform();
    for (std::size_t input = 0; input < bank_.inputs(); ++input)
        for (std::size_t step = 0; step < transform.steps(); ++step)
            add({Unit::Kind::forward, input, step, step + 1}, transform.cost(step));
    const double tile_cost = product_share * static_cast<double>(bank_.products());
    const auto together = std::max<std::size_t>(1, static_cast<std::size_t>(multiply_unit / tile_cost));
    for (std::size_t tile = 0; tile < bank_.tiles(); tile += together) {
        const std::size_t end = std::min(bank_.tiles(), tile + together);
        add({Unit::Kind::multiply, 0, tile, end}, tile_cost * static_cast<double>(end - tile));
    }
    for (std::size_t output = 0; output < bank_.outputs(); ++output)
        for (std::size_t step = 0; step < transform.steps(); ++step)
            add({Unit::Kind::inverse, output, step, step + 1}, transform.cost(transform.steps() - 1 - step));
    plan_ticks(costs, spread_ / interval_);
}

void Level::plan_ticks(std::span<const double> costs, std::size_t ticks)
{
    const double share = std::accumulate(costs.begin(), costs.end(), 0.0) / static_cast<double>(ticks);
    std::size_t unit = 0;
    double done = 0.0;
    for (std::size_t tick = 1; tick <= ticks; ++tick) {
        // A unit belongs to the tick in which its middle falls.
        while (unit < costs.size() && (tick == ticks || done + 0.5 * costs[unit] < share * static_cast<double>(tick)))
            done += costs[unit++];
        units_done_.push_back(unit);
    }
}

void Level::tick(std::uint64_t now, const History& history) noexcept
{
    const std::size_t at = phase(now) / interval_;
    if (at >= units_done_.size()) return;
    if (at == 0) bank_.begin_block();
    const std::uint64_t begun = now - phase(now);
    for (std::size_t unit = at == 0 ? 0 : units_done_[at - 1]; unit < units_done_[at]; ++unit) run(units_[unit], begun, history);
    if (at + 1 == units_done_.size()) writing_ ^= 1;
}

void Level::run(const Unit& unit, std::uint64_t begun, const History& history) noexcept
{
    switch (unit.kind) {
    case Unit::Kind::forward: bank_.forward(unit.begin, unit.channel, begun, history); break;
    case Unit::Kind::multiply:
        for (std::size_t tile = unit.begin; tile < unit.end; ++tile) bank_.multiply_in_turn(tile);
        break;
    case Unit::Kind::inverse: bank_.inverse(unit.begin, unit.channel, results_[writing_][unit.channel].data()); break;
    }
}

void Level::add_output(std::uint64_t now, std::size_t output, float* sum) const noexcept
{
    const float* result = results_[writing_ ^ 1][output].data() + phase(now + bank_.size() - spread_ + interval_);
    for (std::size_t i = 0; i < interval_; ++i) sum[i] += result[i];
}

void Level::reset() noexcept
{
    bank_.reset();
    for (auto& side : results_)
        for (AlignedFloats& result : side) std::ranges::fill(result, 0.0f);
    writing_ = 0;
}

}  // namespace stemwire::dsp::convolver
