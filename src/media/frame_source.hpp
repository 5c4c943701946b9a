// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "stemwire/error.hpp"
#include "stemwire/layout.hpp"
#include "stemwire/units.hpp"

namespace stemwire::media {

/// The decoded frames of one stream of a file, numbered from 0: encoder delay and padding are gone. Frame n is the same samples however
/// it is reached. What is damaged is silence of the same length, and is told in a message. Thread: any but realtime, one at a time.
class FrameSource {
public:
    virtual ~FrameSource() = default;

    [[nodiscard]] virtual int rate_hz() const noexcept = 0;
    [[nodiscard]] virtual std::size_t channels() const noexcept = 0;
    /// What read gives next.
    [[nodiscard]] virtual Frames position() const noexcept = 0;
    /// The number of frames in all, by going to the end where it must; seek afterwards.
    [[nodiscard]] virtual Frames find_length() = 0;

    /// The next read begins at this frame.
    virtual void seek(Frames frame) = 0;
    /// Nothing will be read before the next seek: a reader that shares packets with others lets go of its own, which would pile up.
    virtual void rest() {}
    /// Writes the next frames to `out[channel]`; fewer than `count` only at the end.
    [[nodiscard]] virtual std::uint32_t read(std::span<float* const> out, std::uint32_t count) = 0;

    /// What turned out to be wrong with the file, once, as a sentence that begins with its name.
    [[nodiscard]] virtual std::optional<std::string> take_message() = 0;
};

/// A file that any number of tracks play. Guarantee: blocking; any number of threads but realtime ones.
class SourceFile {
public:
    virtual ~SourceFile() = default;

    /// Opens a stream, the audio streams of the file counted from 0, and decodes its beginning. `wanted` empty: the file's own channels.
    /// What is opened keeps what it needs of the file.
    [[nodiscard]] virtual Expected<std::unique_ptr<FrameSource>> open_stream(std::size_t stream, const ChannelLayout& wanted) = 0;
};

/// Opens a media file of any kind. `error.file` is the path.
[[nodiscard]] Expected<std::shared_ptr<SourceFile>> open_source(const std::string& path);

}  // namespace stemwire::media
