// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/ffmpeg/frame_reader.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

extern "C" {
#include <libavutil/mathematics.h>
}

namespace stemwire::media {

namespace {

constexpr int most_channels = 64;
// Decoding this much is cheaper than finding another place in the file.
constexpr double read_on_s = 1.0;
// A seek that lands too late is tried again this much earlier, and at last from the beginning.
constexpr std::array<std::int64_t, 3> earlier_ms{0, 2'000, 15'000};

bool counts_samples(AVRational time_base, int rate_hz)
{
    return rate_hz > 0 && time_base.den % (static_cast<std::int64_t>(rate_hz) * time_base.num) == 0;
}

}  // namespace

FrameReader::FrameReader(std::shared_ptr<MediaFile> file, const StreamFacts& stream)
    : file_(std::move(file)), stream_(stream), report_(file_->path()), rate_hz_(stream.codec->sample_rate),
      frame_(av_frame_alloc()), packet_(av_packet_alloc()), clock_(*stream.codec, stream.time_base)
{
    const bool guesses_after_seek = file_->format() == "mp3" || file_->format() == "aac";
    seeking_ = guesses_after_seek                                                 ? Seeking::by_byte
               : counts_samples(stream.time_base, stream.codec->sample_rate) ? Seeking::by_timestamp
                                                                                  : Seeking::by_index;
    stamp_base_ = seeking_ == Seeking::by_timestamp ? stream.time_base : AVRational{1, stream.codec->sample_rate};
    file_->add_reader(stream.index);
}

FrameReader::~FrameReader()
{
    file_->remove_reader(stream_.index);
}

Expected<std::unique_ptr<FrameReader>> FrameReader::open(std::shared_ptr<MediaFile> file, const StreamFacts& stream,
                                                         const ChannelLayout& wanted)
{
    std::unique_ptr<FrameReader> reader(new FrameReader(std::move(file), stream));
    if (auto started = reader->restart(); !started) return tl::unexpected(started.error());
    if (auto taken = reader->take_first_frame(wanted); !taken) return tl::unexpected(taken.error());
    return reader;
}

Expected<void> FrameReader::open_codec()
{
    const auto problem = [&](int error) { return tl::unexpected(Error{av_problem(error), file_->path()}); };
    const AVCodec* decoder = avcodec_find_decoder(stream_.codec->codec_id);
    if (decoder == nullptr) return problem(AVERROR_DECODER_NOT_FOUND);
    codec_.reset(avcodec_alloc_context3(decoder));
    if (const int copied = avcodec_parameters_to_context(codec_.get(), stream_.codec); copied < 0) return problem(copied);
    codec_->pkt_timebase = stamp_base_;
    codec_->thread_count = 1;
    if (const int opened = avcodec_open2(codec_.get(), decoder, nullptr); opened < 0) return problem(opened);
    return {};
}

Expected<void> FrameReader::take_first_frame(const ChannelLayout& wanted)
{
    const auto problem = [&](std::string what) { return tl::unexpected(Error{std::move(what), file_->path()}); };
    if (!next_frame()) return problem("has no audio in it that can be decoded");
    if (frame_->ch_layout.nb_channels > most_channels) return problem("has more than " + std::to_string(most_channels) + " channels");
    rate_hz_ = frame_->sample_rate;
    file_channels_ = static_cast<std::size_t>(frame_->ch_layout.nb_channels);
    first_stamp_ = frame_->pts != AV_NOPTS_VALUE ? frame_->pts : 0;
    auto converter = SampleConverter::make(frame_->ch_layout, wanted);
    if (!converter) return problem(converter.error().message);
    converter_ = std::move(*converter);
    return {};
}

void FrameReader::begin_decoding(PacketFeed feed, bool landing)
{
    feed_ = std::move(feed);
    landing_ = landing;
    synchronised_ = !landing || seeking_ == Seeking::by_timestamp;
    draining_ = damaged_ = ended_ = false;
    frame_begin_ = frame_end_ = 0;
    limit_.reset();
}

Expected<void> FrameReader::restart()
{
    auto feed = file_->feed(stream_.index, {});
    if (!feed) return tl::unexpected(feed.error());
    begin_decoding(std::move(*feed), false);
    clock_ = PacketClock(*stream_.codec, stream_.time_base);
    position_ = 0;
    return open_codec();  // flushing would leave a decoder's noise generator where it is
}

std::int64_t FrameReader::to_frames(double seconds) const
{
    return std::llround(seconds * rate_hz_);
}

std::optional<PassOrigin> FrameReader::origin_before(std::int64_t frame, std::int64_t early_ms)
{
    const std::int64_t key = frame * 1000 / rate_hz_ - file_->preroll_ms() - early_ms;
    if (key <= 0) return PassOrigin{};
    const AVRational milliseconds{1, 1000};
    const std::int64_t stamp = *first_stamp_ + av_rescale_q(key, milliseconds, stamp_base_);
    if (seeking_ == Seeking::by_timestamp) return PassOrigin{PassOrigin::Kind::timestamp, key, stream_.index, stamp};
    const auto entry = countable_ ? file_->index().before(stream_.index, stamp) : std::nullopt;
    if (!entry) return std::nullopt;
    if (seeking_ == Seeking::by_byte) return PassOrigin{PassOrigin::Kind::byte, key, stream_.index, entry->position};
    return PassOrigin{PassOrigin::Kind::timestamp, key, stream_.index, entry->timestamp};
}

bool FrameReader::land(std::int64_t frame, const PassOrigin& origin)
{
    auto feed = file_->feed(stream_.index, origin);
    if (!feed) return false;
    begin_decoding(std::move(*feed), true);
    avcodec_flush_buffers(codec_.get());
    if (seeking_ == Seeking::by_byte) limit_ = file_->index().end(stream_.index) - *first_stamp_;
    position_ = frame;
    const std::int64_t converging = file_->preroll_ms() * rate_hz_ / 2000;
    return next_frame() && frame_begin_ <= frame - converging;
}

bool FrameReader::jump(std::int64_t frame)
{
    for (const std::int64_t early_ms : earlier_ms) {
        const auto origin = origin_before(frame, early_ms);
        if (!origin || origin->kind == PassOrigin::Kind::beginning) return false;
        if (land(frame, *origin)) return true;
    }
    return false;
}

void FrameReader::seek(Frames target)
{
    const auto frame = static_cast<std::int64_t>(target);
    const bool in_hand = frame >= frame_begin_ && frame < frame_end_;
    const bool just_ahead = !ended_ && frame >= position_ && frame - position_ < to_frames(read_on_s);
    const bool beyond = length_ && target >= *length_;
    if (in_hand || just_ahead || beyond) {
        position_ = frame;
        return;
    }
    if (jump(frame)) return;
    if (const auto restarted = restart(); !restarted) {
        report_.tell("cannot be read any more: it " + restarted.error().message);
        ended_ = true;
    }
    position_ = frame;
}

void FrameReader::rest()
{
    feed_ = PacketFeed();
    frame_begin_ = frame_end_ = 0;
    ended_ = true;
}

Frames FrameReader::find_length()
{
    if (length_) return *length_;
    if (seeking_ == Seeking::by_byte && countable_)
        return *(length_ = static_cast<Frames>(std::max<std::int64_t>(0, file_->index().end(stream_.index) - *first_stamp_)));
    const std::int64_t guess = to_frames(std::max(0.0, stream_.seconds.value_or(0.0) - read_on_s));
    seek(static_cast<Frames>(std::max(guess, position_)));
    while (!length_ && next_frame()) position_ = frame_end_;
    return length_.value_or(0);
}

std::uint32_t FrameReader::read(std::span<float* const> out, std::uint32_t count)
{
    std::array<float*, most_channels> at{};
    std::uint32_t done = 0;
    while (done < count) {
        if (position_ >= frame_end_) {
            if (next_frame()) continue;
            break;
        }
        const std::int64_t until = position_ < frame_begin_ ? frame_begin_ : frame_end_;
        const auto now = static_cast<std::size_t>(std::min<std::int64_t>(until - position_, count - done));
        for (std::size_t channel = 0; channel < channels(); ++channel) at[channel] = out[channel] + done;
        if (position_ < frame_begin_)
            for (std::size_t channel = 0; channel < channels(); ++channel) std::fill_n(at[channel], now, 0.0f);
        else converter_.convert(*frame_, static_cast<std::size_t>(position_ - frame_begin_), now, at);
        position_ += static_cast<std::int64_t>(now);
        done += static_cast<std::uint32_t>(now);
    }
    return done;
}

}  // namespace stemwire::media
