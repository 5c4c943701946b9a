// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/bank.hpp"

#include <algorithm>
#include <array>

namespace stemwire::dsp::convolver {

namespace {

constexpr std::size_t enough_partitions = 4;  // with fewer the sums for two blocks cost as much as what is read once
constexpr std::size_t line_floats = static_cast<std::size_t>(LineAllocator<float>::line) / sizeof(float);

}  // namespace

Bank::Bank(const PlannedLevel& plan, std::span<const ConvolverPath> paths, const Shape& shape, const Kernels& kernels)
    : plan_(plan), inputs_(shape.inputs), slots_(plan.skipped + plan.partitions), kernels_(kernels), transform_(plan.size, kernels),
      paths_(shape.outputs), spectra_(inputs_ * slots_ * 2 * plan.size), work_(2 * plan.size),
      sums_(shape.outputs, AlignedFloats(2 * plan.size)), ahead_(sums_)
{
    for (const ConvolverPath& path : paths) transform_impulse(path, shape.delay);
    std::ranges::fill(work_, 0.0f);
}

void Bank::transform_impulse(const ConvolverPath& path, std::size_t delay)
{
    Path& made = paths_[path.output].emplace_back(Path{path.input, AlignedFloats(plan_.partitions * 2 * plan_.size)});
    const AlignedFloats zeros(plan_.size);
    AlignedFloats taps(plan_.size);
    const float scale = 1.0f / static_cast<float>(plan_.size);  // what the inverse leaves out
    for (std::size_t partition = 0; partition < plan_.partitions; ++partition) {
        const std::size_t first = plan_.offset + (plan_.skipped + partition) * plan_.size;
        for (std::size_t i = 0; i < plan_.size; ++i) taps[i] = first + i < plan_.end ? scale * tap_of(path, delay, first + i) : 0.0f;
        for (std::size_t step = 0; step < transform_.steps(); ++step)
            transform_.forward(step, taps.data(), zeros.data(), work_.data(), made.spectra.data() + partition * tile_floats,
                               plan_.partitions * tile_floats);
    }
}

std::size_t Bank::products() const noexcept
{
    std::size_t paths = 0;
    for (const auto& of_output : paths_) paths += of_output.size();
    return paths * plan_.partitions * tile_bins;
}

void Bank::forward(std::size_t step, std::size_t input, std::uint64_t end, const History& history) noexcept
{
    float* spectrum = spectra_.data() + input * slots_ * 2 * plan_.size + newest_ * tile_floats;
    transform_.forward(step, history.at(input, end - 2 * plan_.size), history.at(input, end - plan_.size), work_.data(), spectrum,
                       slots_ * tile_floats);
}

void Bank::multiply_ahead(std::size_t tile) noexcept
{
    if (plan_.skipped == 0) multiply(tile, 1, 0);
    else multiply(tile, 0, plan_.skipped - 1);
}

/// Over the partitions from `first` on, of which that one meets the block that is `age` blocks older than the newest.
void Bank::multiply(std::size_t tile, std::size_t first, std::size_t age) noexcept
{
    for (std::size_t output = 0; output < paths_.size(); ++output) {
        float* sum = sums_[output].data() + tile * tile_floats;
        if (paths_[output].empty()) std::fill_n(sum, tile_floats, 0.0f);
        bool add = false;
        for (const Path& path : paths_[output]) {
            const float* impulse = row(path, tile) + first * tile_floats;
            kernels_.multiply_accumulate(sum, impulse, runs(path.input, tile, age, plan_.partitions - first), add);
            add = true;
        }
    }
}

void Bank::multiply_in_turn(std::size_t tile) noexcept
{
    in_turn_ = true;
    if (plan_.partitions < enough_partitions) multiply(tile);
    else if (tile % 2 == turn_ || !ahead_is_known_) multiply_two(tile);
    else complete(tile);
}

void Bank::multiply_two(std::size_t tile) noexcept
{
    fetch_to_complete(std::min(tile + 1, tiles() - 1));
    const std::size_t next = std::min(tile + 2, tiles() - 1);
    for (std::size_t output = 0; output < paths_.size(); ++output) {
        bool add = false;
        for (const Path& path : paths_[output]) {
            kernels_.multiply_accumulate_two(sums_[output].data() + tile * tile_floats, ahead_[output].data() + tile * tile_floats,
                                             row(path, tile), newer_than(path.input, tile),
                                             runs(path.input, tile, plan_.skipped, plan_.partitions),
                                             {row(path, next), row(path.input, next)}, add);
            add = true;
        }
    }
}

/// What was computed ahead lacks the block that had not come yet.
void Bank::complete(std::size_t tile) noexcept
{
    for (std::size_t output = 0; output < paths_.size(); ++output) {
        float* sum = sums_[output].data() + tile * tile_floats;
        std::copy_n(ahead_[output].data() + tile * tile_floats, tile_floats, sum);
        if (plan_.skipped > 0) continue;
        for (const Path& path : paths_[output]) kernels_.multiply_accumulate(sum, row(path, tile), runs(path.input, tile, 0, 1), true);
    }
}

void Bank::fetch_to_complete(std::size_t tile) const noexcept
{
    const auto fetch = [](const float* from) {
        for (std::size_t at = 0; at < tile_floats; at += line_floats) __builtin_prefetch(from + at, 0, 2);
    };
    for (std::size_t input = 0; input < inputs_; ++input) fetch(row(input, tile) + newest_ * tile_floats);
    for (std::size_t output = 0; output < paths_.size(); ++output) {
        fetch(ahead_[output].data() + tile * tile_floats);
        for (const Path& path : paths_[output]) fetch(row(path, tile));
    }
}

const float* Bank::row(const Path& path, std::size_t tile) const noexcept
{
    return path.spectra.data() + tile * plan_.partitions * tile_floats;
}

const float* Bank::row(std::size_t input, std::size_t tile) const noexcept
{
    return spectra_.data() + (input * tiles() + tile) * slots_ * tile_floats;
}

/// The tile that the first partition meets in the next block; silence where that block has not come.
const float* Bank::newer_than(std::size_t input, std::size_t tile) const noexcept
{
    alignas(64) static constexpr std::array<float, tile_floats> unknown{};
    return plan_.skipped == 0 ? unknown.data() : runs(input, tile, plan_.skipped - 1, 1).first;
}

TileRuns Bank::runs(std::size_t input, std::size_t tile, std::size_t age, std::size_t count) const noexcept
{
    const float* slots = row(input, tile);
    std::size_t slot = newest_ + age;
    if (slot >= slots_) slot -= slots_;
    const std::size_t first_count = std::min(count, slots_ - slot);
    return {slots + slot * tile_floats, first_count, slots, count - first_count};
}

void Bank::inverse(std::size_t step, std::size_t output, float* frames) noexcept
{
    transform_.inverse(step, sums_[output].data(), frames);
}

void Bank::reset() noexcept
{
    // A job that has begun before the first frame goes on with what is here: all of it must be silence.
    std::ranges::fill(spectra_, 0.0f);
    std::ranges::fill(work_, 0.0f);
    for (auto* sums : {&sums_, &ahead_})
        for (AlignedFloats& sum : *sums) std::ranges::fill(sum, 0.0f);
    newest_ = 0;
    turn_ = 0;
    in_turn_ = false;
    ahead_is_known_ = false;
}

}  // namespace stemwire::dsp::convolver
