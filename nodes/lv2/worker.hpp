// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <thread>

#include <lv2/worker/worker.h>

#include "nodes/lv2/record_ring.hpp"

namespace stemwire::nodes::lv2 {

/// Does for one instance what it must not do while it runs (the LV2 worker extension): on a thread of its own, or offline at once.
class Worker {
public:
    Worker() : schedule_{this, &Worker::schedule} {}
    ~Worker() { stop(); }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// What the plugin is given as the feature `schedule`.
    [[nodiscard]] LV2_Worker_Schedule& feature() noexcept { return schedule_; }
    /// Once the instance is there; `interface` may be null. Until `start`, work is done by whoever asks for it.
    void attach(LV2_Handle instance, const LV2_Worker_Interface* interface) noexcept
    {
        instance_ = instance;
        interface_ = interface;
    }
    /// From now on a thread does the work. Before the first run.
    void start();
    /// Waits for the work that is being done. Never beside a run. Guarantee: blocking.
    void stop();
    /// Hands over what was done since the last run, and says that this one is over. After each run. Guarantee: wait-free.
    void end_run() noexcept;

private:
    static LV2_Worker_Status schedule(LV2_Worker_Schedule_Handle worker, std::uint32_t size, const void* data) noexcept;
    static LV2_Worker_Status respond(LV2_Worker_Respond_Handle worker, std::uint32_t size, const void* data) noexcept;
    void work(std::span<const std::byte> request) noexcept;

    static constexpr std::size_t ring_bytes = 65536;
    LV2_Worker_Schedule schedule_;
    LV2_Handle instance_ = nullptr;
    const LV2_Worker_Interface* interface_ = nullptr;
    RecordRing requests_{ring_bytes};   ///< producer: the thread that runs the plugin; consumer: the worker
    RecordRing responses_{ring_bytes};  ///< the other way
    std::jthread thread_;
};

}  // namespace stemwire::nodes::lv2
