// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

/// What libFuzzer calls: once for each input. Whatever the bytes are, it returns.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace stemwire::fuzz {

inline std::string_view text_of(std::span<const std::uint8_t> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What is before the first `mark` and behind it; the whole text twice where there is none.
inline std::pair<std::string_view, std::string_view> halves(std::string_view text, std::string_view mark)
{
    const auto at = text.find(mark);
    return at == std::string_view::npos ? std::pair(text, text) : std::pair(text.substr(0, at), text.substr(at + mark.size()));
}

/// Ends the run with a message where something that must hold does not.
inline void require(bool holds, const char* what)
{
    if (!holds) throw std::logic_error(what);
}

/// A file in memory, with a path, that holds one input after the other.
class MemoryFile {
public:
    MemoryFile() : descriptor_(memfd_create("stemwire-fuzz", MFD_CLOEXEC)) { require(descriptor_ >= 0, "no file in memory"); }
    ~MemoryFile() { close(descriptor_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }
    void fill(std::span<const std::uint8_t> bytes)
    {
        require(ftruncate(descriptor_, 0) == 0, "the file cannot be emptied");
        require(pwrite(descriptor_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()), "the file cannot be written");
    }

private:
    int descriptor_;
};

}  // namespace stemwire::fuzz
