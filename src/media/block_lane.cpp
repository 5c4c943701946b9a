// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/block_lane.hpp"

#include <algorithm>

#include "rt/transport_schedule.hpp"

namespace stemwire::media {

namespace {

void silence(std::span<float* const> out, std::uint32_t from, std::uint32_t frames) noexcept
{
    for (float* plane : out) std::fill_n(plane + from, frames, 0.0f);
}

void copy(const AudioBlock& block, Frames unrolled, std::span<float* const> out, std::uint32_t to, std::uint32_t frames) noexcept
{
    if (block.silent) return silence(out, to, frames);
    const Frames from = unrolled - block.begin;
    for (std::size_t channel = 0; channel < out.size(); ++channel) std::copy_n(block.planes[channel] + from, frames, out[channel] + to);
}

}  // namespace

BlockLane::BlockLane(std::size_t channels, std::size_t blocks)
    : memory_(std::make_unique_for_overwrite<float[]>(channels * blocks * block_frames)), blocks_(blocks), filled_(blocks), free_(blocks)
{
    float* plane = memory_.get();
    for (AudioBlock& block : blocks_) {
        for (std::size_t channel = 0; channel < channels; ++channel, plane += block_frames) block.planes.push_back(plane);
        free_.push(&block);
    }
}

bool BlockLane::hold()
{
    auto now = state_.load(std::memory_order_acquire);
    if (state_of(now) == State::held) return true;
    return state_of(now) == State::offered && state_.compare_exchange_strong(now, word(0, State::held), std::memory_order_acq_rel);
}

bool BlockLane::offer(const Cue& cue, Frames content_begin, Frames content_end)
{
    if (!hold()) return false;
    for (AudioBlock* block = nullptr; filled_.pop(block);) free_.push(block);
    cue_ = cue;
    content_begin_ = content_begin;
    content_end_.store(content_end, std::memory_order_relaxed);
    decoded_to_.store(cue.first(), std::memory_order_relaxed);
    read_to_.store(cue.first(), std::memory_order_relaxed);
    ready_.store(false, std::memory_order_relaxed);
    state_.store(word(cue.epoch, State::offered), std::memory_order_release);
    return true;
}

AudioBlock* BlockLane::take_free()
{
    AudioBlock* block = nullptr;
    free_.pop(block);
    return block;
}

void BlockLane::push(AudioBlock* block)
{
    const Frames end = block->end();
    filled_.push(block);
    decoded_to_.store(end, std::memory_order_release);
}

bool BlockLane::serves(Epoch epoch) const noexcept
{
    const auto now = state_.load(std::memory_order_acquire);
    return state_of(now) != State::held && epoch_of(now) == epoch;
}

bool BlockLane::take(Epoch epoch) noexcept
{
    auto offered = word(epoch, State::offered);
    if (!state_.compare_exchange_strong(offered, word(epoch, State::played), std::memory_order_acq_rel)) return false;
    playing_ = epoch;
    return true;
}

void BlockLane::leave() noexcept
{
    state_.store(word(0, State::held), std::memory_order_release);
}

/// How many of these frames the epoch was cued for and the file has audio for.
std::uint32_t BlockLane::expected(Frames unrolled, std::uint32_t frames) const noexcept
{
    const Frames content_end = content_end_.load(std::memory_order_relaxed);
    Frames count = 0;
    for (Frames at = std::max(unrolled, cue_.first()); at < unrolled + frames;) {
        const Frames begin = rt::fold_into_loop(cue_, at);
        const Frames end = begin + std::min(unrolled + frames - at, until_join(cue_, begin));
        const Frames content = std::min(end, content_end);
        if (const Frames from = std::max(begin, content_begin_); content > from) count += content - from;
        at += end - begin;
    }
    return static_cast<std::uint32_t>(count);
}

Delivery BlockLane::read(Frames unrolled, std::span<float* const> out, std::uint32_t frames) noexcept
{
    read_to_.store(unrolled + frames, std::memory_order_release);
    const auto before = static_cast<std::uint32_t>(std::min<Frames>(cue_.first() - std::min(cue_.first(), unrolled), frames));
    silence(out, 0, before);
    std::uint32_t done = before;
    while (done < frames && filled_.read_available() > 0) {
        AudioBlock* block = filled_.front();
        const Frames at = unrolled + done;
        if (at < block->begin) break;  // never decoded, as nobody reads backwards
        if (at < block->end()) {
            const auto count = static_cast<std::uint32_t>(std::min<Frames>(block->end() - at, frames - done));
            copy(*block, at, out, done, count);
            done += count;
        }
        if (unrolled + done < block->end()) break;
        filled_.pop();
        free_.push(block);
    }
    silence(out, done, frames - done);
    return {expected(unrolled + done, frames - done), before};
}

}  // namespace stemwire::media
