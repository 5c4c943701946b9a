// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace stemwire::plot {

using Colour = std::array<std::uint8_t, 3>;  ///< red, green, blue

/// A picture of at most 256 colours as a PNG file (ISO/IEC 15948): `pixels` are indices into the palette, row by row from the top.
/// Throws std::bad_alloc where there is no memory for it, and nothing else.
[[nodiscard]] std::string encode_png(std::size_t width, std::size_t height, std::span<const std::uint8_t> pixels, std::span<const Colour> palette);

}  // namespace stemwire::plot
