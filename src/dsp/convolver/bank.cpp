// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/bank.hpp"

#include <algorithm>

namespace stemwire::dsp::convolver {

Bank::Bank(const PlannedLevel& plan, std::span<const ConvolverPath> paths, const Shape& shape, const Kernels& kernels)
    : plan_(plan), inputs_(shape.inputs), slots_(plan.skipped + plan.partitions), kernels_(kernels), transform_(plan.size, kernels),
      paths_(shape.outputs), spectra_(inputs_ * slots_ * 2 * plan.size), work_(2 * plan.size),
      sums_(shape.outputs, AlignedFloats(2 * plan.size))
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
            const float* impulse = path.spectra.data() + (tile * plan_.partitions + first) * tile_floats;
            kernels_.multiply_accumulate(sum, impulse, runs(path.input, tile, age, plan_.partitions - first), add);
            add = true;
        }
    }
}

TileRuns Bank::runs(std::size_t input, std::size_t tile, std::size_t age, std::size_t count) const noexcept
{
    const float* slots = spectra_.data() + input * slots_ * 2 * plan_.size + tile * slots_ * tile_floats;
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
    for (AlignedFloats& sum : sums_) std::ranges::fill(sum, 0.0f);
    newest_ = 0;
}

}  // namespace stemwire::dsp::convolver
