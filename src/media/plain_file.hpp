// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "media/byte_file.hpp"
#include "media/flac/stream.hpp"
#include "media/frame_source.hpp"
#include "media/probe.hpp"
#include "media/wav/format.hpp"

namespace stemwire::media {

/// A WAV or FLAC file, which is read without FFmpeg. Guarantee: blocking; any number of threads but realtime ones.
class PlainFile final : public SourceFile {
public:
    /// Null where the file is something else, or a rarer kind of these. `error.file` is the path.
    [[nodiscard]] static Expected<std::shared_ptr<PlainFile>> open(const std::string& path);

    using Format = std::variant<WavFormat, FlacStream>;
    PlainFile(std::shared_ptr<const ByteFile> file, Format format) : file_(std::move(file)), format_(std::move(format)) {}

    Expected<std::unique_ptr<FrameSource>> open_stream(std::size_t stream, const ChannelLayout& wanted) override;
    [[nodiscard]] FileInfo info() const;

private:
    [[nodiscard]] const ChannelLayout& layout() const;
    [[nodiscard]] Expected<std::unique_ptr<FrameSource>> open_reader() const;

    std::shared_ptr<const ByteFile> file_;
    Format format_;
};

}  // namespace stemwire::media
