// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "media/probe.hpp"

namespace stemwire::media {

/// What `probe` says of this file, asked again only when its size or its time of change is another: a preset with eight tracks on
/// one file opens it once. Guarantee: blocking; any number of threads but realtime ones.
[[nodiscard]] Expected<FileInfo> probe_cached(const std::string& path);

}  // namespace stemwire::media
