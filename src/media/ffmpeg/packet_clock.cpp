// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/ffmpeg/packet_clock.hpp"

#include <cstdlib>

extern "C" {
#include <libavutil/mathematics.h>
}

namespace stemwire::media {

namespace {

// A writer's rounding and jitter stay below this; a lost packet of 20 ms, the usual Opus packet, does not.
constexpr int tolerances_per_second = 64;

/// The codecs whose packets differ in length and carry it in their first bytes.
bool says_its_length(AVCodecID codec)
{
    return codec == AV_CODEC_ID_FLAC || codec == AV_CODEC_ID_OPUS || codec == AV_CODEC_ID_VORBIS || codec == AV_CODEC_ID_MP3;
}

}  // namespace

PacketClock::PacketClock(const AVCodecParameters& codec, AVRational time_base)
    : time_base_(time_base), rate_hz_(codec.sample_rate), codec_(avcodec_alloc_context3(nullptr))
{
    avcodec_parameters_to_context(codec_.get(), &codec);
    if (!says_its_length(codec.codec_id)) return;
    parser_.reset(av_parser_init(codec.codec_id));
    if (parser_) parser_->flags |= PARSER_FLAG_COMPLETE_FRAMES;
}

std::int64_t PacketClock::samples(const AVPacket& packet)
{
    if (!parser_) return av_get_audio_frame_duration(codec_.get(), packet.size);
    std::uint8_t* data = nullptr;
    int size = 0;
    av_parser_parse2(parser_.get(), codec_.get(), &data, &size, packet.data, packet.size, packet.pts, packet.dts, packet.pos);
    return parser_->duration;
}

void PacketClock::set(std::int64_t sample) noexcept
{
    next_ = trusted_ = sample;
    offset_.reset();
}

void PacketClock::put_right(const AVPacket& packet, std::int64_t samples)
{
    if (packet.pts == AV_NOPTS_VALUE) return;
    const std::int64_t own = av_rescale_q(packet.pts, time_base_, {1, rate_hz_});
    if (!offset_) offset_ = own - next_;
    const std::int64_t since = own - *offset_ - trusted_;
    if (std::abs(trusted_ + since - next_) * tolerances_per_second <= rate_hz_) trusted_ = next_;
    else next_ = trusted_ + (since + samples / 2) / samples * samples;
}

std::optional<std::int64_t> PacketClock::stamp(const AVPacket& packet)
{
    const std::int64_t length = samples(packet);
    if (length <= 0) return std::nullopt;
    put_right(packet, length);
    const std::int64_t begin = next_;
    next_ += length;
    return begin;
}

}  // namespace stemwire::media
