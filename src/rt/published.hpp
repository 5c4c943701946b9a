// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>

#include "stemwire/thread_roles.hpp"

namespace stemwire::rt {

/// A small record that one thread publishes and any number read: latest wins, never torn. A sequence lock over atomic words
/// (Boehm, "Can seqlocks get along with programming language memory models?", MSPC 2012, figure 6).
/// Guarantee: set is wait-free; try_get is wait-free and gives nothing while a set is under way; get is lock-free.
template <class T>
class Published {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    explicit Published(const T& value = {}) noexcept { set(value); }

    /// One writer at a time.
    void set(const T& value) noexcept
    {
        Words words{};
        std::memcpy(words.data(), &value, sizeof value);
        const auto sequence = sequence_.load(std::memory_order_relaxed);
        sequence_.store(sequence + 1, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_release);
        for (std::size_t i = 0; i < words.size(); ++i) words_[i].store(words[i], std::memory_order_relaxed);
        sequence_.store(sequence + 2, std::memory_order_release);
    }

    [[nodiscard]] std::optional<T> try_get() const noexcept
    {
        const auto before = sequence_.load(std::memory_order_acquire);
        Words words;
        for (std::size_t i = 0; i < words.size(); ++i) words[i] = words_[i].load(std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_acquire);
        if (before % 2 != 0 || sequence_.load(std::memory_order_relaxed) != before) return std::nullopt;
        T value;
        std::memcpy(static_cast<void*>(&value), words.data(), sizeof value);
        return value;
    }

    /// Not for the realtime side.
    [[nodiscard]] T get() const noexcept STEMWIRE_OFF(audio_thread)
    {
        for (;;)
            if (const auto value = try_get()) return *value;
    }

private:
    using Words = std::array<std::uint64_t, (sizeof(T) + 7) / 8>;
    std::atomic<std::uint64_t> sequence_{0};
    std::array<std::atomic<std::uint64_t>, (sizeof(T) + 7) / 8> words_{};
};

}  // namespace stemwire::rt
