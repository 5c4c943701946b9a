// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <pthread.h>
#include <sched.h>

namespace stemwire::rt {

/// Lets the calling thread work for the realtime side: SCHED_FIFO, below every data loop (83 … 88), above all that is not realtime. Where that is not
/// allowed, it does its best.
inline void raise_worker_priority() noexcept
{
    sched_param wanted{};
    wanted.sched_priority = 10;
    pthread_setschedparam(pthread_self(), SCHED_FIFO, &wanted);
}

/// How long a worker that is given `latency` frames sleeps between two looks for work: the realtime side cannot wake anyone without a system call.
[[nodiscard]] inline std::chrono::duration<double> worker_glance(std::uint32_t latency, double rate_hz) noexcept
{
    constexpr double glances_per_latency = 4.0;
    constexpr std::chrono::duration<double> longest{0.002};
    return std::min(longest, std::chrono::duration<double>(latency / rate_hz / glances_per_latency));
}

}  // namespace stemwire::rt
