// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/recorder/recorder.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

#include <pthread.h>

#include "nodes/recorder/parameters.hpp"
#include "rt/denormals.hpp"

namespace stemwire {

namespace nodes {

namespace {

/// The callback cannot wake anyone without a system call: the worker looks by itself. Far below the quarter second between checkpoints.
constexpr std::chrono::milliseconds glance{20};
/// A clock that leaps further has begun anew: no file is to be filled with that.
constexpr double longest_gap_s = 60;

}  // namespace

Recorder::Recorder(const Settings& settings, const Ports& ports, TakePattern pattern)
    : Node(settings), arm_(live().at("arm")), record_(live().at("record")), split_(live().at("split")),
      when_(settings.text("when") == "always"   ? When::always
            : settings.text("when") == "manual" ? When::manual
                                                : When::transport),
      pattern_(std::move(pattern)), request_(recorder_request(settings, ports)), preroll_s_(settings.number("preroll")),
      queue_s_(settings.number("queue")), channels_(channel_count(ports.inputs))
{
}

Expected<void> Recorder::prepare(const Preparation& preparation)
{
    finish();
    request_.rate_hz = preparation.rate_hz;
    preroll_ = seconds_to_frames(preroll_s_, preparation.rate_hz);
    const Frames queue = std::max<Frames>(seconds_to_frames(queue_s_, preparation.rate_hz), 2 * preparation.max_frames);
    tape_ = std::make_unique<Tape>(channels_, queue, preroll_);
    writer_ = std::make_unique<TakeWriter>(*tape_, pattern_, request_, preroll_);
    split_seen_ = split_.get();
    dropped_ = 0;
    looked_at_ = told_ = 0;
    next_clock_ = 0;
    wish_count_ = 0;
    asked_ = due_ = split_due_ = false;
    longest_gap_ = seconds_to_frames(longest_gap_s, preparation.rate_hz);
    if (!preparation.offline)
        worker_ = std::jthread([writer = writer_.get()](const std::stop_token& stop) {
            const rt::FlushDenormals flush;
            pthread_setname_np(pthread_self(), "stemwire-encode");
            for (; !stop.stop_requested(); std::this_thread::sleep_for(glance)) writer->work();
        });
    return {};
}

void Recorder::process(const Block& block) noexcept
{
    keep_time(block);
    expect_next(block);
    for (const TransportSegment& segment : block.transport.segments()) pass(segment, &block);
}

/// Wishes of the segment are noted, and those whose time comes in it are done on their frame. Without a block, its audio was missed.
void Recorder::pass(const TransportSegment& segment, const Block* block) noexcept
{
    look_for_wishes(segment);
    for (std::uint32_t done = 0; done < segment.frames;) {
        fulfil();
        const std::uint32_t frames = until_next_wish(segment.frames - done);
        if (block != nullptr && (recording_ || preroll_ > 0)) {
            const std::uint32_t dropped = tape_->append(block->inputs, segment.offset + done, frames);
            if (recording_) drop(dropped);
        } else {
            tape_->skip(frames);
            if (block == nullptr && recording_) drop(frames);
        }
        done += frames;
    }
}

void Recorder::look_for_wishes(const TransportSegment& segment) noexcept
{
    if (wanted(segment) != asked_) wish(asked_ ? Wish::What::stop : Wish::What::start);
    if (split_.get() != split_seen_) wish(Wish::What::split);
}

/// Where more is wished than anyone can hear, it waits for the next cycle.
void Recorder::wish(Wish::What what) noexcept
{
    if (wish_count_ == most_wishes) return;
    const Frames not_before = wish_count_ > 0 ? wishes_[wish_count_ - 1].at : 0;
    wishes_[wish_count_++] = {what, std::max(not_before, tape_->now() + late_.load(std::memory_order_relaxed))};
    if (what == Wish::What::split) split_seen_ = split_.get();
    else asked_ = what == Wish::What::start;
}

/// What finds no room on the tape is done as soon as there is some.
void Recorder::fulfil() noexcept
{
    std::size_t come = 0;
    for (; come < wish_count_ && wishes_[come].at <= tape_->now(); ++come) {
        if (wishes_[come].what == Wish::What::split) split_due_ = true;
        else due_ = wishes_[come].what == Wish::What::start;
        turn(due_);
        split();
    }
    std::copy(wishes_.begin() + static_cast<std::ptrdiff_t>(come), wishes_.begin() + static_cast<std::ptrdiff_t>(wish_count_), wishes_.begin());
    wish_count_ -= come;
    turn(due_);
    split();
}

std::uint32_t Recorder::until_next_wish(std::uint32_t frames) const noexcept
{
    return wish_count_ == 0 ? frames : static_cast<std::uint32_t>(std::min<Frames>(frames, wishes_.front().at - tape_->now()));
}

/// Cycles that the machine missed are silence: what comes after them is in its place, and a take that should have begun or ended there does.
void Recorder::keep_time(const Block& block) noexcept
{
    if (next_clock_ == 0 || block.transport.clock <= next_clock_) return;
    const Frames missed = std::min(block.transport.clock - next_clock_, longest_gap_);
    TransportSegment now = block.transport.segments().front();
    const Frames moved = std::min(now.unrolled - std::min(now.unrolled, before_.unrolled), missed);
    const Frames as_before = before_.rolling == now.rolling ? missed : before_.rolling ? moved : missed - moved;
    before_.frames = static_cast<std::uint32_t>(as_before);
    now.frames = static_cast<std::uint32_t>(missed - as_before);
    for (const TransportSegment& segment : {before_, now}) pass(segment, nullptr);
}

void Recorder::expect_next(const Block& block) noexcept
{
    next_clock_ = block.transport.clock + block.frames;
    before_ = block.transport.segments().back();
    if (before_.rolling) before_.unrolled += before_.frames;
}

bool Recorder::wanted(const TransportSegment& segment) const noexcept
{
    if (arm_.get() == 0.0) return false;
    if (when_ == When::manual) return record_.get() != 0.0;
    return when_ == When::always || segment.rolling;
}

void Recorder::turn(bool wanted) noexcept
{
    if (wanted == recording_ || (wanted && !tape_->may_begin())) return;
    if (wanted) tape_->begin(preroll_);
    else tape_->end();
    recording_ = wanted;
}

void Recorder::split() noexcept
{
    if (!split_due_ || (recording_ && !tape_->may_begin())) return;
    split_due_ = false;
    if (!recording_) return;
    tape_->end();
    tape_->begin(0);
}

void Recorder::drop(std::uint32_t frames) noexcept
{
    dropped_.store(dropped_.load(std::memory_order_relaxed) + frames, std::memory_order_relaxed);
}

void Recorder::fill(std::uint32_t)
{
    writer_->work();
}

void Recorder::finish()
{
    worker_ = {};
    if (!writer_) return;
    if (std::exchange(recording_, false)) tape_->end();
    writer_->work();
}

std::optional<std::string> Recorder::take_message()
{
    if (!writer_) return std::nullopt;
    if (auto message = writer_->take_message()) return message;
    return take_loss();
}

/// Told when it is over, not in every cycle of it.
std::optional<std::string> Recorder::take_loss()
{
    const std::uint64_t dropped = missing_frames();
    if (dropped == told_ || std::exchange(looked_at_, dropped) != dropped) return std::nullopt;
    std::array<char, 32> seconds{};
    std::snprintf(seconds.data(), seconds.size(), "%.2f s", static_cast<double>(dropped - std::exchange(told_, dropped)) / request_.rate_hz);
    return std::string(seconds.data()) + " were lost, since the disk was too slow or cycles were missed: they are silence in the file, which keeps time";
}

}  // namespace nodes

extern const NodeType recorder_type;
const NodeType recorder_type{"recorder", "writes what arrives into files, take by take", "in: input_*, or the groups of `inputs`",
                             nodes::recorder_parameters(), &nodes::recorder_ports, &nodes::check_recorder,
                             [](const NodeSource& source) -> Expected<std::unique_ptr<Node>> {
                                 nodes::TakePattern pattern{nodes::recorder_file(source.settings), source.name};
                                 return std::make_unique<nodes::Recorder>(source.settings, source.ports, std::move(pattern));
                             }};

}  // namespace stemwire
