// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>

#include <spa/node/io.h>

#include "host/clock_map.hpp"
#include "stemwire/units.hpp"

namespace stemwire::host {

/// Makes one clock out of the drivers' clocks: it never goes back and never jumps when the driver changes, and follows
/// when a driver says that it lost cycles. All nodes share one; whoever comes first in a cycle moves it on.
/// With other processes it keeps one clock by a map of the driver's that all share.
class SessionClock {
public:
    /// Before the first cycle.
    void share(const SharedClock& shared) noexcept { shared_ = shared; }

    /// The clock frame at which the driver's current cycle begins: the same for every node that asks in this cycle, and for one that
    /// asks again. Guarantee: wait-free. Thread: the one data loop that all nodes are on.
    Frames enter(const spa_io_clock& clock) noexcept;

    /// What a node missed, or was late for, while the clock went on: counts the cycles from `from` up to `to`, each once, whichever nodes missed it.
    /// Guarantee: wait-free. Thread: the data loop.
    void missed(Frames from, Frames to) noexcept;

    /// The server is another one: whatever its drivers say is another beginning. Thread: control.
    void begin_anew() noexcept
    {
        driver_.store(SPA_ID_INVALID, std::memory_order_relaxed);
        anew_.store(true, std::memory_order_release);
    }

    /// The clock at the end of the latest cycle. This and the following: any thread, wait-free.
    [[nodiscard]] Frames end() const noexcept { return end_.load(std::memory_order_acquire); }
    [[nodiscard]] std::uint64_t xruns() const noexcept { return xruns_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint32_t driver() const noexcept { return driver_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint32_t rate_hz() const noexcept { return rate_hz_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint32_t quantum() const noexcept { return quantum_.load(std::memory_order_relaxed); }

private:
    void follow_map(const spa_io_clock& clock) noexcept;
    [[nodiscard]] Frames advance(const spa_io_clock& clock, bool anew) noexcept;

    SharedClock shared_;

    // The data loop's own.
    bool begun_ = false;
    std::uint32_t id_ = 0;
    std::uint64_t position_ = 0;
    std::uint64_t duration_ = 0;
    Frames begin_ = 0;  ///< session clock at position_
    Frames counted_ = 0;  ///< cycles that were missed before this are counted

    std::atomic<bool> anew_{false};
    std::atomic<Frames> end_{0};
    std::atomic<std::uint64_t> xruns_{0};
    std::atomic<std::uint32_t> driver_{SPA_ID_INVALID};
    std::atomic<std::uint32_t> rate_hz_{0};
    std::atomic<std::uint32_t> quantum_{0};
};

}  // namespace stemwire::host
