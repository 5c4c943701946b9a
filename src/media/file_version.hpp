// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include <sys/stat.h>

namespace stemwire::media {

/// Two equal versions of a path are the same content, as far as the folder can tell. Thread: any but realtime.
struct FileVersion {
    std::uint64_t inode = 0;
    std::int64_t size = -1;
    std::int64_t changed_s = 0;
    std::int64_t changed_ns = 0;
    friend auto operator<=>(const FileVersion&, const FileVersion&) = default;
};

[[nodiscard]] inline FileVersion file_version(const std::string& path)
{
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return {};
    return {status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

}  // namespace stemwire::media
