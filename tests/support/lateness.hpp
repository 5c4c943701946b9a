// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <ctime>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sched.h>

namespace stemwire::test {

/// On every processor a thread that nothing of ours may hold up, which sleeps for a millisecond again and again and sees how late it wakes.
class Lateness {
public:
    Lateness()
    {
        for (unsigned processor = 0; processor < std::thread::hardware_concurrency(); ++processor) threads_.emplace_back([this, processor](const std::stop_token& stop) { run(stop, processor); });
    }
    void begin() noexcept { worst_ns_.store(0); }
    [[nodiscard]] long worst_ns() const noexcept { return worst_ns_.load(); }

private:
    static constexpr long period_ns = 1'000'000;

    void run(const std::stop_token& stop, unsigned processor)
    {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(processor, &set);
        pthread_setaffinity_np(pthread_self(), sizeof set, &set);
        const sched_param highest{sched_get_priority_max(SCHED_FIFO)};
        // Without the right to it we cannot tell a late machine from a busy one, and excuse nothing.
        if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &highest) != 0) return;
        timespec at{};
        clock_gettime(CLOCK_MONOTONIC, &at);
        while (!stop.stop_requested()) {
            at.tv_nsec += period_ns;
            if (at.tv_nsec >= 1'000'000'000) at = {at.tv_sec + 1, at.tv_nsec - 1'000'000'000};
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
            timespec now{};
            clock_gettime(CLOCK_MONOTONIC, &now);
            const long late = (now.tv_sec - at.tv_sec) * 1'000'000'000 + now.tv_nsec - at.tv_nsec;
            for (long worst = worst_ns_.load(); late > worst && !worst_ns_.compare_exchange_weak(worst, late);) {}
            if (late > period_ns) at = now;
        }
    }

    std::atomic<long> worst_ns_{0};
    std::vector<std::jthread> threads_;
};

}  // namespace stemwire::test
