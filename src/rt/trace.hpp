// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

/// Markers that say when what was done on which thread, for a TraceFile to write. Off, a marker costs one relaxed load and a branch.
namespace stemwire::rt::trace {

/// Nanoseconds of CLOCK_MONOTONIC, read without a system call; PipeWire's clocks count the same.
using Nanoseconds = std::int64_t;

[[nodiscard]] inline Nanoseconds nanoseconds(std::chrono::steady_clock::time_point time) noexcept
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

[[nodiscard]] inline Nanoseconds now() noexcept { return nanoseconds(std::chrono::steady_clock::now()); }

/// What a marker or a thread is called.
enum class Name : std::uint32_t { none };

/// The same for the same three texts, for good. `category` is what a viewer filters by, `number` what the marker's number is (`clock`).
/// Thread: any but realtime; allocates and locks.
[[nodiscard]] Name name(std::string_view category, std::string_view text, std::string_view number = "number");

namespace detail {
inline std::atomic<bool> is_on{false};
}

/// True while a TraceFile is open. Guarantee: wait-free, as all that follows; any thread.
[[nodiscard]] inline bool on() noexcept { return detail::is_on.load(std::memory_order_relaxed); }

/// What the calling thread is called from now on, where it is not `thread`. Before its first marker.
void call_thread(Name name) noexcept;

/// Something that took from `begin` to `end` on this thread. What does not fit into the thread's ring is lost, and counted.
void span(Name name, Nanoseconds begin, Nanoseconds end, std::int64_t number = 0) noexcept;
/// Something that happened now.
void instant(Name name, std::int64_t number = 0) noexcept;

/// Marks the time of a scope.
class Span {
public:
    explicit Span(Name name, std::int64_t number = 0) noexcept : name_(name), number_(number), begin_(on() ? now() : not_begun) {}
    ~Span() noexcept
    {
        if (begin_ != not_begun) span(name_, begin_, now(), number_);
    }
    Span(const Span&) = delete;
    Span& operator=(const Span&) = delete;

private:
    static constexpr Nanoseconds not_begun = -1;
    Name name_;
    std::int64_t number_;
    Nanoseconds begin_;
};

}  // namespace stemwire::rt::trace
