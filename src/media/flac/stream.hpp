// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

#include "media/byte_file.hpp"
#include "stemwire/layout.hpp"

namespace stemwire::media {

/// What stands before a FLAC file's first frame (RFC 9639, section 8).
struct FlacStream {
    int rate_hz = 0;
    unsigned channels = 0;
    unsigned bits = 0;           ///< of a sample: at most 24
    unsigned block_frames = 0;   ///< of every frame but the last; 0: they differ
    unsigned most_frames = 0;    ///< of any frame
    std::uint64_t frames = 0;    ///< in all; 0: not said
    std::uint64_t first_frame = 0;  ///< byte
    ChannelLayout layout{};
};

/// Nothing where the file is no plain FLAC, or one of more than 24 bits. Guarantee: blocking.
[[nodiscard]] std::optional<FlacStream> read_flac_stream(const ByteFile& file);

}  // namespace stemwire::media
