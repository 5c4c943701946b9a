// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

#include "media/ffmpeg/av.hpp"

namespace stemwire::media {

/// Counts samples by packets, for containers whose own timestamps are too coarse for that (Matroska's are whole milliseconds)
/// or are guessed after a seek (MP3). Two clocks that are fed the same packets agree to the sample.
/// Thread: any but realtime, one at a time.
class PacketClock {
public:
    /// `time_base` is that of the packets' own timestamps.
    PacketClock(const AVCodecParameters& codec, AVRational time_base);

    /// The sample at which this packet begins, the packet being the next one; nothing where its length cannot be told.
    /// Where the packet's own timestamp is far off (packets are lost), the count is put right by whole packets.
    [[nodiscard]] std::optional<std::int64_t> stamp(const AVPacket& packet);

    /// The next packet begins at this sample.
    void set(std::int64_t sample) noexcept;

    /// The sample at which the next packet will begin.
    [[nodiscard]] std::int64_t next() const noexcept { return next_; }

private:
    [[nodiscard]] std::int64_t samples(const AVPacket& packet);
    void put_right(const AVPacket& packet, std::int64_t samples);

    AVRational time_base_;
    int rate_hz_;
    CodecPointer codec_;
    ParserPointer parser_;
    std::int64_t next_ = 0;
    std::int64_t trusted_ = 0;  ///< the last count that the packets' own time has confirmed
    std::optional<std::int64_t> offset_;  ///< of the packets' own time, in samples, from the count
};

}  // namespace stemwire::media
