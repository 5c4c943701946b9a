// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "media/probe.hpp"

namespace stemwire::media {

/// As `probe`, of whatever FFmpeg knows.
[[nodiscard]] Expected<FileInfo> av_probe(const std::string& path);

}  // namespace stemwire::media
