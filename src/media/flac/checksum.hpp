// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

namespace stemwire::media {

/// Of a frame's header: x⁸ + x² + x + 1, from 0 (RFC 9639, 9.1.8). Guarantee: wait-free.
[[nodiscard]] std::uint8_t flac_crc8(std::span<const std::uint8_t> bytes) noexcept;

/// Of a whole frame: x¹⁶ + x¹⁵ + x² + 1, from 0 (9.3). Guarantee: wait-free.
[[nodiscard]] std::uint16_t flac_crc16(std::span<const std::uint8_t> bytes) noexcept;

}  // namespace stemwire::media
