// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/ffmpeg/packet_index.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

extern "C" {
#include <libavutil/intreadwrite.h>
}

namespace stemwire::media {

namespace {

constexpr std::int64_t entries_per_second = 4;  // an hour's index has 340 KB

/// Samples at the end of the packet that are padding (AV_PKT_DATA_SKIP_SAMPLES in packet.h: two 32-bit counts, little endian).
std::int64_t padding_of(const AVPacket& packet)
{
    std::size_t size = 0;
    const std::uint8_t* data = av_packet_get_side_data(&packet, AV_PKT_DATA_SKIP_SAMPLES, &size);
    return data != nullptr && size >= 8 ? static_cast<std::int64_t>(AV_RL32(data + 4)) : 0;
}

}  // namespace

void PacketIndex::open()
{
    opened_ = true;
    auto format = open_input(path_);
    complete_ = !format;
    if (!format) return;
    format_ = std::move(*format);
    for (AVStream* stream : std::span(format_->streams, format_->nb_streams)) {
        if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
            streams_.emplace(stream->index, Stream{PacketClock(*stream->codecpar, stream->time_base)});
        else stream->discard = AVDISCARD_ALL;
    }
}

void PacketIndex::note(Stream& stream, const AVStream& about, const AVPacket& packet)
{
    const auto sample = stream.clock.stamp(packet);
    stream.discarded += padding_of(packet);
    if (!sample) stream.unclear = true;
    const bool same_lace = packet.pos == std::exchange(stream.position, packet.pos);
    if (stream.unclear || packet.pos < 0) return;
    const bool due = stream.entries.empty() || (*sample - stream.entries.back().sample) * entries_per_second >= about.codecpar->sample_rate;
    if (due && !same_lace) stream.entries.push_back({packet.pos, packet.pts, *sample, stream.clock.next() - *sample});
}

bool PacketIndex::read_packet()
{
    const PacketPointer packet(av_packet_alloc());
    complete_ = av_read_frame(format_.get(), packet.get()) < 0;
    if (complete_) {
        format_.reset();
        return false;
    }
    if (const auto stream = streams_.find(packet->stream_index); stream != streams_.end())
        note(stream->second, *format_->streams[packet->stream_index], *packet);
    return true;
}

std::optional<PacketIndex::Entry> PacketIndex::before(int stream, std::int64_t sample)
{
    const std::scoped_lock lock(mutex_);
    if (!opened_) open();
    const auto found = streams_.find(stream);
    if (found == streams_.end()) return std::nullopt;
    Stream& wanted = found->second;
    while (!complete_ && !wanted.unclear && wanted.clock.next() <= sample && read_packet()) {}
    const auto after = std::ranges::upper_bound(wanted.entries, sample, {}, &Entry::sample);
    return wanted.unclear || after == wanted.entries.begin() ? std::nullopt : std::optional(*std::prev(after));
}

std::optional<PacketIndex::Entry> PacketIndex::at(int stream, std::int64_t position) const
{
    const std::scoped_lock lock(mutex_);
    const auto wanted = streams_.find(stream);
    if (wanted == streams_.end()) return std::nullopt;
    const auto& entries = wanted->second.entries;
    const auto found = std::ranges::lower_bound(entries, position, {}, &Entry::position);
    return found == entries.end() || found->position != position ? std::nullopt : std::optional(*found);
}

std::int64_t PacketIndex::end(int stream)
{
    const std::scoped_lock lock(mutex_);
    if (!opened_) open();
    while (!complete_ && read_packet()) {}
    const auto wanted = streams_.find(stream);
    return wanted == streams_.end() ? 0 : wanted->second.clock.next() - wanted->second.discarded;
}

}  // namespace stemwire::media
