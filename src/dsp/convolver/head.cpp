// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/head.hpp"

#include <algorithm>

namespace stemwire::dsp::convolver {

static_assert(direct_taps == base_block);

Head::Head(const Plan& plan, std::span<const ConvolverPath> paths, const Shape& shape, const Kernels& kernels)
    : shape_(shape), kernels_(kernels), span_(2 * plan.unit), recent_(shape.inputs * 2 * base_block), pending_(shape.outputs * base_block)
{
    levels_.reserve(plan.lower.size());
    for (const PlannedLevel& level : plan.lower) levels_.emplace_back(level, base_block, paths, shape, kernels);
    if (shape.delay >= direct_taps) return;
    for (const ConvolverPath& path : paths) {
        DirectPath& made = direct_.emplace_back(DirectPath{path.input, path.output, {}});
        for (std::size_t tap = 0; tap < direct_taps; ++tap) made.taps[tap] = tap_of(path, shape.delay, tap);
    }
}

void Head::resume(std::uint64_t now, const History& history) noexcept
{
    for (std::uint64_t past = now - span_; past != now + base_block; past += base_block)
        for (Level& level : levels_) level.tick(past, history);
    for (std::size_t input = 0; input < shape_.inputs; ++input)
        std::copy_n(history.at(input, now - base_block), base_block, current(input) - base_block);
    collect(now);
}

void Head::take(std::size_t input, const float* samples, std::size_t position, std::size_t count) noexcept
{
    std::copy_n(samples, count, current(input) + position);
}

void Head::give(std::size_t output, float* samples, std::size_t position, std::size_t count) noexcept
{
    alignas(64) std::array<float, base_block> sum;
    std::copy_n(pending_.data() + output * base_block, base_block, sum.data());
    for (const DirectPath& path : direct_)
        if (path.output == output) kernels_.direct(sum.data(), path.taps.data(), current(path.input), position, position + count);
    std::copy_n(sum.data() + position, count, samples);
}

void Head::complete_block(std::uint64_t now, const History& history) noexcept
{
    for (std::size_t input = 0; input < shape_.inputs; ++input) std::copy_n(current(input), base_block, current(input) - base_block);
    for (Level& level : levels_) level.tick(now, history);
    collect(now);
}

void Head::collect(std::uint64_t now) noexcept
{
    std::ranges::fill(pending_, 0.0f);
    for (std::size_t output = 0; output < shape_.outputs; ++output)
        for (const Level& level : levels_) level.add_output(now, output, pending_.data() + output * base_block);
}

void Head::reset() noexcept
{
    for (Level& level : levels_) level.reset();
    std::ranges::fill(recent_, 0.0f);
    std::ranges::fill(pending_, 0.0f);
}

}  // namespace stemwire::dsp::convolver
