// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/ffmpeg/av_probe.hpp"

#include <algorithm>
#include <span>

#include "media/ffmpeg/av.hpp"

namespace stemwire::media {

namespace {

std::string tag(const AVDictionary* tags, const char* name)
{
    const AVDictionaryEntry* entry = av_dict_get(tags, name, nullptr, 0);
    return entry != nullptr ? entry->value : "";
}

/// Programs that pack stems leave quotation marks around names.
std::string without_quotes(std::string text)
{
    const auto first = text.find_first_not_of("\"' ");
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of("\"' ") - first + 1);
}

/// They write `"/home/me/stems/drums.wav"` as a title; a person would say `drums.wav`.
std::string plain_title(std::string title)
{
    title = without_quotes(std::move(title));
    if (title.empty()) return {};
    const auto slash = title.find_last_of("/\\");
    if (slash == std::string::npos) return title;
    const bool is_path = title.front() == '/' || title.front() == '~' || title.find('.', slash) != std::string::npos;
    return is_path && slash + 1 < title.size() ? title.substr(slash + 1) : title;
}

std::optional<double> seconds(std::int64_t duration, AVRational base)
{
    if (duration == AV_NOPTS_VALUE || duration <= 0) return std::nullopt;
    return static_cast<double>(duration) * av_q2d(base);
}

StreamInfo describe(const AVFormatContext& format, const AVStream& stream, int index)
{
    const AVCodecParameters& codec = *stream.codecpar;
    auto title = plain_title(tag(stream.metadata, "title"));
    auto language = tag(stream.metadata, "language");
    if (language == "und") language.clear();
    auto length = seconds(stream.duration, stream.time_base);
    if (!length) length = seconds(format.duration, AV_TIME_BASE_Q);
    return {index, std::move(title), std::move(language), avcodec_get_name(codec.codec_id), layout_from_av(codec.ch_layout),
            codec.sample_rate, length, (stream.disposition & AV_DISPOSITION_DEFAULT) != 0};
}

}  // namespace

Expected<FileInfo> av_probe(const std::string& path)
{
    auto opened = open_input(path);
    if (!opened) return tl::unexpected(opened.error());
    const AVFormatContext& format = **opened;
    FileInfo info{.path = path, .format = format.iformat->name, .seconds = seconds(format.duration, AV_TIME_BASE_Q)};
    for (const AVStream* stream : std::span(format.streams, format.nb_streams)) {
        if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
            info.streams.push_back(describe(format, *stream, static_cast<int>(info.streams.size())));
        if (stream->codecpar->codec_type == AVMEDIA_TYPE_ATTACHMENT) info.attachments.push_back(without_quotes(tag(stream->metadata, "filename")));
    }
    if (info.streams.empty()) return tl::unexpected(Error{"has no audio stream", path});
    // A reader that was chosen by the file's name alone finds a stream in anything.
    std::erase_if(info.streams, [](const StreamInfo& stream) { return stream.layout.empty() || stream.rate_hz <= 0; });
    if (info.streams.empty()) return tl::unexpected(Error{"holds no audio that can be decoded", path});
    if (!info.seconds)
        for (const StreamInfo& stream : info.streams) info.seconds = std::max(info.seconds, stream.seconds);
    return info;
}

}  // namespace stemwire::media
