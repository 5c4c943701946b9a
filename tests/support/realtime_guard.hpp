// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace stemwire::test {

/// Counts what this thread does, while it lives, that processing must not do: it allocates, frees, or locks a mutex. Needs
/// realtime_guard.cpp in the program.
class RealtimeGuard {
public:
    RealtimeGuard() noexcept;
    ~RealtimeGuard();
    RealtimeGuard(const RealtimeGuard&) = delete;
    RealtimeGuard& operator=(const RealtimeGuard&) = delete;

    [[nodiscard]] std::size_t offences() const noexcept;
};

}  // namespace stemwire::test
