// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/plan.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace stemwire::dsp::convolver {

namespace {

// Nanoseconds per frame as bench/convolver measures them with AVX2; only their ratios count.
constexpr double transform_cost = 0.10;  // of one level of butterflies
constexpr double partition_cost = 0.30;  // of one partition of one path
constexpr double level_cost = 0.30;      // of a level beside its arithmetic

constexpr std::size_t largest_spread = 16384;      // above it a history no longer fits a second-level cache
constexpr std::size_t largest_throughput = 32768;

/// Every bit is a size: bit 0 the base block, each next one twice as long.
using Chain = unsigned;

std::size_t divide_up(std::size_t a, std::size_t b)
{
    return (a + b - 1) / b;
}

PlannedLevel level_of(std::size_t size, const Workload& workload)
{
    PlannedLevel level{.size = size};
    level.spread = workload.throughput || size <= workload.quantum ? base_block : size;
    level.offset = size + level.spread - base_block;
    return level;
}

void close_level(PlannedLevel& level, std::size_t end, const Workload& workload)
{
    level.end = end;
    if (workload.first_tap > level.offset) level.skipped = (workload.first_tap - level.offset) / level.size;
    const std::size_t begin = level.offset + level.skipped * level.size;
    level.partitions = end > begin ? divide_up(end - begin, level.size) : 0;
}

Plan plan_of(Chain chain, const Workload& workload)
{
    Plan plan{.direct = workload.first_tap < base_block, .levels = {}};
    for (std::size_t size = base_block; chain != 0; chain >>= 1, size *= 2) {
        if ((chain & 1) == 0) continue;
        const PlannedLevel level = level_of(size, workload);
        if (level.offset >= workload.end) break;
        if (!plan.levels.empty()) close_level(plan.levels.back(), level.offset, workload);
        plan.levels.push_back(level);
    }
    if (!plan.levels.empty()) close_level(plan.levels.back(), workload.end, workload);
    std::erase_if(plan.levels, [](const PlannedLevel& level) { return level.partitions == 0; });
    return plan;
}

/// Where the first level begins too late for the first taps, the chain is none.
bool covers(const Plan& plan, const Workload& workload)
{
    const std::size_t needed = std::max(workload.first_tap, plan.direct ? base_block : 0);
    if (plan.levels.empty()) return needed >= workload.end;
    return plan.levels.front().offset <= needed;
}

double cost_of(const Plan& plan, const Workload& workload)
{
    double cost = 0.0;
    for (const PlannedLevel& level : plan.levels)
        cost += level_cost + transform_cost * static_cast<double>((workload.inputs + workload.outputs) * static_cast<std::size_t>(std::countr_zero(level.size))) +
                partition_cost * static_cast<double>(workload.paths * level.partitions);
    return cost;
}

}  // namespace

Plan make_plan(const Workload& workload)
{
    const std::size_t largest = workload.throughput ? largest_throughput : largest_spread;
    const Chain chains = Chain{1} << (std::countr_zero(largest) - std::countr_zero(base_block) + 1);
    Plan best;
    double best_cost = std::numeric_limits<double>::infinity();
    for (Chain chain = 0; chain < chains; ++chain) {
        Plan plan = plan_of(chain, workload);
        if (!covers(plan, workload)) continue;
        if (const double cost = cost_of(plan, workload); cost < best_cost) {
            best_cost = cost;
            best = std::move(plan);
        }
    }
    return best;
}

}  // namespace stemwire::dsp::convolver
