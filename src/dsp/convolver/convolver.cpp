// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/convolver.hpp"

#include <algorithm>

#include "dsp/convolver/plan.hpp"

namespace stemwire::dsp {

using convolver::base_block;

namespace {

convolver::Workload workload_of(std::span<const ConvolverPath> paths, const convolver::Shape& shape, const ConvolverOptions& options)
{
    std::size_t longest = 0;
    for (const ConvolverPath& path : paths) longest = std::max(longest, path.impulse.size());
    return {.inputs = shape.inputs, .outputs = shape.outputs, .paths = paths.size(), .first_tap = shape.delay, .end = shape.delay + longest,
            .quantum = options.quantum, .throughput = options.throughput};
}

std::size_t largest_size(const convolver::Plan& plan)
{
    return plan.upper.empty() ? plan.unit : plan.upper.back().size;
}

/// A tap's output is computed from blocks that began up to two blocks before it, and is heard up to a block after.
std::size_t memory_of(const convolver::Plan& plan)
{
    const std::size_t end = plan.upper.empty() ? plan.main.end : plan.upper.back().end;
    return end + 4 * largest_size(plan);
}

}  // namespace

Convolver::Convolver(std::size_t inputs, std::size_t outputs, std::span<const ConvolverPath> paths, const ConvolverOptions& options)
    : Convolver(convolver::make_plan(workload_of(paths, {inputs, outputs, options.delay}, options)), paths,
                {inputs, outputs, options.delay}, options.kernels != nullptr ? *options.kernels : *convolver::usable_kernels().back())
{
}

Convolver::Convolver(const convolver::Plan& plan, std::span<const ConvolverPath> paths, const convolver::Shape& shape,
                     const convolver::Kernels& kernels)
    : shape_(shape), kernels_(kernels), unit_(plan.unit), in_turn_(plan.throughput), head_(plan, paths, shape, kernels), memory_(memory_of(plan)),
      silent_frames_(memory_), pending_(shape.outputs * plan.unit)
{
    history_.prepare(shape.inputs, 4 * largest_size(plan));  // a job reads two of its blocks while a third one comes
    if (plan.main.partitions > 0) main_.emplace(plan.main, paths, shape, kernels);
    upper_.reserve(plan.upper.size());
    for (const convolver::PlannedLevel& level : plan.upper) upper_.emplace_back(level, unit_, paths, shape, kernels);
}

void Convolver::process(Inputs in, Outputs out, std::uint32_t frames) noexcept
{
    if (rest(in, out, frames)) return;
    for (std::size_t done = 0; done < frames;) {
        const std::size_t left = frames - done;
        const bool whole = position_ == 0 && left >= unit_;
        const std::size_t count = whole ? unit_ : std::min(left, base_block - position_ % base_block);
        if (whole) process_unit(in, out, done);
        else process_piece(in, out, done, count);
        done += count;
    }
}

bool Convolver::rest(Inputs in, Outputs out, std::uint32_t frames) noexcept
{
    const auto silent = [&](const float* samples) { return kernels_.is_silent(samples, frames); };
    if (!at_rest() || !std::ranges::all_of(in, silent)) return false;
    for (float* samples : out) std::fill_n(samples, frames, 0.0f);
    pass_silence(frames);
    return true;
}

/// All state is zero, so that only the time goes on: where blocks begin must not depend on how the calls are cut.
void Convolver::pass_silence(std::size_t frames) noexcept
{
    const std::size_t end = position_ + frames;
    position_ = end & (unit_ - 1);  // a power of two
    now_ += end - position_;
    if (position_ == 0) return;
    if (head_is_stale_) head_.reset();
    head_is_stale_ = false;
    std::ranges::fill(pending_, 0.0f);
}

void Convolver::process_unit(Inputs in, Outputs out, std::size_t done) noexcept
{
    remember(in, done, unit_);
    transform_inputs(now_ + unit_);
    for (std::size_t tile = 0; main_ && tile < main_->tiles(); ++tile) in_turn_ ? main_->multiply_in_turn(tile) : main_->multiply(tile);
    for (std::size_t output = 0; output < shape_.outputs; ++output) answer(output, out[output] + done);
    head_is_stale_ = true;
    end_unit();
}

void Convolver::process_piece(Inputs in, Outputs out, std::size_t done, std::size_t count) noexcept
{
    if (position_ == 0) begin_unit_in_pieces();
    remember(in, done, count);
    const std::size_t in_block = position_ % base_block;
    for (std::size_t input = 0; input < shape_.inputs; ++input) head_.take(input, in[input] + done, in_block, count);
    for (std::size_t output = 0; output < shape_.outputs; ++output) {
        float* samples = out[output] + done;
        const float* pending = pending_.data() + output * unit_ + position_;
        head_.give(output, samples, in_block, count);
        for (std::size_t i = 0; i < count; ++i) samples[i] += pending[i];
    }
    position_ += count;
    if (position_ % base_block == 0) head_.complete_block(now_ + position_, history_);
    if (position_ < unit_) return;
    position_ = 0;
    transform_inputs(now_ + unit_);
    end_unit();
}

void Convolver::remember(Inputs in, std::size_t done, std::size_t count) noexcept
{
    for (std::size_t input = 0; input < shape_.inputs; ++input) {
        std::copy_n(in[input] + done, count, history_.at(input, now_ + position_));
        unit_is_silent_ = unit_is_silent_ && kernels_.is_silent(in[input] + done, count);
    }
}

void Convolver::transform_inputs(std::uint64_t end) noexcept
{
    if (!main_) return;
    main_->begin_block();
    for (std::size_t input = 0; input < shape_.inputs; ++input)
        for (std::size_t step = 0; step < main_->transform().steps(); ++step) main_->forward(step, input, end, history_);
}

void Convolver::answer(std::size_t output, float* samples) noexcept
{
    if (!main_) std::fill_n(samples, unit_, 0.0f);
    for (std::size_t step = 0; main_ && step < main_->transform().steps(); ++step) main_->inverse(step, output, samples);
    for (const convolver::Level& level : upper_) level.add_output(now_, output, samples);
}

void Convolver::begin_unit_in_pieces() noexcept
{
    if (head_is_stale_) head_.resume(now_, history_);
    head_is_stale_ = false;
    for (std::size_t tile = 0; main_ && tile < main_->tiles(); ++tile) main_->multiply_ahead(tile);
    for (std::size_t output = 0; output < shape_.outputs; ++output) answer(output, pending_.data() + output * unit_);
}

void Convolver::end_unit() noexcept
{
    now_ += unit_;
    silent_frames_ = unit_is_silent_ ? std::min(silent_frames_ + unit_, memory_) : 0;
    unit_is_silent_ = true;
    for (convolver::Level& level : upper_) level.tick(now_, history_);
}

void Convolver::reset() noexcept
{
    head_.reset();
    if (main_) main_->reset();
    for (convolver::Level& level : upper_) level.reset();
    history_.prepare(shape_.inputs, history_.frames());
    std::ranges::fill(pending_, 0.0f);
    now_ = 0;
    position_ = 0;
    head_is_stale_ = false;
    unit_is_silent_ = true;
    silent_frames_ = memory_;
}

}  // namespace stemwire::dsp
