// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/plan.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

namespace stemwire::dsp::convolver {

namespace {

// Nanoseconds per frame as bench/convolver has them with AVX2; only their ratios count.
constexpr double transform_cost = 0.07;  // of one level of butterflies
constexpr double partition_cost = 0.14;  // of one partition of one path
constexpr double level_cost = 0.50;      // of a level of one path beside its arithmetic

constexpr double uncached_cost = 0.60;   // of each level of butterflies of one transform that no longer fits a second-level cache

constexpr std::size_t largest_cached = 16384;
constexpr std::size_t largest_spread = 65536;  // a second of memory after the last sound is enough
constexpr std::size_t largest_throughput = 131072;

std::size_t divide_up(std::size_t a, std::size_t b)
{
    return (a + b - 1) / b;
}

std::size_t levels_between(std::size_t small, std::size_t large)
{
    return static_cast<std::size_t>(std::countr_zero(large) - std::countr_zero(small));
}

/// Every bit is a size: bit 0 the smallest that is meant, each next one twice as long.
using Chain = unsigned;

/// The levels of a chain from `smallest` on, of which the first one begins with tap `first`.
class Chainer {
public:
    Chainer(const Workload& workload, std::size_t interval) : workload_(workload), interval_(interval) {}

    [[nodiscard]] PlannedLevel level(std::size_t size) const
    {
        PlannedLevel made{.size = size};
        made.spread = workload_.throughput || size <= workload_.quantum ? interval_ : size;
        made.offset = size + made.spread - interval_;
        return made;
    }

    void close(PlannedLevel& level, std::size_t end) const
    {
        level.end = end;
        if (workload_.first_tap > level.offset) level.skipped = (workload_.first_tap - level.offset) / level.size;
        const std::size_t begin = level.offset + level.skipped * level.size;
        level.partitions = end > begin ? divide_up(end - begin, level.size) : 0;
    }

    /// Appends the chain's levels to `levels` as far as there are taps, each ending where the next one begins.
    void append(Chain chain, std::size_t smallest, std::vector<PlannedLevel>& levels) const
    {
        for (std::size_t size = smallest; chain != 0; chain >>= 1, size *= 2) {
            if ((chain & 1) == 0) continue;
            const PlannedLevel next = level(size);
            if (next.offset >= workload_.end) break;
            if (!levels.empty()) close(levels.back(), next.offset);
            levels.push_back(next);
        }
        if (!levels.empty()) close(levels.back(), workload_.end);
    }

private:
    const Workload& workload_;
    std::size_t interval_;
};

double cost_of(const PlannedLevel& level, const Workload& workload)
{
    if (level.partitions == 0) return 0.0;
    const auto ends = static_cast<double>(workload.inputs + workload.outputs);
    const auto paths = static_cast<double>(workload.paths);
    const auto uncached = static_cast<double>(level.size > largest_cached ? levels_between(largest_cached, level.size) : 0);
    return ends * (0.5 * level_cost + transform_cost * static_cast<double>(std::countr_zero(level.size)) + uncached_cost * uncached) +
           paths * partition_cost * static_cast<double>(level.partitions);
}

double cost_of(std::span<const PlannedLevel> levels, const Workload& workload)
{
    const auto add = [&](double sum, const PlannedLevel& level) { return sum + cost_of(level, workload); };
    return std::accumulate(levels.begin(), levels.end(), 0.0, add);
}

template <class Candidate, class Cost>
auto cheapest(Chain chains, Candidate candidate, Cost cost)
{
    auto best = candidate(Chain{0});
    double best_cost = cost(best);
    for (Chain chain = 1; chain < chains; ++chain)
        if (auto other = candidate(chain); cost(other) < best_cost) {
            best_cost = cost(other);
            best = std::move(other);
        }
    return best;
}

void drop_empty(std::vector<PlannedLevel>& levels)
{
    std::erase_if(levels, [](const PlannedLevel& level) { return level.partitions == 0; });
}

/// Main and upper levels of plans with this unit.
Plan plan_with_unit(std::size_t unit, const Workload& workload)
{
    const Chainer chainer(workload, unit);
    const std::size_t largest = workload.throughput ? largest_throughput : largest_spread;
    const auto candidate = [&](Chain chain) {
        std::vector<PlannedLevel> levels{{.size = unit, .spread = unit}};
        chainer.append(chain, 2 * unit, levels);
        return levels;
    };
    const auto cost = [&](const std::vector<PlannedLevel>& levels) { return cost_of(levels, workload); };
    auto levels = cheapest(Chain{1} << levels_between(unit, largest), candidate, cost);
    Plan plan{.unit = unit, .main = levels.front()};
    plan.upper.assign(levels.begin() + 1, levels.end());
    drop_empty(plan.upper);
    return plan;
}

/// The levels below the unit, whose work is always spread: nobody expects the calls that need them.
std::vector<PlannedLevel> plan_lower(std::size_t unit, Workload workload)
{
    workload.end = std::min(workload.end, unit);
    workload.quantum = base_block;
    workload.throughput = false;
    if (workload.first_tap >= unit || unit == base_block) return {};
    const Chainer chainer(workload, base_block);
    const auto candidate = [&](Chain chain) {
        std::vector<PlannedLevel> levels;
        chainer.append(2 * chain + 1, base_block, levels);  // the direct taps end where the smallest size begins
        return levels;
    };
    const auto cost = [&](const std::vector<PlannedLevel>& levels) { return cost_of(levels, workload); };
    auto levels = cheapest(Chain{1} << (levels_between(base_block, unit) - 1), candidate, cost);
    drop_empty(levels);
    return levels;
}

}  // namespace

Plan make_plan(const Workload& workload)
{
    Plan best;
    double best_cost = std::numeric_limits<double>::infinity();
    for (std::size_t unit = base_block; unit == base_block || (workload.quantum % unit == 0 && unit <= largest_cached); unit *= 2) {
        Plan plan = plan_with_unit(unit, workload);
        const double cost = cost_of(plan.main, workload) + cost_of(plan.upper, workload);
        if (cost >= best_cost) continue;
        best_cost = cost;
        best = std::move(plan);
    }
    best.lower = plan_lower(best.unit, workload);
    best.throughput = workload.throughput;
    return best;
}

}  // namespace stemwire::dsp::convolver
