// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

#include "stemwire/layout.hpp"

namespace stemwire::media {

/// The bit that stands for a position in a WAVE file's channel mask (Microsoft, WAVEFORMATEXTENSIBLE), which FFmpeg and FLAC use too;
/// nothing for those that have none (AUX0 …). Guarantee: wait-free.
[[nodiscard]] std::optional<unsigned> wave_bit(Position position) noexcept;

/// All bits of a layout, a single channel being the centre; 0 where a position has none.
[[nodiscard]] std::uint32_t wave_mask(const ChannelLayout& layout) noexcept;

/// The position of a bit; nothing for a bit that has no name.
[[nodiscard]] std::optional<Position> wave_position(unsigned bit) noexcept;

/// The channels of a mask in its order; the usual layout of so many channels where the mask does not name as many.
[[nodiscard]] ChannelLayout layout_from_wave_mask(std::uint32_t mask, std::size_t channels);

}  // namespace stemwire::media
