// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>

namespace stemwire::test {

/// Counts what this thread does, while it lives, that processing must not do: it allocates, frees, locks, waits, wakes another thread, throws, or
/// calls the system. Needs realtime_guard.cpp in the program. One at a time on each thread.
class RealtimeGuard {
public:
    RealtimeGuard() noexcept;
    ~RealtimeGuard();
    RealtimeGuard(const RealtimeGuard&) = delete;
    RealtimeGuard& operator=(const RealtimeGuard&) = delete;

    [[nodiscard]] std::size_t offences() const noexcept;
    /// The functions that were called, in order, at most the first few: `malloc free`.
    [[nodiscard]] std::string calls() const;
};

/// Where offences are told as they happen, beside being counted; none at first. It is called on the offending thread, which is not guarded meanwhile.
using TellOffence = void (*)(const char* call) noexcept;
void tell_offences_to(TellOffence tell) noexcept;

}  // namespace stemwire::test
