// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/av.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include <sys/stat.h>

extern "C" {
#include <libavutil/log.h>
}

namespace stemwire::media {

namespace {

using enum Position;

constexpr std::array<std::pair<AVChannel, Position>, 18> positions{{
    {AV_CHAN_FRONT_LEFT, FL}, {AV_CHAN_FRONT_RIGHT, FR}, {AV_CHAN_FRONT_CENTER, FC}, {AV_CHAN_LOW_FREQUENCY, LFE},
    {AV_CHAN_BACK_LEFT, RL}, {AV_CHAN_BACK_RIGHT, RR}, {AV_CHAN_SIDE_LEFT, SL}, {AV_CHAN_SIDE_RIGHT, SR},
    {AV_CHAN_BACK_CENTER, RC}, {AV_CHAN_FRONT_LEFT_OF_CENTER, FLC}, {AV_CHAN_FRONT_RIGHT_OF_CENTER, FRC}, {AV_CHAN_TOP_CENTER, TC},
    {AV_CHAN_TOP_FRONT_LEFT, TFL}, {AV_CHAN_TOP_FRONT_CENTER, TFC}, {AV_CHAN_TOP_FRONT_RIGHT, TFR}, {AV_CHAN_TOP_BACK_LEFT, TRL},
    {AV_CHAN_TOP_BACK_CENTER, TRC}, {AV_CHAN_TOP_BACK_RIGHT, TRR},
}};

/// What a look at the folder tells better than FFmpeg does; empty where nothing is wrong.
std::string file_problem(const std::string& path)
{
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return av_problem(AVERROR(errno));
    if (S_ISDIR(status.st_mode)) return "is a folder, not a media file";
    if (S_ISREG(status.st_mode) && status.st_size == 0) return "is empty";
    return {};
}

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
    if (error == AVERROR(ENOENT)) return "does not exist";
    if (error == AVERROR_EOF) return "ends too early";
    if (error == AVERROR_DECODER_NOT_FOUND) return "has a codec that this FFmpeg cannot decode";
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
        const auto known = std::ranges::find(positions, name, &std::pair<AVChannel, Position>::first);
        if (known == positions.end() || std::ranges::find(found, known->second) != found.end()) return ChannelLayout::usual(channels);
        found.push_back(known->second);
    }
    return ChannelLayout(std::move(found));
}

std::optional<AVChannel> av_channel(Position position)
{
    const auto known = std::ranges::find(positions, position, &std::pair<AVChannel, Position>::second);
    return known == positions.end() ? std::nullopt : std::optional(known->first);
}

std::uint64_t av_mask(const ChannelLayout& layout)
{
    if (layout.is_mono()) return AV_CH_LAYOUT_MONO;
    std::uint64_t mask = 0;
    for (const Position position : layout.positions()) {
        const auto channel = av_channel(position);
        if (!channel) return 0;
        mask |= 1ULL << *channel;
    }
    return mask;
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
