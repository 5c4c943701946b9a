// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "bench/graph/shape.hpp"

namespace stemwire::bench {

/// Writes a preset and the audio files (`format`: flac, wav) of this length that it plays into the folder, and returns the preset's path. The
/// tracks' files have one content under names of their own, so that each is opened, read and decoded by itself. Throws std::runtime_error where they cannot be written.
[[nodiscard]] std::string write_preset(const std::string& folder, const Shape& shape, const std::string& format, std::uint32_t quantum, double seconds);

}  // namespace stemwire::bench
