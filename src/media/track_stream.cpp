// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/track_stream.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "rt/transport_schedule.hpp"

namespace stemwire::media {

namespace {

constexpr double ready_s = 0.2;          // an epoch may begin when this much is decoded: the workers go on faster than it plays
constexpr int blocks_per_turn = 4;       // before a worker looks whether another stream is in greater need
constexpr Frames offline_frames = 4 * largest_quantum;  // what fill can be asked for in one call

dsp::ResamplerQuality quality_of(const std::string& word)
{
    if (word == "fast") return dsp::ResamplerQuality::fast;
    return word == "high" ? dsp::ResamplerQuality::high : dsp::ResamplerQuality::best;
}

}  // namespace

TrackStream::TrackStream(const StreamRequest& request, std::vector<std::unique_ptr<Excerpt>> takes, Workers& workers)
    : request_(request), mark_(rt::trace::name("decode", std::filesystem::path(request.takes.empty() ? request.file : request.takes.front().file).filename().string(), "frame")), workers_(workers), channels_(takes.front()->channels()), takes_(std::move(takes))
{
}

Expected<void> TrackStream::prepare(double rate_hz, bool offline)
{
    workers_.remove(*this);
    content_begin_ = seconds_to_frames(request_.start_seconds, rate_hz);
    prepare_source(rate_hz);
    const Frames ahead = std::max<Frames>(seconds_to_frames(request_.buffer_seconds, rate_hz), 2 * largest_quantum);
    const Frames capacity = offline ? offline_frames : ahead;
    ready_frames_ = std::min(capacity, seconds_to_frames(ready_s, rate_hz));
    wanted_.reset();
    has_wanted_.store(false);
    playing_.store(nullptr);
    filling_.store(nullptr);
    // One block more than asked for: the one that is being played is only partly ahead.
    for (auto& lane : lanes_) lane = std::make_unique<BlockLane>(channels_, capacity / block_frames + 2);
    content_end_.store(endless);
    rate_hz_ = rate_hz;
    workers_.add(*this);
    return {};
}

void TrackStream::prepare_source(double rate_hz)
{
    if (source_) takes_ = source_->release();
    std::vector<std::unique_ptr<RateSource>> sources;
    for (auto& take : takes_) sources.push_back(std::make_unique<RateSource>(std::move(take), rate_hz, quality_of(request_.quality)));
    takes_.clear();
    auto rows = plan_takes(request_.draw, sources.size(), rate_hz, content_begin_);
    source_ = std::make_unique<TakeMix>(std::move(sources), std::move(rows));
}

void TrackStream::cue(const Cue& cue)
{
    {
        const std::scoped_lock lock(message_mutex_);
        wanted_ = cue;
        has_wanted_.store(true, std::memory_order_release);
        looping_.store(cue.loops() && cue.start < cue.loop_to, std::memory_order_relaxed);
    }
    workers_.wake();
}

bool TrackStream::cued(Epoch epoch) const noexcept
{
    const BlockLane* lane = filling_.load(std::memory_order_acquire);
    return lane != nullptr && lane->serves(epoch) && lane->ready();
}

bool TrackStream::has_work() const noexcept
{
    if (has_wanted_.load(std::memory_order_acquire)) return true;
    const BlockLane* lane = filling_.load(std::memory_order_acquire);
    return lane != nullptr && lane->decoded_to() != endless && lane->has_free();
}

void TrackStream::work()
{
    const std::scoped_lock lock(work_mutex_);
    if (!tops_up()) begin_epoch();
    for (int i = 0; i < blocks_per_turn && fill_block(); ++i) {}
}

/// What is heard goes on until the next epoch is ready and its frame has come: it is filled up before that is begun.
bool TrackStream::tops_up() const noexcept
{
    const BlockLane* lane = filling_.load();
    return lane != nullptr && lane->is_played() && lane->has_free() && written_to_ != endless;
}

void TrackStream::fill(std::uint32_t frames)
{
    const std::scoped_lock lock(work_mutex_);
    begin_epoch();
    const BlockLane* lane = filling_.load();
    if (lane == nullptr) return;
    while (lane->decoded_to() < lane->read_to() + frames && fill_block()) {}
}

/// Turns to the epoch that control asked for last, if it has asked.
void TrackStream::begin_epoch()
{
    const std::scoped_lock lock(message_mutex_);
    if (!wanted_) return;
    BlockLane* const last = filling_.load();
    BlockLane* lane = lanes_[0].get() == last ? lanes_[1].get() : lanes_[0].get();
    if (!lane->offer(*wanted_, content_begin_, content_end_.load())) {
        lane = last;  // the other is being played, so the last epoch is given up unheard
        if (lane == nullptr || !lane->offer(*wanted_, content_begin_, content_end_.load())) return;
    }
    cue_ = *std::exchange(wanted_, std::nullopt);
    written_to_ = cue_.first();
    filling_.store(lane, std::memory_order_release);
    has_wanted_.store(false, std::memory_order_release);
}

bool TrackStream::fill_block()
{
    BlockLane* lane = filling_.load();
    if (lane == nullptr || written_to_ == endless) return false;
    AudioBlock* block = lane->take_free();
    if (block == nullptr) {
        lane->set_ready();
        return false;
    }
    {
        const rt::trace::Span mark(mark_, written_to_);
        fill(*block);
    }
    lane->push(block);
    note_progress();
    if (written_to_ - cue_.first() >= ready_frames_) lane->set_ready();
    return true;
}

/// How many of the `run` frames from here on are known to be silent.
Frames TrackStream::silence_at(Frames timeline, Frames run) const
{
    if (timeline < content_begin_) return std::min(run, content_begin_ - timeline);
    return timeline >= content_end_.load(std::memory_order_relaxed) ? run : 0;
}

void TrackStream::fill(AudioBlock& block)
{
    block.begin = written_to_;
    block.epoch = cue_.epoch;
    block.silent = false;
    std::uint32_t done = 0;
    while (done < block_frames) {
        const Frames timeline = rt::fold_into_loop(cue_, written_to_ + done);
        const Frames run = until_join(cue_, timeline);
        const Frames silent = silence_at(timeline, run);
        if (done == 0 && silent >= block_frames) {
            block.silent = true;
            block.frames = silent;
            written_to_ = block.end();
            return;
        }
        const auto room = static_cast<std::uint32_t>(std::min<Frames>(silent > 0 ? silent : run, block_frames - done));
        if (silent == 0) {
            done += read_source(block, done, timeline, room);
            continue;
        }
        for (float* plane : block.planes) std::fill_n(plane + done, room, 0.0f);
        done += room;
    }
    block.frames = done;
    written_to_ += done;
}

std::uint32_t TrackStream::read_source(const AudioBlock& block, std::uint32_t done, Frames timeline, std::uint32_t count)
{
    source_->seek(timeline - content_begin_);
    std::vector<float*> at(block.planes);
    for (float*& plane : at) plane += done;
    const std::uint32_t got = source_->read(at, count);
    if (got == count) return got;
    const Frames end = content_begin_ + source_->length().value_or(source_->position());
    content_end_.store(got > 0 ? end : std::min(end, timeline), std::memory_order_release);
    return got;
}

void TrackStream::note_progress()
{
    filling_.load()->set_content_end(content_end_.load());
    if (auto message = source_->take_message()) {
        const std::scoped_lock lock(message_mutex_);
        messages_.push_back(std::move(*message));
    }
}

/// The lane of this epoch, the one before being left; null where nothing has been decoded for it.
BlockLane* TrackStream::take_lane(Epoch epoch) noexcept
{
    BlockLane* lane = playing_.load(std::memory_order_relaxed);
    if (lane != nullptr && lane->playing() == epoch) return lane;
    for (const auto& next : lanes_) {
        if (!next->take(epoch)) continue;
        playing_.store(next.get(), std::memory_order_release);
        if (lane != nullptr) lane->leave();
        return next.get();
    }
    return nullptr;
}

Delivery TrackStream::read(Epoch epoch, Frames unrolled, std::span<float* const> out, std::uint32_t frames) noexcept
{
    if (BlockLane* lane = take_lane(epoch)) return lane->read(unrolled, out, frames);
    for (float* plane : out) std::fill_n(plane, frames, 0.0f);
    const Frames begin = std::max(unrolled, content_begin_);
    const Frames end = std::min(unrolled + frames, content_end_.load(std::memory_order_relaxed));
    return {.missing = end > begin ? static_cast<std::uint32_t>(end - begin) : 0};
}

std::optional<Frames> TrackStream::end() const noexcept
{
    const Frames end = content_end_.load(std::memory_order_acquire);
    if (end == endless || looping_.load(std::memory_order_relaxed)) return std::nullopt;
    return end;
}

double TrackStream::seconds_in(const BlockLane* lane) const noexcept
{
    if (lane == nullptr) return 0.0;
    const Frames decoded = lane->decoded_to();
    const Frames read = lane->read_to();
    return decoded > read ? static_cast<double>(decoded - read) / rate_hz_ : 0.0;
}

double TrackStream::seconds_to_play() const noexcept
{
    return has_wanted_.load(std::memory_order_acquire) ? 0.0 : seconds_in(filling_.load(std::memory_order_acquire));
}

/// Of what is heard now, or else of what will be heard next; a silence counts for no more than was asked for.
double TrackStream::buffered_seconds() const noexcept
{
    const BlockLane* playing = playing_.load(std::memory_order_acquire);
    const double seconds = seconds_in(playing != nullptr ? playing : filling_.load(std::memory_order_acquire));
    return std::min(seconds, request_.buffer_seconds);
}

std::optional<std::string> TrackStream::take_message()
{
    const std::scoped_lock lock(message_mutex_);
    if (messages_.empty()) return std::nullopt;
    auto message = std::move(messages_.front());
    messages_.erase(messages_.begin());
    return message;
}

}  // namespace stemwire::media
