// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt/offload_line.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "rt/denormals.hpp"
#include "rt/worker_thread.hpp"
#include "stemwire/units.hpp"

namespace stemwire::rt {

void OffloadLine::prepare(const Plan& plan, Work work)
{
    stop();
    plan_ = plan;
    work_ = std::move(work);
    // As much again as can be asked for at once, so that a worker that is a little late loses nothing for good.
    const std::size_t size = std::bit_ceil(std::size_t{plan.latency} + 2 * largest_quantum);
    mask_ = size - 1;
    in_.assign(plan.inputs, std::vector<float>(size));
    out_.assign(plan.outputs, std::vector<float>(size));
    marks_.assign(size, {});
    piece_inputs_.assign(plan.inputs, nullptr);
    piece_outputs_.assign(plan.outputs, nullptr);
    written_ = valid_from_ = 0;
    marked_forget_ = stalled_ = gap_ = false;
    handed_ = done_ = missing_ = 0;
    if (plan.offline) return;
    worker_ = std::jthread([this, glance = worker_glance(plan.latency, plan.rate_hz)](const std::stop_token& stop) {
        raise_worker_priority();
        const FlushDenormals flush;
        while (!stop.stop_requested())
            if (!work_on()) std::this_thread::sleep_for(glance);
    });
}

void OffloadLine::stop()
{
    worker_ = {};
}

void OffloadLine::process(std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames, bool step) noexcept
{
    if (!has_room(frames)) {
        for (float* output : outputs) std::fill_n(output, frames, 0.0f);
        missing_.fetch_add(frames, std::memory_order_relaxed);
        return;
    }
    put(inputs, frames, {step, std::exchange(marked_forget_, false)});
    if (plan_.offline)
        while (work_on()) {}
    take(outputs, frames);
    written_ += frames;
}

void OffloadLine::forget() noexcept
{
    marked_forget_ = true;
    valid_from_ = written_;
    gap_ = false;
}

/// Once a worker is so late that its input would be written over, it gets nothing more until it has done all: then time begins anew.
bool OffloadLine::has_room(std::uint32_t frames) noexcept
{
    const std::uint64_t done = done_.load(std::memory_order_acquire);
    if (stalled_ && done == written_) {
        stalled_ = false;
        forget();
        gap_ = true;
    }
    stalled_ = stalled_ || written_ + frames - done > mask_ + 1;
    return !stalled_;
}

void OffloadLine::put(std::span<const float* const> inputs, std::uint32_t frames, Mark mark) noexcept
{
    const std::size_t at = written_ & mask_;
    const std::size_t first = std::min<std::size_t>(frames, mask_ + 1 - at);
    for (std::size_t channel = 0; channel < in_.size(); ++channel) {
        std::copy_n(inputs[channel], first, in_[channel].begin() + static_cast<std::ptrdiff_t>(at));
        std::copy_n(inputs[channel] + first, frames - first, in_[channel].begin());
    }
    for (std::uint32_t i = 0; i < frames; ++i) marks_[(written_ + i) & mask_] = {};
    marks_[at] = mark;
    handed_.store(written_ + frames, std::memory_order_release);
}

void OffloadLine::take(std::span<float* const> outputs, std::uint32_t frames) noexcept
{
    const std::uint64_t done = done_.load(std::memory_order_acquire);
    std::uint32_t missing = 0;
    for (std::uint32_t i = 0; i < frames; ++i) {
        const std::uint64_t now = written_ + i;
        const bool begun = now >= plan_.latency && now - plan_.latency >= valid_from_;
        const bool ready = begun && now - plan_.latency < done;
        missing += ready || (!begun && !gap_) ? 0 : 1;
        for (std::size_t channel = 0; channel < out_.size(); ++channel)
            outputs[channel][i] = ready ? out_[channel][(now - plan_.latency) & mask_] : 0.0f;
    }
    if (missing > 0) missing_.fetch_add(missing, std::memory_order_relaxed);
}

/// One piece; false where there is none.
bool OffloadLine::work_on() noexcept
{
    const std::uint64_t from = done_.load(std::memory_order_relaxed);
    const std::uint64_t end = handed_.load(std::memory_order_acquire);
    if (from == end) return false;
    const std::uint32_t frames = piece_at(from, end);
    const std::size_t at = from & mask_;
    for (std::size_t channel = 0; channel < in_.size(); ++channel) piece_inputs_[channel] = in_[channel].data() + at;
    for (std::size_t channel = 0; channel < out_.size(); ++channel) piece_outputs_[channel] = out_[channel].data() + at;
    work_({piece_inputs_, piece_outputs_, frames, marks_[at]});
    done_.store(from + frames, std::memory_order_release);
    return true;
}

/// Up to the next mark or the rings' end.
std::uint32_t OffloadLine::piece_at(std::uint64_t frame, std::uint64_t end) const noexcept
{
    const std::uint64_t most = std::min<std::uint64_t>({end - frame, plan_.largest_piece, mask_ + 1 - (frame & mask_)});
    std::uint32_t frames = 1;
    while (frames < most && !marks_[(frame + frames) & mask_].step && !marks_[(frame + frames) & mask_].forget) ++frames;
    return frames;
}

}  // namespace stemwire::rt
