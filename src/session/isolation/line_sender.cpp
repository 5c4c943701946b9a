// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/isolation/line_sender.hpp"

#include <algorithm>
#include <utility>

#include "stemwire/units.hpp"

namespace stemwire::session::isolation {

namespace {

constexpr double ramp_seconds = 0.005;

}  // namespace

void LineSender::prepare(std::shared_ptr<LineMemory> memory)
{
    memory_ = std::move(memory);
    const LineShape& shape = memory_->shape();
    mask_ = shape.ring() - 1;
    latency_ = shape.latency;
    ramp_frames_ = std::max(1u, static_cast<std::uint32_t>(seconds_to_frames(ramp_seconds, shape.rate_hz)));
    rings_.clear();
    in_rings_.clear();
    for (std::uint32_t channel = 0; channel < shape.inputs; ++channel) in_rings_.push_back(memory_->input(channel));
    for (std::uint32_t channel = 0; channel < shape.outputs; ++channel) rings_.push_back(memory_->output(channel));
    last_.assign(shape.outputs, 0.0f);
    fall_.assign(shape.outputs, 0.0f);
    written_ = handed_ = valid_from_ = 0;
    lived_ = stalled_ = gap_ = false;
    risen_ = falling_ = 0;
    missing_ = 0;
}

void LineSender::process(const Block& block) noexcept
{
    const bool room = has_room(block.frames);
    if (room) put(block);
    const Ready ready = look();
    take(block, room ? ready : Ready{0, 0});
    if (room) written_ += block.frames;
}

/// Once nothing more fits in, nothing more is handed over until all is done, or somebody begins anew: then time begins anew.
bool LineSender::has_room(std::uint32_t frames) noexcept
{
    const LineHead& head = memory_->head();
    const std::uint64_t done = head.done.load(std::memory_order_acquire);
    const std::uint64_t worked = head.worked.load(std::memory_order_acquire);
    if (stalled_ && done == written_) {
        stalled_ = false;
        gap_ = true;
        valid_from_ = written_;
    }
    stalled_ = stalled_ || written_ + frames - done > mask_ + 1 || handed_ - worked >= most_pieces;
    return !stalled_;
}

void LineSender::put(const Block& block) noexcept
{
    LineHead& head = memory_->head();
    const std::size_t at = written_ & mask_;
    const std::size_t first = std::min<std::size_t>(block.frames, mask_ + 1 - at);
    for (std::size_t channel = 0; channel < in_rings_.size(); ++channel) {
        std::copy_n(block.inputs[channel], first, in_rings_[channel] + at);
        std::copy_n(block.inputs[channel] + first, block.frames - first, in_rings_[channel]);
    }
    head.pieces[handed_ % most_pieces] = {written_, block.frames, block.transport};
    if (block.transport.segment_count > 0) head.playing.set(block.transport.segments().back());
    head.written.store(written_ + block.frames, std::memory_order_relaxed);
    head.handed.store(++handed_, std::memory_order_release);
}

LineSender::Ready LineSender::look() noexcept
{
    const LineHead& head = memory_->head();
    const std::uint64_t done = head.done.load(std::memory_order_acquire);
    const std::uint64_t begun = head.begun.load(std::memory_order_relaxed);
    if (!lived_ && head.lives.load(std::memory_order_acquire) > 0) {
        lived_ = true;
        valid_from_ = std::max(valid_from_, begun);
    }
    return {std::max(valid_from_, begun), done};
}

void LineSender::take(const Block& block, const Ready& ready) noexcept
{
    const bool whole = written_ >= latency_ && ready.has(written_ - latency_) && ready.has(written_ - latency_ + block.frames - 1);
    if (whole && risen_ == ramp_frames_ && falling_ == 0) return take_whole(block);
    std::uint32_t missing = 0;
    for (std::uint32_t i = 0; i < block.frames; ++i) {
        const std::uint64_t now = written_ + i;
        const bool begun = now >= latency_ && now - latency_ >= valid_from_;
        const bool is_ready = begun && ready.has(now - latency_);
        missing += is_ready || !lived_ || (!begun && !gap_) ? 0 : 1;
        take_one(block, i, is_ready);
    }
    if (missing > 0) missing_.fetch_add(missing, std::memory_order_relaxed);
}

void LineSender::take_one(const Block& block, std::uint32_t frame, bool ready) noexcept
{
    const auto length = static_cast<float>(ramp_frames_);
    if (!ready && risen_ > 0) {
        for (std::size_t channel = 0; channel < last_.size(); ++channel) fall_[channel] = last_[channel];
        falling_ = ramp_frames_;
        risen_ = 0;
    }
    if (ready) risen_ = std::min(risen_ + 1, ramp_frames_);
    if (falling_ > 0) --falling_;
    const float fall = static_cast<float>(falling_) / length;
    const float rise = static_cast<float>(risen_) / length;
    const std::size_t at = (written_ + frame - latency_) & mask_;
    for (std::size_t channel = 0; channel < rings_.size(); ++channel) {
        const float sample = (ready ? rings_[channel][at] * rise : 0.0f) + fall_[channel] * fall;
        if (ready) last_[channel] = sample;
        block.outputs[channel][frame] = sample;
    }
}

void LineSender::take_whole(const Block& block) noexcept
{
    const std::size_t at = (written_ - latency_) & mask_;
    const std::size_t first = std::min<std::size_t>(block.frames, mask_ + 1 - at);
    for (std::size_t channel = 0; channel < rings_.size(); ++channel) {
        std::copy_n(rings_[channel] + at, first, block.outputs[channel]);
        std::copy_n(rings_[channel], block.frames - first, block.outputs[channel] + first);
        last_[channel] = block.outputs[channel][block.frames - 1];
    }
}

}  // namespace stemwire::session::isolation
