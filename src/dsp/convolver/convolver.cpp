// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/convolver.hpp"

#include <algorithm>
#include <bit>

namespace stemwire::dsp {

using convolver::base_block;
using convolver::direct_taps;

namespace {

static_assert(direct_taps == base_block);

std::size_t longest_impulse(std::span<const ConvolverPath> paths)
{
    std::size_t longest = 0;
    for (const ConvolverPath& path : paths) longest = std::max(longest, path.impulse.size());
    return longest;
}

bool is_silent(const float* samples, std::size_t count) noexcept
{
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < count; ++i) bits |= std::bit_cast<std::uint32_t>(samples[i]);
    return (bits << 1) == 0;
}

}  // namespace

Convolver::Convolver(std::size_t inputs, std::size_t outputs, std::span<const ConvolverPath> paths, const ConvolverOptions& options)
    : kernels_(options.kernels != nullptr ? *options.kernels : *convolver::usable_kernels().back()), inputs_(inputs), outputs_(outputs),
      memory_(2 * base_block), recent_(inputs * 2 * base_block), pending_(outputs * base_block)
{
    const convolver::Plan plan = convolver::make_plan({.inputs = inputs, .outputs = outputs, .paths = paths.size(), .first_tap = options.delay,
                                                       .end = options.delay + longest_impulse(paths), .quantum = options.quantum,
                                                       .throughput = options.throughput});
    if (plan.direct) take_direct_taps(paths, options.delay);
    levels_.reserve(plan.levels.size());
    history_.frames = base_block;
    for (const convolver::PlannedLevel& level : plan.levels) {
        levels_.emplace_back(level, paths, options.delay, inputs, outputs, kernels_);
        // A job reads two of its blocks while a third one comes.
        history_.frames = std::max(history_.frames, 4 * level.size);
        memory_ = std::max({memory_, levels_.back().memory(), history_.frames});
    }
    history_.samples.resize(inputs * history_.frames);
    silent_frames_ = memory_;
}

void Convolver::take_direct_taps(std::span<const ConvolverPath> paths, std::size_t delay)
{
    for (const ConvolverPath& path : paths) {
        DirectPath& made = direct_.emplace_back(DirectPath{path.input, path.output, {}});
        const std::size_t count = std::min(path.impulse.size(), direct_taps - delay);
        std::copy_n(path.impulse.begin(), count, made.taps.begin() + static_cast<std::ptrdiff_t>(delay));
    }
}

void Convolver::process(std::span<const float* const> in, std::span<float* const> out, std::uint32_t frames) noexcept
{
    const auto silent = [frames](const float* samples) { return is_silent(samples, frames); };
    if (at_rest() && std::ranges::all_of(in, silent)) {
        rest(out, frames);
        return;
    }
    for (std::size_t done = 0; done < frames;) {
        const std::size_t count = std::min(frames - done, base_block - position_);
        process_piece(in, out, done, count);
        done += count;
        position_ += count;
        if (position_ == base_block) complete_block();
    }
}

/// All state is zero, so that only the time goes on: where the levels' blocks begin must not depend on how the calls are cut.
void Convolver::rest(std::span<float* const> out, std::size_t frames) noexcept
{
    for (float* samples : out) std::fill_n(samples, frames, 0.0f);
    for (std::size_t input = 0; input < inputs_; ++input) std::fill_n(current(input), base_block, 0.0f);
    now_ += (position_ + frames) / base_block * base_block;
    position_ = (position_ + frames) % base_block;
}

bool Convolver::at_rest() const noexcept
{
    return silent_frames_ >= memory_ && recent_is_silent(position_);
}

void Convolver::process_piece(std::span<const float* const> in, std::span<float* const> out, std::size_t done, std::size_t count) noexcept
{
    for (std::size_t input = 0; input < inputs_; ++input) std::copy_n(in[input] + done, count, current(input) + position_);
    for (std::size_t output = 0; output < outputs_; ++output) {
        alignas(64) std::array<float, base_block> sum;
        std::copy_n(pending_.data() + output * base_block, base_block, sum.data());
        for (const DirectPath& path : direct_)
            if (path.output == output) kernels_.direct(sum.data(), path.taps.data(), current(path.input), position_, position_ + count);
        std::copy_n(sum.data() + position_, count, out[output] + done);
    }
}

void Convolver::complete_block() noexcept
{
    silent_frames_ = recent_is_silent(base_block) ? std::min(silent_frames_ + base_block, memory_) : 0;
    for (std::size_t input = 0; input < inputs_; ++input) {
        std::copy_n(current(input), base_block, history_.at(input, now_));
        std::copy_n(current(input), base_block, current(input) - base_block);
    }
    now_ += base_block;
    position_ = 0;
    for (convolver::Level& level : levels_) level.tick(now_, history_);
    for (std::size_t output = 0; output < outputs_; ++output) {
        float* sum = pending_.data() + output * base_block;
        std::fill_n(sum, base_block, 0.0f);
        for (const convolver::Level& level : levels_) level.add_output(now_, output, sum);
    }
}

float* Convolver::current(std::size_t input) noexcept
{
    return recent_.data() + input * 2 * base_block + base_block;
}

bool Convolver::recent_is_silent(std::size_t frames) const noexcept
{
    for (std::size_t input = 0; input < inputs_; ++input)
        if (!is_silent(recent_.data() + input * 2 * base_block + base_block, frames)) return false;
    return true;
}

void Convolver::reset() noexcept
{
    for (convolver::Level& level : levels_) level.reset();
    std::ranges::fill(history_.samples, 0.0f);
    std::ranges::fill(recent_, 0.0f);
    std::ranges::fill(pending_, 0.0f);
    now_ = 0;
    position_ = 0;
    silent_frames_ = memory_;
}

}  // namespace stemwire::dsp
