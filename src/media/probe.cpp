// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/probe.hpp"

#include <algorithm>
#include <charconv>

#include "media/ffmpeg.hpp"
#include "media/file_problem.hpp"
#include "media/plain_file.hpp"

namespace stemwire::media {

namespace {

/// Far beyond what is recorded. The filter of a resampler from there has ten thousands of taps; from a rate that only a damaged file has, millions.
constexpr int highest_rate_hz = 10'000'000;

std::string list_of(const FileInfo& file)
{
    std::string text;
    for (const StreamInfo& stream : file.streams) {
        text += (text.empty() ? "" : ", ") + std::to_string(stream.index);
        if (!stream.title.empty()) text += " '" + stream.title + "'";
        if (!stream.language.empty()) text += " (" + stream.language + ")";
    }
    return text;
}

const StreamInfo& best(const FileInfo& file)
{
    const auto preferred = std::ranges::find_if(file.streams, &StreamInfo::is_default);
    return preferred == file.streams.end() ? file.streams.front() : *preferred;
}

std::optional<int> as_index(const std::string& text)
{
    int index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return index;
}

Expected<StreamInfo> find_stream(const FileInfo& file, const std::string& selector)
{
    const auto nothing = [&](const std::string& what) {
        return tl::unexpected(Error{"has no audio stream " + what + " (there is " + list_of(file) + ")", file.path});
    };
    if (file.streams.empty()) return tl::unexpected(Error{"has no audio stream", file.path});
    if (selector.empty()) return best(file);
    for (const StreamInfo& stream : file.streams)
        if (stream.title == selector) return stream;
    for (const StreamInfo& stream : file.streams)
        if (stream.language == selector) return stream;
    if (const auto index = as_index(selector)) {
        const auto found = std::ranges::find(file.streams, *index, &StreamInfo::index);
        return found != file.streams.end() ? Expected<StreamInfo>(*found) : nothing(selector);
    }
    return nothing("'" + selector + "'");
}

}  // namespace

Expected<FileInfo> probe(const std::string& path)
{
    if (auto text = file_problem(path); !text.empty()) return tl::unexpected(Error{std::move(text), path});
    const auto plain = PlainFile::open(path);
    if (!plain) return tl::unexpected(plain.error());
    if (*plain) return (*plain)->info();
    const auto module = ffmpeg();
    if (!module) return tl::unexpected(Error{module.error().message, path});
    return (*module)->probe(path);
}

Expected<StreamInfo> select_stream(const FileInfo& file, const std::string& selector)
{
    auto stream = find_stream(file, selector);
    if (stream && stream->rate_hz > highest_rate_hz)
        return tl::unexpected(Error{"says that it has " + std::to_string(stream->rate_hz) + " frames a second (at most 10 million are played)", file.path});
    return stream;
}

}  // namespace stemwire::media
