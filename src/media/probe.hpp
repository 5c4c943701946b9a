// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "stemwire/error.hpp"
#include "stemwire/layout.hpp"

namespace stemwire::media {

/// One audio stream of a file. `index` counts the audio streams from 0.
struct StreamInfo {
    int index = 0;
    std::string title;      ///< base name where the tag is a path, quotation marks trimmed
    std::string language;   ///< ISO 639-2, empty where the file says none
    std::string codec;      ///< FFmpeg's name: flac, opus, vorbis, mp3, aac, pcm_s16le …
    ChannelLayout layout;
    int rate_hz = 0;
    std::optional<double> seconds;   ///< as the file says; nothing where it doesn't
    bool is_default = false;
};

struct FileInfo {
    std::string path;
    std::string format;     ///< FFmpeg's name of the container
    std::optional<double> seconds;
    std::vector<StreamInfo> streams;
    std::vector<std::string> attachments;  ///< names of attached files
};

/// Opens a media file and lists its audio streams. Errors say what is wrong in a musician's words: `is empty`, `is not a media
/// file that FFmpeg knows`, `has no audio stream`, `cannot be read: Permission denied`. Guarantee: blocking.
[[nodiscard]] Expected<FileInfo> probe(const std::string& path);

/// The stream that `selector` names: "" the best (the default one, else the first), an index, a title, or a language. The error lists
/// what there is.
[[nodiscard]] Expected<StreamInfo> select_stream(const FileInfo& file, const std::string& selector);

}  // namespace stemwire::media
