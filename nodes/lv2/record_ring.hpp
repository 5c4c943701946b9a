// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "rt/spsc_queue.hpp"

namespace stemwire::nodes::lv2 {

/// Records of bytes on their way from one thread to another. Each side is one thread. Guarantee: wait-free.
class RecordRing {
public:
    explicit RecordRing(std::size_t bytes) : ring_(bytes), pushed_(bytes), popped_(bytes) {}

    /// A copy of it, whole; false where there is no room.
    [[nodiscard]] bool push(const void* data, std::uint32_t size) noexcept
    {
        const std::size_t total = sizeof size + size;
        if (total > pushed_.size() || ring_.write_available() < total) return false;
        std::memcpy(pushed_.data(), &size, sizeof size);
        if (size > 0) std::memcpy(pushed_.data() + sizeof size, data, size);
        ring_.push(pushed_.data(), total);
        return true;
    }

    /// Calls `take(record)` for the oldest one, which is valid only then; false where there is none.
    template <class Take>
    bool pop(Take&& take) noexcept
    {
        std::uint32_t size = 0;
        if (ring_.read_available() < sizeof size) return false;
        ring_.pop(reinterpret_cast<std::byte*>(&size), sizeof size);
        ring_.pop(popped_.data(), size);
        take(std::span<const std::byte>(popped_.data(), size));
        return true;
    }

private:
    rt::SpscQueue<std::byte> ring_;      ///< a record's size, then the record: they become visible together
    std::vector<std::byte> pushed_;      ///< the producer's
    std::vector<std::byte> popped_;      ///< the consumer's
};

}  // namespace stemwire::nodes::lv2
