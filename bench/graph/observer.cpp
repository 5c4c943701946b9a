// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/graph/observer.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include <pipewire/filter.h>
#include <pipewire/pipewire.h>

#include "bench/graph/client.hpp"
#include "bench/graph/process.hpp"
#include "tests/support/lateness.hpp"

namespace stemwire::bench {

namespace {

constexpr double patience_s = 5;
constexpr std::size_t most_leaps = 100000;
/// A stall belongs to what was missed, or to the cycles before, in which who was late began.
constexpr std::int64_t cycles_before = 2;

struct Leap {
    std::int64_t seen_ns;
    std::int64_t missed;
};

/// A node that sees where the position leaps from one of its cycles to the next.
class LeapMeter {
public:
    explicit LeapMeter(pw_core* core) : leaps_(most_leaps)
    {
        static const pw_filter_events events = [] {
            pw_filter_events table{};
            table.version = PW_VERSION_FILTER_EVENTS;
            table.process = [](void* data, spa_io_position* position) { static_cast<LeapMeter*>(data)->process(position->clock); };
            return table;
        }();
        filter_ = new_filter(core, name);
        pw_filter_add_listener(filter_, &listener_, &events, this);
        add_port(filter_, PW_DIRECTION_INPUT, port);
        if (pw_filter_connect(filter_, PW_FILTER_FLAG_RT_PROCESS, nullptr, 0) < 0) throw std::runtime_error("no node that observes");
    }
    ~LeapMeter() { pw_filter_destroy(filter_); }
    LeapMeter(const LeapMeter&) = delete;
    LeapMeter& operator=(const LeapMeter&) = delete;

    /// Any thread: it may hold what comes meanwhile.
    [[nodiscard]] std::vector<Leap> leaps() const { return {leaps_.begin(), leaps_.begin() + static_cast<std::ptrdiff_t>(count_.load(std::memory_order_acquire))}; }
    static constexpr const char* name = "graph-observer";
    static constexpr const char* port = "in";
    [[nodiscard]] bool runs() const noexcept { return next_.load(std::memory_order_relaxed) != 0; }

private:
    void process(const spa_io_clock& clock) noexcept
    {
        const std::uint64_t expected = next_.load(std::memory_order_relaxed);
        const std::size_t count = count_.load(std::memory_order_relaxed);
        if (expected != 0 && clock.position > expected && count < leaps_.size()) {
            const auto missed = static_cast<std::int64_t>((clock.position - expected) / std::max<std::uint64_t>(clock.duration, 1));
            leaps_[count] = {test::Lateness::now_ns(), std::max<std::int64_t>(missed, 1)};
            count_.store(count + 1, std::memory_order_release);
        }
        next_.store(clock.position + clock.duration, std::memory_order_relaxed);
    }

    pw_filter* filter_ = nullptr;
    spa_hook listener_{};
    std::vector<Leap> leaps_;
    std::atomic<std::size_t> count_{0};
    std::atomic<std::uint64_t> next_{0};
};

std::atomic<std::int64_t> begun_ns{0};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

Missed count(const std::vector<Leap>& leaps, const std::vector<test::Lateness::Stall>& stalls, std::int64_t cycle_ns)
{
    Missed missed;
    for (const auto& stall : stalls)
        if (stall.to_ns > begun_ns) missed.latest_us = std::max(missed.latest_us, static_cast<double>(stall.to_ns - stall.from_ns) / 1e3);
    for (const Leap& leap : leaps) {
        if (leap.seen_ns < begun_ns) continue;
        const std::int64_t from = leap.seen_ns - (leap.missed + cycles_before) * cycle_ns;
        std::int64_t stood_still_ns = 0;
        for (const auto& stall : stalls)
            if (stall.to_ns > from && stall.from_ns < leap.seen_ns) stood_still_ns += stall.to_ns - stall.from_ns;
        const bool stood_still = stood_still_ns >= cycle_ns / 4;
        (stood_still ? missed.beside_stalls : missed.unexplained) += static_cast<std::size_t>(leap.missed);
    }
    return missed;
}

}  // namespace

int run_observer(long cycle_ns)
{
    std::signal(SIGUSR1, [](int) { begun_ns = test::Lateness::now_ns(); });
    Client client;
    const LeapMeter meter(client.core());
    test::Lateness lateness({.look_every_ns = cycle_ns / 4, .stall_ns = cycle_ns / 20});
    // Behind all that is measured: its cycle is missed where anybody's is.
    const auto found = [&] { return client.feeds("null-sink") && client.port(LeapMeter::name, LeapMeter::port); };
    if (!client.run_until(found, patience_s)) throw std::runtime_error("there is nothing to observe");
    client.link(*client.feeds("null-sink"), *client.port(LeapMeter::name, LeapMeter::port));
    if (!client.run_until([&] { return meter.runs(); }, patience_s)) throw std::runtime_error("the node that observes does not run");
    std::printf("ready\n");
    std::fflush(stdout);
    client.run_until_ended();
    const Missed missed = count(meter.leaps(), lateness.stalls(), cycle_ns);
    std::printf("%zu %zu %.3f\n", missed.beside_stalls, missed.unexplained, missed.latest_us);
    return 0;
}

Missed observed(const std::string& log)
{
    Missed missed;
    if (std::sscanf(read_file(log).c_str(), "ready\n%zu %zu %lf", &missed.beside_stalls, &missed.unexplained, &missed.latest_us) != 3)
        throw std::runtime_error("nobody observed:\n" + read_file(log));
    return missed;
}

}  // namespace stemwire::bench
