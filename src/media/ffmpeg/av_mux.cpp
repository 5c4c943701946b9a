// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/ffmpeg/av_mux.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include <unistd.h>

#include "media/ffmpeg/av.hpp"
#include "media/ffmpeg/av_stream_encoder.hpp"
#include "media/output_file.hpp"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace stemwire::media {

namespace {

/// One file on its way into the container.
struct Input {
    FormatPointer format;
    const AVStream* from = nullptr;
    const AVStream* to = nullptr;
    PacketPointer packet{av_packet_alloc()};
    bool ended = false;

    [[nodiscard]] std::int64_t microseconds() const
    {
        return packet->dts == AV_NOPTS_VALUE ? 0 : av_rescale_q(packet->dts, from->time_base, AV_TIME_BASE_Q);
    }

    /// Takes the next packet of the stream; 0, or an AVERROR other than the end.
    int advance()
    {
        for (;;) {
            av_packet_unref(packet.get());
            const int got = av_read_frame(format.get(), packet.get());
            ended = got < 0;
            if (got < 0) return got == AVERROR_EOF ? 0 : got;
            if (packet->stream_index == from->index) return 0;
        }
    }
};

class Muxer {
public:
    explicit Muxer(const MuxRequest& request) : request_(request), output_(request.output) {}

    Expected<void> run()
    {
        if (auto opened = open_output(); !opened) return opened;
        for (const MuxRequest::Stream& stream : request_.streams)
            if (auto added = add(stream); !added) return added;
        for (const MuxRequest::Attached& attached : request_.attachments) attach(attached);
        if (const int error = avio_open(&container_->pb, output_.temporary().c_str(), AVIO_FLAG_WRITE); error < 0) return failed(error);
        if (const int error = avformat_write_header(container_.get(), nullptr); error < 0) return failed(error);
        if (auto copied = copy(); !copied) return copied;
        if (const int error = av_write_trailer(container_.get()); error < 0) return failed(error);
        if (const int error = avio_closep(&container_->pb); error < 0) return failed(error);
        return output_.commit();
    }

private:
    [[nodiscard]] tl::unexpected<Error> failed(int error) const { return output_.failed(av_words(error)); }

    Expected<void> open_output()
    {
        const auto descriptor = output_.open();
        if (!descriptor) return tl::unexpected(descriptor.error());
        ::close(*descriptor);  // FFmpeg opens it by its name
        AVFormatContext* container = nullptr;
        if (const int error = avformat_alloc_output_context2(&container, nullptr, "matroska", output_.temporary().c_str()); error < 0) return failed(error);
        container_.reset(container);
        return {};
    }

    Expected<void> add(const MuxRequest::Stream& stream)
    {
        auto format = open_input(stream.file);
        if (!format) return tl::unexpected(format.error());
        const std::span streams((*format)->streams, (*format)->nb_streams);
        const auto audio = std::ranges::find_if(streams, [](const AVStream* each) { return each->codecpar->codec_type == AVMEDIA_TYPE_AUDIO; });
        if (audio == streams.end()) return tl::unexpected(Error{"has no audio stream", stream.file});
        AVStream* to = avformat_new_stream(container_.get(), nullptr);
        avcodec_parameters_copy(to->codecpar, (*audio)->codecpar);
        to->codecpar->codec_tag = 0;
        to->time_base = (*audio)->time_base;
        av_dict_set(&to->metadata, "title", stream.title.c_str(), 0);
        inputs_.push_back({.format = std::move(*format), .from = *audio, .to = to});
        return {};
    }

    void attach(const MuxRequest::Attached& attached)
    {
        AVStream* stream = avformat_new_stream(container_.get(), nullptr);
        AVCodecParameters& codec = *stream->codecpar;
        codec.codec_type = AVMEDIA_TYPE_ATTACHMENT;
        codec.extradata = static_cast<std::uint8_t*>(av_mallocz(attached.content.size() + AV_INPUT_BUFFER_PADDING_SIZE));
        codec.extradata_size = static_cast<int>(attached.content.size());
        std::memcpy(codec.extradata, attached.content.data(), attached.content.size());
        av_dict_set(&stream->metadata, "filename", attached.name.c_str(), 0);
        av_dict_set(&stream->metadata, "mimetype", attached.mime_type.c_str(), 0);
    }

    /// The packet that is first in time, again and again.
    Expected<void> copy()
    {
        for (Input& input : inputs_)
            if (const int error = input.advance(); error < 0) return tl::unexpected(Error{av_problem(error), input.format->url});
        for (;;) {
            const auto next = std::ranges::min_element(inputs_, {}, [](const Input& input) { return std::pair(input.ended, input.microseconds()); });
            if (next->ended) return {};
            av_packet_rescale_ts(next->packet.get(), next->from->time_base, next->to->time_base);
            next->packet->stream_index = next->to->index;
            next->packet->pos = -1;
            if (const int error = av_write_frame(container_.get(), next->packet.get()); error < 0) return failed(error);
            if (const int error = next->advance(); error < 0) return tl::unexpected(Error{av_problem(error), next->format->url});
        }
    }

    const MuxRequest& request_;
    OutputFile output_;
    OutputPointer container_;
    std::vector<Input> inputs_;
};

}  // namespace

Expected<void> av_mux(const MuxRequest& request)
{
    silence_ffmpeg();
    return Muxer(request).run();
}

}  // namespace stemwire::media
