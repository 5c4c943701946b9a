// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/ffmpeg/av.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

extern "C" {
#include <libavutil/log.h>
}

#include "media/file_problem.hpp"
#include "media/wave_channels.hpp"

namespace stemwire::media {

namespace {

/// AAC's header hides spectral band replication and parametric stereo, which change the rate and the channels.
bool is_described(const AVCodecParameters& codec)
{
    if (codec.codec_type != AVMEDIA_TYPE_AUDIO) return true;
    const bool is_open = codec.codec_id != AV_CODEC_ID_NONE && codec.codec_id != AV_CODEC_ID_AAC;
    return is_open && codec.sample_rate > 0 && codec.ch_layout.nb_channels > 0;
}

bool is_described(const AVFormatContext& format)
{
    if (format.nb_streams == 0) return false;  // the container finds its streams while it is read
    const std::span streams(format.streams, format.nb_streams);
    return std::ranges::all_of(streams, [](const AVStream* stream) { return is_described(*stream->codecpar); });
}

}  // namespace

std::string av_problem(int error)
{
    if (error == AVERROR_INVALIDDATA) return "is not a media file that FFmpeg knows, or is damaged";
    if (error == AVERROR_EOF) return "ends too early";
    if (error == AVERROR_DECODER_NOT_FOUND) return "has a codec that this FFmpeg cannot decode";
    if (error == AVERROR(ENOENT)) return system_problem(ENOENT);
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(error, text.data(), text.size());
    return std::string("cannot be read: ") + text.data();
}

ChannelLayout layout_from_av(const AVChannelLayout& layout)
{
    const auto channels = static_cast<std::size_t>(std::max(layout.nb_channels, 0));
    if (channels == 1) return ChannelLayout::mono();
    std::vector<Position> found;
    for (unsigned channel = 0; channel < channels; ++channel) {
        const AVChannel name = av_channel_layout_channel_from_index(&layout, channel);
        const auto position = name >= 0 ? wave_position(static_cast<unsigned>(name)) : std::nullopt;
        if (!position || std::ranges::find(found, *position) != found.end()) return ChannelLayout::usual(channels);
        found.push_back(*position);
    }
    return ChannelLayout(std::move(found));
}

std::optional<AVChannel> av_channel(Position position)
{
    const auto bit = wave_bit(position);
    return bit ? std::optional(static_cast<AVChannel>(*bit)) : std::nullopt;
}

void silence_ffmpeg()
{
    static const bool silenced = [] {
        av_log_set_callback([](void*, int, const char*, va_list) {});
        return true;
    }();
    static_cast<void>(silenced);
}

Expected<FormatPointer> open_input(const std::string& path)
{
    silence_ffmpeg();
    const auto problem = [&](std::string text) { return tl::unexpected<Error>(Error{std::move(text), path}); };
    if (auto text = file_problem(path); !text.empty()) return problem(std::move(text));
    AVFormatContext* context = nullptr;
    // `file:` keeps a colon in the name from being read as a protocol.
    const int opened = avformat_open_input(&context, ("file:" + path).c_str(), nullptr, nullptr);
    FormatPointer format(context);
    if (opened < 0) return problem(av_problem(opened));
    if (is_described(*format)) return format;
    if (const int found = avformat_find_stream_info(format.get(), nullptr); found < 0) return problem(av_problem(found));
    return format;
}

}  // namespace stemwire::media
