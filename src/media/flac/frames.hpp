// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "media/byte_file.hpp"
#include "media/flac/frame.hpp"

namespace stemwire::media {

/// The frames of a FLAC file in their order, from any byte on, each checked. What is no frame is passed over.
/// Thread: any but realtime, one at a time.
class FlacFrames {
public:
    FlacFrames(std::shared_ptr<const ByteFile> file, const FlacStream& stream);

    struct Frame {
        std::uint64_t first = 0;  ///< its first sample, as the file counts
        unsigned frames = 0;
        std::uint64_t byte = 0;   ///< of the file, where it begins
        bool after_damage = false;  ///< bytes before it were passed over
    };

    /// The next frame is the first that begins at this byte or after it.
    void go_to(std::uint64_t byte) noexcept;
    /// Decodes the next frame; nothing at the end. Guarantee: blocking.
    [[nodiscard]] std::optional<Frame> next();

    /// The last frame's samples, as integers. Until next is called.
    [[nodiscard]] const std::int32_t* plane(std::size_t channel) const noexcept { return planes_[channel]; }
    /// errno of what ended the reading; 0 at the end of the file.
    [[nodiscard]] int error() const noexcept { return error_; }

private:
    [[nodiscard]] std::span<const std::uint8_t> rest() const noexcept { return std::span(window_).subspan(begin_, end_ - begin_); }
    [[nodiscard]] std::optional<Frame> frame_here();
    void fetch(std::size_t bytes);
    void skip_byte();

    std::shared_ptr<const ByteFile> file_;
    FlacStream stream_;
    std::size_t largest_;  ///< bytes that a frame may have
    std::vector<std::int32_t> samples_;
    std::vector<std::int32_t*> planes_;
    std::vector<std::uint8_t> window_;  ///< part of the file, and the padding of BitReader
    std::uint64_t window_at_ = 0;       ///< the byte of the file at its front
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool at_end_ = false;  ///< nothing follows the window
    int error_ = 0;
};

}  // namespace stemwire::media
