// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "media/flac/bit_reader.hpp"
#include "media/flac/stream.hpp"

namespace stemwire::media {

/// What a FLAC frame says of itself (RFC 9639, 9.1).
struct FlacFrameHeader {
    enum class Stereo : std::uint8_t { independent, left_side, side_right, mid_side };
    std::uint64_t number = 0;    ///< of its first sample, or of the frame
    bool counts_frames = false;  ///< the latter
    unsigned frames = 0;
    Stereo stereo = Stereo::independent;
    unsigned bytes = 0;          ///< of the header
};

/// Bytes of the longest header.
inline constexpr std::size_t longest_flac_header = 16;

/// Nothing unless a frame of this stream may begin here. Behind `bytes` lies the padding of BitReader. Guarantee: wait-free.
[[nodiscard]] std::optional<FlacFrameHeader> read_flac_header(std::span<const std::uint8_t> bytes, const FlacStream& stream);

/// Decodes the frame to integers in `planes[channel]`, which have room for its frames, and returns how many bytes it has; nothing where it
/// is damaged, or goes on past `bytes`. Behind them lies the padding of BitReader. Guarantee: wait-free.
[[nodiscard]] std::optional<std::size_t> decode_flac_frame(std::span<const std::uint8_t> bytes, const FlacFrameHeader& header,
                                                           const FlacStream& stream, std::span<std::int32_t* const> planes);

/// Decodes a subframe's residual of `frames` samples to `out` (9.2.7), of which the first `order` are not part. False where it is damaged.
/// Guarantee: wait-free.
[[nodiscard]] bool decode_flac_residual(BitReader& bits, unsigned order, std::span<std::int32_t> out);

}  // namespace stemwire::media
