// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/level.hpp"

#include <algorithm>
#include <numeric>

#include "dsp/convolver/convolver.hpp"

namespace stemwire::dsp::convolver {

namespace {

// Shares of work, with the butterfly of one element as 1; measured by bench/convolver.
constexpr double multiply_share = 3.0;        // of one bin of one partition
constexpr double multiply_unit = 8192.0;      // what is done of the multiplications at once: below a microsecond

void clear(AlignedFloats& floats) noexcept
{
    std::ranges::fill(floats, 0.0f);
}

}  // namespace

Level::Level(const PlannedLevel& plan, std::span<const ConvolverPath> paths, std::size_t delay, std::size_t inputs, std::size_t outputs,
             const Kernels& kernels)
    : plan_(plan), size_(plan.size), slots_(plan.skipped + plan.partitions), inputs_(inputs), kernels_(kernels), transform_(size_, kernels),
      paths_(outputs), spectra_(inputs * slots_ * 2 * size_), work_(2 * size_), sums_(outputs, AlignedFloats(2 * size_)),
      results_(2, std::vector<AlignedFloats>(outputs, AlignedFloats(size_)))
{
    for (const ConvolverPath& path : paths) transform_impulse(path, delay);
    clear(work_);
    plan_units();
}

void Level::transform_impulse(const ConvolverPath& path, std::size_t delay)
{
    Path& made = paths_[path.output].emplace_back(Path{path.input, AlignedFloats(plan_.partitions * 2 * size_)});
    const AlignedFloats zeros(size_);
    AlignedFloats taps(size_);
    const float scale = 1.0f / static_cast<float>(size_);
    for (std::size_t partition = 0; partition < plan_.partitions; ++partition) {
        const std::size_t first = plan_.offset + (plan_.skipped + partition) * size_;
        for (std::size_t i = 0; i < size_; ++i) {
            const std::size_t tap = first + i;
            const bool within = tap >= delay && tap < plan_.end && tap - delay < path.impulse.size();
            taps[i] = within ? scale * path.impulse[tap - delay] : 0.0f;
        }
        for (std::size_t step = 0; step < transform_.steps(); ++step)
            transform_.forward(step, taps.data(), zeros.data(), work_.data(), made.spectra.data() + partition * tile_floats,
                               plan_.partitions * tile_floats);
    }
}

void Level::plan_units()
{
    std::vector<double> costs;
    const auto add = [&](const Unit& unit, double cost) {
        units_.push_back(unit);
        costs.push_back(cost);
    };
    for (std::size_t input = 0; input < inputs_; ++input)
        for (std::size_t step = 0; step < transform_.steps(); ++step) add({Unit::Kind::forward, input, step, step + 1}, transform_.cost(step));
    const auto path_count = std::accumulate(paths_.begin(), paths_.end(), std::size_t{0}, [](std::size_t sum, const auto& paths) { return sum + paths.size(); });
    const double tile_cost = multiply_share * static_cast<double>(tile_bins * plan_.partitions * path_count);
    const std::size_t tiles = size_ / tile_bins;
    const auto together = std::clamp<std::size_t>(static_cast<std::size_t>(multiply_unit / tile_cost), 1, tiles);
    for (std::size_t tile = 0; tile < tiles; tile += together) {
        const std::size_t end = std::min(tiles, tile + together);
        add({Unit::Kind::multiply, 0, tile, end}, tile_cost * static_cast<double>(end - tile));
    }
    for (std::size_t output = 0; output < paths_.size(); ++output)
        for (std::size_t step = 0; step < transform_.steps(); ++step)
            add({Unit::Kind::inverse, output, step, step + 1}, transform_.cost(transform_.steps() - 1 - step));
    plan_ticks(costs);
}

void Level::plan_ticks(std::span<const double> costs)
{
    const std::size_t ticks = plan_.spread / base_block;
    const double share = std::accumulate(costs.begin(), costs.end(), 0.0) / static_cast<double>(ticks);
    std::size_t unit = 0;
    double done = 0.0;
    for (std::size_t tick = 1; tick <= ticks; ++tick) {
        // A unit belongs to the tick in which its middle falls.
        while (unit < costs.size() && (tick == ticks || done + 0.5 * costs[unit] < share * static_cast<double>(tick))) done += costs[unit++];
        units_done_.push_back(unit);
    }
}

void Level::tick(std::uint64_t now, const History& history) noexcept
{
    const std::size_t at = phase(now) / base_block;
    if (at >= units_done_.size()) return;
    if (at == 0) newest_ = newest_ == 0 ? slots_ - 1 : newest_ - 1;
    const std::uint64_t begun = now - phase(now);
    for (std::size_t unit = at == 0 ? 0 : units_done_[at - 1]; unit < units_done_[at]; ++unit) run(units_[unit], begun, history);
    if (at + 1 == units_done_.size()) writing_ ^= 1;
}

void Level::run(const Unit& unit, std::uint64_t begun, const History& history) noexcept
{
    switch (unit.kind) {
    case Unit::Kind::forward: forward(unit, begun, history); break;
    case Unit::Kind::multiply:
        for (std::size_t tile = unit.begin; tile < unit.end; ++tile) multiply(tile);
        break;
    case Unit::Kind::inverse: transform_.inverse(unit.begin, sums_[unit.channel].data(), results_[writing_][unit.channel].data()); break;
    }
}

void Level::forward(const Unit& unit, std::uint64_t begun, const History& history) noexcept
{
    const float* previous = history.at(unit.channel, begun - 2 * size_);
    const float* current = history.at(unit.channel, begun - size_);
    transform_.forward(unit.begin, previous, current, work_.data(), spectrum(unit.channel, newest_), slots_ * tile_floats);
}

void Level::multiply(std::size_t tile) noexcept
{
    for (std::size_t output = 0; output < paths_.size(); ++output) {
        float* sum = sums_[output].data() + tile * tile_floats;
        if (paths_[output].empty()) std::fill_n(sum, tile_floats, 0.0f);
        bool add = false;
        for (const Path& path : paths_[output]) {
            kernels_.multiply_accumulate(sum, path.spectra.data() + tile * plan_.partitions * tile_floats, runs(path.input, tile), add);
            add = true;
        }
    }
}

float* Level::spectrum(std::size_t input, std::size_t slot) noexcept
{
    return spectra_.data() + input * slots_ * 2 * size_ + slot * tile_floats;
}

TileRuns Level::runs(std::size_t input, std::size_t tile) const noexcept
{
    const float* slots = spectra_.data() + input * slots_ * 2 * size_ + tile * slots_ * tile_floats;
    const std::size_t first = (newest_ + plan_.skipped) % slots_;
    const std::size_t first_count = std::min(plan_.partitions, slots_ - first);
    return {slots + first * tile_floats, first_count, slots, plan_.partitions - first_count};
}

void Level::add_output(std::uint64_t now, std::size_t output, float* sum) const noexcept
{
    const std::size_t begin = phase(now + size_ - plan_.spread + base_block);
    const float* result = results_[writing_ ^ 1][output].data() + begin;
    for (std::size_t i = 0; i < base_block; ++i) sum[i] += result[i];
}

void Level::reset() noexcept
{
    // The first job that is heard of began before the first frame: all that it goes on with must be silence too.
    clear(spectra_);
    clear(work_);
    for (auto& sum : sums_) clear(sum);
    for (auto& side : results_)
        for (auto& result : side) clear(result);
    newest_ = 0;
    writing_ = 0;
}

}  // namespace stemwire::dsp::convolver
