// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <ctime>
#include <mutex>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sched.h>

namespace stemwire::test {

/// On every processor a thread that nothing of ours may hold up, which sleeps for a quarter of a cycle again and again and sees how late it wakes.
class Lateness {
public:
    /// Cycles, in which something begins to work, and how long it does.
    struct Cycles {
        std::int64_t length_ns;
        std::int64_t work_ns;
    };

    explicit Lateness(const Cycles& cycles = {4'000'000, 0}) : cycles_(cycles), period_ns_(cycles.length_ns / 4)
    {
        for (unsigned processor = 0; processor < std::thread::hardware_concurrency(); ++processor) threads_.emplace_back([this, processor](const std::stop_token& stop) { run(stop, processor); });
    }
    void begin() noexcept
    {
        worst_ns_.store(0);
        missed_.store(0);
    }
    [[nodiscard]] std::int64_t worst_ns() const noexcept { return worst_ns_.load(); }
    /// Cycles whose work would not have been over in time, had it been about to begin on whichever processor stood still; where several did, once.
    /// 0 without the right to the highest priority.
    [[nodiscard]] std::uint64_t missed() const noexcept { return missed_.load(); }

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
            at += period_ns_;
            const timespec wake{at / second_ns, at % second_ns};
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nullptr);
            const std::int64_t now = now_ns();
            for (std::int64_t worst = worst_ns_.load(); now - at > worst && !worst_ns_.compare_exchange_weak(worst, now - at);) {}
            if (now - at + cycles_.work_ns >= cycles_.length_ns) miss(at, now);
            if (now - at > period_ns_) at = now;
        }
    }

    static std::int64_t now_ns()
    {
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * second_ns + now.tv_nsec;
    }

    void miss(std::int64_t from, std::int64_t to)
    {
        const std::lock_guard lock(mutex_);
        from = std::max(from, missed_to_);
        if (from >= to) return;
        missed_ += static_cast<std::uint64_t>((to - from + cycles_.work_ns) / cycles_.length_ns);
        missed_to_ = to;
    }

    static constexpr std::int64_t second_ns = 1'000'000'000;

    Cycles cycles_;
    std::int64_t period_ns_;
    std::atomic<std::int64_t> worst_ns_{0};
    std::atomic<std::uint64_t> missed_{0};
    std::mutex mutex_;
    std::int64_t missed_to_ = 0;
    std::vector<std::jthread> threads_;
};

}  // namespace stemwire::test
