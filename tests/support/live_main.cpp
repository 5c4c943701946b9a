// SPDX-License-Identifier: GPL-3.0-or-later
// The main of tests that play in real time. Where one fails while the machine itself was late, it says nothing of us: the program then ends
// as one that was skipped, and names what was late.
#include <array>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sched.h>

#include <gtest/gtest.h>

namespace {

constexpr int skipped_status = 77;  // meson's
constexpr long period_ns = 1'000'000;
/// Cycles of the tests' servers last 5.3 ms, of which some is ours: who is woken so late cannot be in time.
constexpr long late_ns = 2'000'000;

/// On every processor a thread that nothing of ours may hold up, which sleeps for a millisecond again and again and sees how late it wakes.
class Watch {
public:
    Watch()
    {
        for (unsigned processor = 0; processor < std::thread::hardware_concurrency(); ++processor) threads_.emplace_back([this, processor](const std::stop_token& stop) { run(stop, processor); });
    }
    void begin() noexcept { worst_ns_.store(0); }
    [[nodiscard]] long worst_ns() const noexcept { return worst_ns_.load(); }

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

class Excuses : public testing::EmptyTestEventListener {
public:
    [[nodiscard]] int status(int of_tests) const noexcept { return of_tests != 0 && failed_ == 0 && excused_ > 0 ? skipped_status : of_tests; }

private:
    void OnTestStart(const testing::TestInfo&) override { watch_.begin(); }
    void OnTestEnd(const testing::TestInfo& test) override
    {
        if (!test.result()->Failed()) return;
        const bool late = watch_.worst_ns() > late_ns;
        ++(late ? excused_ : failed_);
        if (late)
            std::printf("%s.%s is excused: this machine woke a thread of the highest priority %.1f ms late\n", test.test_suite_name(), test.name(),
                        static_cast<double>(watch_.worst_ns()) / 1e6);
    }

    Watch watch_;
    int failed_ = 0;
    int excused_ = 0;
};

}  // namespace

int main(int argc, char** argv)
{
    testing::InitGoogleTest(&argc, argv);
    auto* excuses = new Excuses;  // the list of listeners owns it
    testing::UnitTest::GetInstance()->listeners().Append(excuses);
    const int of_tests = RUN_ALL_TESTS();
    return excuses->status(of_tests);
}
