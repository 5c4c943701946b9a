// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/ffmpeg/av_stream_encoder.hpp"

#include <algorithm>
#include <cmath>

#include "media/sample_format.hpp"
#include "media/wave_channels.hpp"

namespace stemwire::media {

namespace {

constexpr std::uint32_t usual_frame = 4096;   ///< frames at a time for a codec that takes any number

/// The codec's own rate that is nearest above, so that nothing is lost; its highest where there is none.
int encodable_rate(const AVCodec& codec, int rate_hz)
{
    if (codec.supported_samplerates == nullptr) return rate_hz;
    int above = 0;
    int highest = 0;
    for (const int* each = codec.supported_samplerates; *each != 0; ++each) {
        highest = std::max(highest, *each);
        if (*each >= rate_hz && (above == 0 || *each < above)) above = *each;
    }
    return above != 0 ? above : highest;
}

/// Opus and AAC know 5.1 with its surrounds at the back alone; those at the sides are the same to them.
std::uint64_t lossy_mask(const ChannelLayout& layout)
{
    const std::uint64_t mask = wave_mask(layout);
    constexpr std::uint64_t sides = AV_CH_SIDE_LEFT | AV_CH_SIDE_RIGHT;
    constexpr std::uint64_t backs = AV_CH_BACK_LEFT | AV_CH_BACK_RIGHT;
    const bool only_sides = (mask & sides) == sides && (mask & (backs | AV_CH_BACK_CENTER)) == 0;
    return only_sides ? (mask & ~sides) | backs : mask;
}

}  // namespace

std::string av_words(int error)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = {};
    return av_make_error_string(text, sizeof text, error);
}

Expected<void> AvStreamEncoder::open(const LossyFormat& format, const EncodeRequest& request, const PortGroup& stream)
{
    channels_ = stream.layout.size();
    if (auto opened = open_codec(format, request, stream.layout); !opened) return opened;
    stream_ = avformat_new_stream(&container_, nullptr);
    avcodec_parameters_from_context(stream_->codecpar, codec_.get());
    stream_->time_base = codec_->time_base;
    if (!stream.name.empty()) av_dict_set(&stream_->metadata, "title", stream.name.c_str(), 0);
    return {};
}

Expected<void> AvStreamEncoder::write(std::span<const float* const> channels, std::uint32_t frames)
{
    if (!resampler_) return take(channels, frames);
    resampled_in_ += frames;
    std::vector<const float*> in(channels.begin(), channels.end());
    for (std::uint32_t done = 0; done < frames;) {
        const auto step = resampler_->process(in, frames - done, spare_pointers_, usual_frame);
        for (const float*& channel : in) channel += step.consumed;
        done += step.consumed;
        if (auto taken = take_resampled(step.produced); !taken) return taken;
    }
    return {};
}

Expected<void> AvStreamEncoder::drain()
{
    if (resampler_)
        while (resampled_out_ < resampler_->output_length(resampled_in_)) {
            const std::uint64_t left = resampler_->output_length(resampled_in_) - resampled_out_;
            const std::uint32_t made =
                resampler_->drain(spare_pointers_, static_cast<std::uint32_t>(std::min<std::uint64_t>(left, usual_frame)));
            if (auto taken = take_resampled(made); !taken) return taken;
        }
    if (filled_ > 0)
        if (auto sent = send(filled_); !sent) return sent;
    return encode(nullptr);
}

Expected<void> AvStreamEncoder::open_codec(const LossyFormat& format, const EncodeRequest& request, const ChannelLayout& layout)
{
    const AVCodec* codec = avcodec_find_encoder_by_name(format.codec);
    if (codec == nullptr) return output_.failed(std::string("this FFmpeg has no encoder '") + format.codec + "'");
    codec_.reset(avcodec_alloc_context3(codec));
    const int rate_hz = static_cast<int>(std::lround(request.rate_hz));
    codec_->sample_rate = format.only_rate_hz > 0 ? format.only_rate_hz : encodable_rate(*codec, rate_hz);
    codec_->time_base = {1, codec_->sample_rate};
    codec_->bit_rate = format.bits_per_second_and_channel * static_cast<std::int64_t>(channels_);
    if (codec_->bit_rate > 0 && request.bits_per_second > 0) codec_->bit_rate = request.bits_per_second;
    const std::uint64_t mask = codec_->bit_rate > 0 ? lossy_mask(layout) : wave_mask(layout);
    av_channel_layout_from_mask(&codec_->ch_layout, mask);
    if (mask == 0) av_channel_layout_default(&codec_->ch_layout, static_cast<int>(channels_));
    choose_sample_format(*codec);
    if ((container_.oformat->flags & AVFMT_GLOBALHEADER) != 0) codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (const int error = avcodec_open2(codec_.get(), codec, nullptr); error < 0)
        return output_.failed(std::string(format.codec) + " takes neither " + std::to_string(rate_hz) + " Hz nor " +
                              to_string(layout) + ": " + av_words(error));
    if (rate_hz != codec_->sample_rate) resample(rate_hz);
    return make_frame();
}

void AvStreamEncoder::choose_sample_format(const AVCodec& codec)
{
    codec_->sample_fmt = codec.sample_fmts[0];
    for (const AVSampleFormat* each = codec.sample_fmts; *each != AV_SAMPLE_FMT_NONE; ++each)
        if (*each == AV_SAMPLE_FMT_FLTP || *each == AV_SAMPLE_FMT_FLT || *each == AV_SAMPLE_FMT_S32) codec_->sample_fmt = *each;
    if (codec_->sample_fmt == AV_SAMPLE_FMT_S32) codec_->bits_per_raw_sample = 24;
}

void AvStreamEncoder::resample(int rate_hz)
{
    resampler_.emplace(rate_hz, codec_->sample_rate, channels_, dsp::ResamplerQuality::best);
    resampler_->start(0, 0);
    spare_.assign(channels_, std::vector<float>(usual_frame));
    for (auto& channel : spare_) spare_pointers_.push_back(channel.data());
}

Expected<void> AvStreamEncoder::make_frame()
{
    frame_.reset(av_frame_alloc());
    packet_.reset(av_packet_alloc());
    frame_->nb_samples = codec_->frame_size > 0 ? codec_->frame_size : static_cast<int>(usual_frame);
    frame_->format = codec_->sample_fmt;
    frame_->sample_rate = codec_->sample_rate;
    av_channel_layout_copy(&frame_->ch_layout, &codec_->ch_layout);
    capacity_ = static_cast<std::uint32_t>(frame_->nb_samples);
    if (const int error = av_frame_get_buffer(frame_.get(), 0); error < 0) return output_.failed(av_words(error));
    return {};
}

Expected<void> AvStreamEncoder::take_resampled(std::uint32_t frames)
{
    resampled_out_ += frames;
    const std::vector<const float*> channels(spare_pointers_.begin(), spare_pointers_.end());
    return take(channels, frames);
}

/// Fills the codec's frame and sends it whenever it is full.
Expected<void> AvStreamEncoder::take(std::span<const float* const> channels, std::uint32_t frames)
{
    for (std::uint32_t done = 0; done < frames;) {
        if (filled_ == 0)
            if (const int error = av_frame_make_writable(frame_.get()); error < 0) return output_.failed(av_words(error));
        const std::uint32_t count = std::min(frames - done, capacity_ - filled_);
        for (std::size_t channel = 0; channel < channels_; ++channel) copy(channels[channel] + done, channel, count);
        filled_ += count;
        done += count;
        if (filled_ == capacity_)
            if (auto sent = send(filled_); !sent) return sent;
    }
    return {};
}

void AvStreamEncoder::copy(const float* in, std::size_t channel, std::uint32_t count)
{
    const auto finite = [](float sample) { return std::isfinite(sample) ? sample : 0.0f; };
    if (codec_->sample_fmt == AV_SAMPLE_FMT_FLTP) {
        std::transform(in, in + count, reinterpret_cast<float*>(frame_->extended_data[channel]) + filled_, finite);
        return;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::size_t at = (filled_ + i) * channels_ + channel;
        if (codec_->sample_fmt == AV_SAMPLE_FMT_FLT) reinterpret_cast<float*>(frame_->data[0])[at] = finite(in[i]);
        else reinterpret_cast<std::int32_t*>(frame_->data[0])[at] = to_integer(in[i], 24) * 256;
    }
}

Expected<void> AvStreamEncoder::send(std::uint32_t frames)
{
    frame_->nb_samples = static_cast<int>(frames);
    frame_->pts = next_pts_;
    next_pts_ += frames;
    filled_ = 0;
    auto sent = encode(frame_.get());
    frame_->nb_samples = static_cast<int>(capacity_);
    return sent;
}

/// Null: no more frames.
Expected<void> AvStreamEncoder::encode(const AVFrame* frame)
{
    if (const int error = avcodec_send_frame(codec_.get(), frame); error < 0) return output_.failed(av_words(error));
    for (;;) {
        const int error = avcodec_receive_packet(codec_.get(), packet_.get());
        if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return {};
        if (error < 0) return output_.failed(av_words(error));
        av_packet_rescale_ts(packet_.get(), codec_->time_base, stream_->time_base);
        packet_->stream_index = stream_->index;
        if (const int written = av_interleaved_write_frame(&container_, packet_.get()); written < 0)
            return output_.failed(av_words(written));
    }
}

}  // namespace stemwire::media
