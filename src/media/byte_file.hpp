// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "stemwire/error.hpp"

namespace stemwire::media {

/// A file's bytes, read from any place. It stays what it was when it is renamed or removed. Guarantee: blocking; any number of threads
/// but realtime ones.
class ByteFile {
public:
    /// `error.file` is the path.
    [[nodiscard]] static Expected<std::shared_ptr<const ByteFile>> open(const std::string& path);
    explicit ByteFile(std::string path, int descriptor, std::uint64_t size) : path_(std::move(path)), descriptor_(descriptor), size_(size) {}
    ~ByteFile();
    ByteFile(const ByteFile&) = delete;
    ByteFile& operator=(const ByteFile&) = delete;

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// When it was opened; 0 of what is no regular file.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    struct Got {
        std::size_t bytes = 0;  ///< fewer than asked for at the end, or where reading failed
        int error = 0;          ///< errno
    };
    [[nodiscard]] Got read_at(std::uint64_t offset, std::span<std::uint8_t> to) const;

private:
    std::string path_;
    int descriptor_;
    std::uint64_t size_;
};

}  // namespace stemwire::media
