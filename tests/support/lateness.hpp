// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <ctime>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sched.h>

namespace stemwire::test {

/// On every processor a thread that nothing of ours may hold up, which sleeps for a moment again and again and sees how late it wakes.
class Lateness {
public:
    struct Look {
        std::int64_t look_every_ns = 1'000'000;
        std::int64_t stall_ns = std::numeric_limits<std::int64_t>::max();  ///< what is as late as this is remembered
    };
    /// From when a thread should have woken to when it did.
    struct Stall {
        std::int64_t from_ns;
        std::int64_t to_ns;
    };

    Lateness() : Lateness(Look{}) {}
    explicit Lateness(const Look& look) : look_(look)
    {
        for (unsigned processor = 0; processor < std::thread::hardware_concurrency(); ++processor) threads_.emplace_back([this, processor](const std::stop_token& stop) { run(stop, processor); });
    }
    void begin() noexcept { worst_ns_.store(0); }
    [[nodiscard]] std::int64_t worst_ns() const noexcept { return worst_ns_.load(); }
    /// The latest, on whichever processor. None without the right to the highest priority.
    [[nodiscard]] std::vector<Stall> stalls()
    {
        const std::lock_guard lock(mutex_);
        return stalls_;
    }

    /// The clock that all this is told in.
    [[nodiscard]] static std::int64_t now_ns() noexcept
    {
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * second_ns + now.tv_nsec;
    }

private:
    void run(const std::stop_token& stop, unsigned processor)
    {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(processor, &set);
        pthread_setaffinity_np(pthread_self(), sizeof set, &set);
        const sched_param highest{sched_get_priority_max(SCHED_FIFO)};
        // Without the right to it we cannot tell a late machine from a busy one, and excuse nothing.
        if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &highest) != 0) return;
        for (std::int64_t at = now_ns(); !stop.stop_requested();) {
            at += look_.look_every_ns;
            const timespec wake{at / second_ns, at % second_ns};
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nullptr);
            const std::int64_t now = now_ns();
            for (std::int64_t worst = worst_ns_.load(); now - at > worst && !worst_ns_.compare_exchange_weak(worst, now - at);) {}
            if (now - at >= look_.stall_ns) remember({at, now});
            if (now - at > look_.look_every_ns) at = now;
        }
    }

    void remember(const Stall& stall)
    {
        const std::lock_guard lock(mutex_);
        stalls_.push_back(stall);
    }

    static constexpr std::int64_t second_ns = 1'000'000'000;

    Look look_;
    std::atomic<std::int64_t> worst_ns_{0};
    std::mutex mutex_;
    std::vector<Stall> stalls_;
    std::vector<std::jthread> threads_;
};

}  // namespace stemwire::test
