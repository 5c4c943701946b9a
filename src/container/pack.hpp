// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "preset/preset.hpp"
#include "stemwire/error.hpp"

namespace stemwire::container {

/// How stems are packed.
enum class PackCodec { flac, opus };

/// Writes a preset, the stems of its tracks and its impulse responses into one Matroska file, which `packed_preset` reads. Every stem is a
/// stream of its own, as long as it was and at its own rate (Opus: 48 kHz); those that are FLAC already are copied. A stem that is beyond full
/// scale goes into FLAC quieter by whole dB, which the gains of its tracks make up for. The preset keeps its comments, order and style. Errors:
/// a file that cannot be read, more channels than the codec has, nothing to pack, too far beyond full scale, not writable. Guarantee: blocking.
[[nodiscard]] Expected<void> pack(const preset::Preset& preset, const std::string& output, PackCodec codec);

/// The text of the preset that is packed into a file, whose files lie in that file, which is named relative to `folder`; nothing where
/// none is packed there. Guarantee: blocking.
[[nodiscard]] std::optional<std::string> packed_preset(const std::string& file, const std::string& folder);

}  // namespace stemwire::container
