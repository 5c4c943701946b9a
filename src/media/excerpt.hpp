// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "media/frame_source.hpp"

namespace stemwire::media {

/// The part of a file that is heard, as often as it is heard, as one stream of frames at the file's rate: no join can be told from
/// the inside of the file. Thread: any but realtime, one at a time.
class Excerpt {
public:
    /// From `from` up to `to` (nothing: the end) in seconds of the file, `count` times (infinity: for ever).
    Excerpt(std::unique_ptr<FrameSource> reader, double from_s, std::optional<double> to_s, double count);

    [[nodiscard]] int rate_hz() const noexcept { return reader_->rate_hz(); }
    [[nodiscard]] std::size_t channels() const noexcept { return reader_->channels(); }

    /// The next read begins at this frame of the stream.
    void seek(Frames frame);
    /// Lets go of what a place in the file costs, until the next seek, which must come before a read.
    void rest() { reader_->rest(); }
    /// Writes the next frames to `out[channel]`; fewer than `count` only at the end.
    [[nodiscard]] std::uint32_t read(std::span<float* const> out, std::uint32_t count);
    /// All frames of the stream, once a round has been read to its end; never of an endless one.
    [[nodiscard]] std::optional<Frames> length() const noexcept;
    [[nodiscard]] std::optional<std::string> take_message() { return reader_->take_message(); }

private:
    [[nodiscard]] Frames find_once();
    [[nodiscard]] std::uint32_t read_on(std::span<float* const> out, std::uint32_t done, std::uint32_t count);
    [[nodiscard]] bool go_round();

    std::unique_ptr<FrameSource> reader_;
    Frames from_;
    Frames to_;
    double count_;
    Frames round_ = 0;            ///< how often it has been played to its end
    std::optional<Frames> once_;  ///< frames of one round, once that is known
};

}  // namespace stemwire::media
