// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/flac/reader.hpp"

#include <algorithm>
#include <cmath>

#include "media/file_problem.hpp"

namespace stemwire::media {

namespace {

// Decoding this much is cheaper than finding another place in the file.
constexpr Frames read_on_frames = 16'384;
// The same in bytes: a handful of frames.
constexpr std::uint64_t near_bytes = 1u << 16;
// A number further ahead than this is damaged itself, where the file does not say how long it is.
constexpr Frames longest_gap_s = 60;

}  // namespace

FlacReader::FlacReader(std::shared_ptr<const ByteFile> file, const FlacStream& stream)
    : file_(std::move(file)), stream_(stream), frames_(file_, stream), report_(file_->path())
{
}

Expected<std::unique_ptr<FrameSource>> FlacReader::open(std::shared_ptr<const ByteFile> file, const FlacStream& stream)
{
    auto reader = std::make_unique<FlacReader>(std::move(file), stream);
    const auto first = reader->frames_.next();
    if (!first) return tl::unexpected(Error{"has no audio in it that can be decoded", reader->file_->path()});
    // Where the beginning is lost the file's own count says so; where it is whole it says what the count begins with.
    if (!first->after_damage) reader->origin_ = first->first;
    reader->landing_ = false;
    reader->place(*first);
    return reader;
}

void FlacReader::place(const FlacFrames::Frame& frame)
{
    const Frames stamped = counted(frame);
    const Frames longest = stream_.frames > 0 ? stream_.frames : frame_end_ + longest_gap_s * static_cast<Frames>(stream_.rate_hz);
    const bool is_gap = stamped > frame_end_ && stamped <= longest;
    damaged_ = (damaged_ || frame.after_damage || is_gap) && !landing_;
    if (damaged_ && std::max(stamped, frame_end_) >= position_) report_.tell_damage(frame_end_, stream_.rate_hz);
    frame_begin_ = landing_ || is_gap ? stamped : frame_end_;
    frame_end_ = frame_begin_ + frame.frames;
    landing_ = damaged_ = false;
}

bool FlacReader::next_frame()
{
    if (ended_) return false;
    if (const auto frame = frames_.next()) {
        place(*frame);
        return true;
    }
    finish();
    return false;
}

void FlacReader::finish()
{
    ended_ = true;
    if (frames_.error() != 0) report_.tell("cannot be read any further at " + time_text(frame_end_, stream_.rate_hz) + ": it " + system_problem(frames_.error()));
    if (landing_ || length_) return;
    length_ = frame_end_;
    if (!report_.tell_early_end(frame_end_, stream_.frames, stream_.rate_hz) && frame_end_ < stream_.frames)
        report_.tell_damage(frame_end_, stream_.rate_hz);
}

/// A byte from which on a frame is met that begins at this sample or before it, and not long before.
std::uint64_t FlacReader::byte_before(Frames frame)
{
    std::uint64_t low = stream_.first_frame;
    std::uint64_t high = file_->size();
    while (low + near_bytes < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        frames_.go_to(middle);
        const auto met = frames_.next();
        if (!met || counted(*met) > frame) high = middle;
        else low = met->byte;
    }
    return low;
}

void FlacReader::seek(Frames frame)
{
    const bool in_hand = frame >= frame_begin_ && frame < frame_end_;
    const bool just_ahead = !ended_ && frame >= position_ && frame - position_ < read_on_frames;
    const bool beyond = length_ && frame >= *length_;
    position_ = frame;
    if (in_hand || just_ahead || beyond) return;
    frames_.go_to(byte_before(frame));
    landing_ = true;
    damaged_ = ended_ = false;
    frame_begin_ = frame_end_ = 0;
}

Frames FlacReader::find_length()
{
    if (length_) return *length_;
    const auto margin = static_cast<Frames>(stream_.rate_hz);
    seek(std::max(stream_.frames > margin ? stream_.frames - margin : 0, position_));
    while (!length_ && next_frame()) position_ = frame_end_;
    return length_.value_or(0);
}

std::uint32_t FlacReader::read(std::span<float* const> out, std::uint32_t count)
{
    const float scale = std::ldexp(1.0f, 1 - static_cast<int>(stream_.bits));
    std::uint32_t done = 0;
    while (done < count) {
        if (position_ >= frame_end_) {
            if (next_frame()) continue;
            break;
        }
        const bool is_lost = position_ < frame_begin_;
        const auto now = static_cast<std::uint32_t>(std::min<Frames>((is_lost ? frame_begin_ : frame_end_) - position_, count - done));
        for (std::size_t channel = 0; channel < out.size(); ++channel) {
            float* to = out[channel] + done;
            const std::int32_t* from = frames_.plane(channel) + (is_lost ? 0 : position_ - frame_begin_);
            if (is_lost) std::fill_n(to, now, 0.0f);
            else std::transform(from, from + now, to, [scale](std::int32_t sample) { return static_cast<float>(sample) * scale; });
        }
        position_ += now;
        done += now;
    }
    return done;
}

}  // namespace stemwire::media
