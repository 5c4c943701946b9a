// SPDX-License-Identifier: GPL-3.0-or-later
// The half of FrameReader that turns packets into frames and knows where they stand.
#include <algorithm>

#include "media/ffmpeg/frame_reader.hpp"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace stemwire::media {

namespace {

// Timestamps of an undamaged stream differ from the count by rounding and jitter; below this the count is right.
constexpr double gap_tolerance_s = 0.015;
// A timestamp further ahead than this is damaged itself, where the file does not say how long it is.
constexpr double longest_gap_s = 60.0;

}  // namespace

bool FrameReader::next_frame()
{
    while (!ended_) {
        const int received = avcodec_receive_frame(codec_.get(), frame_.get());
        if (received == 0) {
            if (place_frame()) return true;
        } else if (received == AVERROR(EAGAIN)) {
            feed_decoder();
        } else if (received == AVERROR_EOF || draining_) {
            finish();
        } else {
            damaged_ = true;
        }
    }
    return false;
}

void FrameReader::feed_decoder()
{
    const int got = feed_.next(*packet_);
    if (got < 0) {
        if (got != AVERROR_EOF) {
            const auto at = static_cast<std::uint64_t>(std::max<std::int64_t>(frame_end_, 0));
            report_.tell("cannot be read any further at " + time_text(at, rate_hz_) + ": it " + av_problem(got));
        }
        draining_ = true;
        avcodec_send_packet(codec_.get(), nullptr);
        return;
    }
    if (stamp(*packet_) && avcodec_send_packet(codec_.get(), packet_.get()) < 0) damaged_ = true;
}

/// False for a packet of which nobody knows where it stands.
bool FrameReader::stamp(AVPacket& packet)
{
    if (seeking_ == Seeking::by_timestamp) return true;
    const auto entry = synchronised_ ? std::nullopt : file_->index().at(stream_.index, packet.pos);
    if (!synchronised_ && !entry) return false;
    synchronised_ = true;
    auto sample = clock_.stamp(packet);
    countable_ = countable_ && sample.has_value();
    if (entry) {  // a Vorbis packet's length depends on the one before it, which this clock has not seen
        sample = entry->sample;
        clock_.set(entry->sample + entry->samples);
    }
    packet.pts = packet.dts = sample.value_or(AV_NOPTS_VALUE);
    packet.duration = 0;
    return true;
}

std::optional<std::int64_t> FrameReader::stamped_position() const
{
    if (!first_stamp_ || frame_->pts == AV_NOPTS_VALUE) return std::nullopt;
    return av_rescale_q(frame_->pts - *first_stamp_, stamp_base_, {1, rate_hz_});
}

/// Where a frame begins that is read on to: right after the last one, but for what was lost in between.
std::int64_t FrameReader::after_damage(std::int64_t stamped)
{
    const std::int64_t gap = stamped - frame_end_;
    const std::int64_t longest = stream_.seconds ? to_frames(*stream_.seconds + 1.0) - frame_end_ : to_frames(longest_gap_s);
    const bool is_gap = gap > (damaged_ ? 0 : to_frames(gap_tolerance_s)) && gap <= longest;
    if ((is_gap || damaged_) && std::max(stamped, frame_end_) >= position_) tell_damage();
    return is_gap ? stamped : frame_end_;
}

/// False for a frame of which nobody knows where it stands, or that is not like the others.
bool FrameReader::place_frame()
{
    const auto stamped = stamped_position();
    if (landing_ && !stamped) return false;
    const bool has_same_channels = static_cast<std::size_t>(frame_->ch_layout.nb_channels) == file_channels_;
    const bool is_alike = !first_stamp_ || (frame_->sample_rate == rate_hz_ && has_same_channels);
    damaged_ = damaged_ || !is_alike;
    if (!is_alike) return false;
    frame_begin_ = landing_ ? *stamped : stamped ? after_damage(*stamped) : frame_end_;
    frame_end_ = frame_begin_ + frame_->nb_samples;
    if (limit_) frame_end_ = std::min(frame_end_, *limit_);
    frame_begin_ = std::min(frame_begin_, frame_end_);
    landing_ = damaged_ = false;
    return true;
}

void FrameReader::finish()
{
    ended_ = true;
    if (landing_ || length_) return;
    length_ = static_cast<Frames>(std::max<std::int64_t>(frame_end_, 0));
    const std::int64_t declared = stream_.seconds ? to_frames(*stream_.seconds) : 0;
    const bool ends_early = report_.tell_early_end(*length_, static_cast<std::uint64_t>(declared), rate_hz_);
    if (!ends_early && damaged_) tell_damage();
}

void FrameReader::tell_damage()
{
    report_.tell_damage(static_cast<std::uint64_t>(std::max<std::int64_t>(frame_end_, 0)), rate_hz_);
}

}  // namespace stemwire::media
