// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace stemwire::container {

/// A part of a project: an audio file, or a folder of takes.
struct FolderTrack {
    std::string name;
    std::vector<std::string> files;  ///< paths below the project's folder, relative to it; at least one
};

/// What a folder of audio files plays, by name: each file in it is a track, and each folder in it that holds audio files is a track with those takes.
/// Audio is known by its ending. `left_out`: relative paths that are something else (impulse responses). Guarantee: blocking; never throws.
[[nodiscard]] std::vector<FolderTrack> folder_tracks(const std::string& folder, const std::vector<std::string>& left_out = {});

}  // namespace stemwire::container
