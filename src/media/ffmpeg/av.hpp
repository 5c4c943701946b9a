// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
}

#include "stemwire/error.hpp"
#include "stemwire/layout.hpp"

/// What is said to FFmpeg, once: owners for its objects, its errors in words, its channels as ours.
namespace stemwire::media {

struct AvDelete {
    void operator()(AVFormatContext* context) const noexcept { avformat_close_input(&context); }
    void operator()(AVCodecContext* context) const noexcept { avcodec_free_context(&context); }
    void operator()(AVCodecParameters* parameters) const noexcept { avcodec_parameters_free(&parameters); }
    void operator()(AVCodecParserContext* context) const noexcept { av_parser_close(context); }
    void operator()(AVPacket* packet) const noexcept { av_packet_free(&packet); }
    void operator()(AVFrame* frame) const noexcept { av_frame_free(&frame); }
};

template <class T>
using AvPointer = std::unique_ptr<T, AvDelete>;

using FormatPointer = AvPointer<AVFormatContext>;
using CodecPointer = AvPointer<AVCodecContext>;
using ParserPointer = AvPointer<AVCodecParserContext>;
using PacketPointer = AvPointer<AVPacket>;
using FramePointer = AvPointer<AVFrame>;

/// Of a container that is written, which is another way to end.
struct OutputDelete {
    void operator()(AVFormatContext* context) const noexcept
    {
        if (context->pb != nullptr) avio_closep(&context->pb);
        avformat_free_context(context);
    }
};
using OutputPointer = std::unique_ptr<AVFormatContext, OutputDelete>;

/// A negative AVERROR as what follows a file's name: `is not a media file that FFmpeg knows`.
[[nodiscard]] std::string av_problem(int error);

/// The same channels in our names; a file that does not say where its channels stand has the usual layout of their number.
[[nodiscard]] ChannelLayout layout_from_av(const AVChannelLayout& layout);

/// FFmpeg's name of a channel; nothing for those it has none for (AUX0 …).
[[nodiscard]] std::optional<AVChannel> av_channel(Position position);

/// Keeps what FFmpeg would say off the terminal: what is wrong comes as an Error. May be called again.
void silence_ffmpeg();

/// Opens a media file, quietly, and looks into its audio only as far as is needed to know every stream's codec, rate and channels.
/// `error.file` is the path. Guarantee: blocking.
[[nodiscard]] Expected<FormatPointer> open_input(const std::string& path);

}  // namespace stemwire::media
