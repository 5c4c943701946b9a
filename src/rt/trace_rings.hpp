// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "rt/spsc_queue.hpp"
#include "rt/trace.hpp"

/// What lies between the markers and the file; for TraceFile alone.
namespace stemwire::rt::trace {

struct Event {
    enum class Kind : std::uint32_t { span, instant };
    Nanoseconds begin;
    Nanoseconds end;
    std::int64_t number;
    Name name;
    Kind kind;
};

/// 256 nodes at quantum 64 make 400 markers a millisecond: 40 ms of them, and the writer comes every 10 ms.
constexpr std::size_t ring_events = 16384;
/// More threads than any session has: the data loops, the workers, the main loop.
constexpr std::size_t most_threads = 32;

/// One thread's markers. Producer: the thread that has claimed it, until it ends. Consumer: the one open TraceFile's writer.
struct Ring {
    SpscQueue<Event> events{ring_events};
    Name thread = Name::none;  ///< the producer's; may be read once an event has been
};

/// They live as long as the program: a thread that was about to write when a trace ended may still do so.
class Rings {
public:
    /// Allocates and touches every ring, so that a marker never faults a page in.
    Rings();
    [[nodiscard]] static Rings& get();

    /// A free ring, for good; nothing when all are taken. Wait-free.
    [[nodiscard]] Ring* claim(Name thread) noexcept;
    [[nodiscard]] Ring& ring(std::size_t index) noexcept { return *rings_[index]; }

    std::atomic<std::uint64_t> lost{0};  ///< markers

private:
    std::array<std::unique_ptr<Ring>, most_threads> rings_;
    std::atomic<std::size_t> claimed_{0};
};

struct NameText {
    std::string category;
    std::string text;
    std::string number;
};

/// The texts of a name. Thread: any but realtime.
[[nodiscard]] NameText text_of(Name name);

}  // namespace stemwire::rt::trace
