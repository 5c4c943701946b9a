// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/ffmpeg/demux_pass.hpp"

#include <algorithm>

namespace stemwire::media {

namespace {

constexpr std::size_t seated_bytes = 8u << 20;    // some 40 s of 24-bit FLAC stereo
constexpr std::size_t expected_bytes = 1u << 20;  // who comes at all comes within the first seconds
constexpr std::size_t packet_bytes = 256;         // what a packet costs besides its data

}  // namespace

DemuxPass::DemuxPass(FormatPointer format, const PassOrigin& origin, std::span<const int> streams)
    : format_(std::move(format)), origin_(origin)
{
    for (const int stream : streams) readers_.push_back({stream});
}

int DemuxPass::begin()
{
    const std::scoped_lock lock(mutex_);
    discard_unwanted();
    switch (origin_.kind) {
    case PassOrigin::Kind::beginning: return 0;
    case PassOrigin::Kind::timestamp: return av_seek_frame(format_.get(), origin_.stream, origin_.at, AVSEEK_FLAG_BACKWARD);
    case PassOrigin::Kind::byte: return av_seek_frame(format_.get(), -1, origin_.at, AVSEEK_FLAG_BYTE);
    }
    return AVERROR_BUG;
}

std::optional<DemuxPass::Seat> DemuxPass::take_seat(int stream)
{
    const std::scoped_lock lock(mutex_);
    for (Seat seat = 0; seat < readers_.size(); ++seat) {
        if (readers_[seat].stream != stream || readers_[seat].state != Reader::State::expected) continue;
        readers_[seat].state = Reader::State::seated;
        return seat;
    }
    return std::nullopt;
}

void DemuxPass::leave(Seat seat)
{
    const std::scoped_lock lock(mutex_);
    forget(readers_[seat], Reader::State::left);
}

bool DemuxPass::deserted() const
{
    const std::scoped_lock lock(mutex_);
    return std::ranges::none_of(readers_, [](const Reader& reader) { return reader.state == Reader::State::seated; });
}

FormatPointer DemuxPass::release()
{
    const std::scoped_lock lock(mutex_);
    return std::move(format_);
}

DemuxPass::Mark DemuxPass::mark(Seat seat) const
{
    const std::scoped_lock lock(mutex_);
    return readers_[seat].mark;
}

void DemuxPass::forget(Reader& reader, Reader::State state)
{
    reader.state = state;
    reader.queue.clear();
    reader.bytes = 0;
    discard_unwanted();
}

void DemuxPass::discard_unwanted()
{
    if (!format_) return;
    for (AVStream* stream : std::span(format_->streams, format_->nb_streams)) {
        const bool wanted = std::ranges::any_of(readers_, [&](const Reader& reader) { return reader.wants(stream->index); });
        stream->discard = wanted ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
}

void DemuxPass::enqueue(Reader& reader, const AVPacket& packet)
{
    const std::size_t limit = reader.state == Reader::State::seated ? seated_bytes : expected_bytes;
    const std::size_t bytes = static_cast<std::size_t>(packet.size) + packet_bytes;
    if (reader.bytes + bytes > limit) return forget(reader, Reader::State::given_up);
    reader.queue.emplace_back(av_packet_clone(&packet));
    reader.bytes += bytes;
}

void DemuxPass::hand_out(const AVPacket& packet)
{
    for (Reader& reader : readers_)
        if (reader.wants(packet.stream_index)) enqueue(reader, packet);
}

DemuxPass::Next DemuxPass::next(Seat seat, AVPacket& packet)
{
    const std::scoped_lock lock(mutex_);
    Reader& reader = readers_[seat];
    av_packet_unref(&packet);
    while (reader.queue.empty() && reader.state == Reader::State::seated && ended_ == 0) {
        ended_ = std::min(av_read_frame(format_.get(), &packet), 0);
        if (ended_ == 0) hand_out(packet);
        av_packet_unref(&packet);
    }
    if (reader.state != Reader::State::seated) return {Result::given_up};
    if (reader.queue.empty()) return {ended_ == AVERROR_EOF ? Result::end : Result::error, ended_};
    av_packet_move_ref(&packet, reader.queue.front().get());
    reader.queue.pop_front();
    reader.bytes -= static_cast<std::size_t>(packet.size) + packet_bytes;
    Mark& mark = reader.mark;
    mark = {mark.read + 1, packet.pos, packet.pos == mark.position ? mark.of_position + 1 : 1};
    return {Result::packet};
}

}  // namespace stemwire::media
