// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "host/pipewire/filter_node.hpp"

namespace stemwire::host {

/// What every cycle needs comes first, in one line of the cache.
struct alignas(64) FilterNode::Port {
    Port(spa_direction way, HostedPort port, bool open) : direction(way), gate(open), hosted(std::move(port)) {}

    void set_open(bool open);
    [[nodiscard]] const float* let_in(const float* buffer, std::uint32_t frames, float fade_frames) noexcept;
    void let_out(float* buffer, std::uint32_t frames, float fade_frames) noexcept;

    spa_direction direction;
    Gate gate;
    void* handle = nullptr;                 ///< the filter's; it has room for a pointer back to this
    const float* written = nullptr;         ///< where this cycle's sound is, if anywhere: the data loop's own
    std::atomic<float*> scratch{nullptr};   ///< the memory
    std::unique_ptr<float[]> memory{};      ///< of an input whose gate was ever closed
    HostedPort hosted;
    spa_latency_info latency[2]{SPA_LATENCY_INFO(SPA_DIRECTION_INPUT), SPA_LATENCY_INFO(SPA_DIRECTION_OUTPUT)};  ///< of all that is downstream, and upstream
    bool wanted = true;
};

/// What the data loop processes with. Never changes once it is published: another takes its place.
struct FilterNode::Seating {
    explicit Seating(std::shared_ptr<Runner> with_runner) : runner(std::move(with_runner)) {}

    template <class Buffers>
    static void place(const PortPointers& from, bool with_dropped, std::vector<Port*>& slots, Buffers& buffers)
    {
        // What goes sounds until its links are faded out; what is wanted comes first where both had one slot.
        for (const bool wanted : {false, true})
            for (const auto& port : from) {
                if (port->wanted != wanted || (!wanted && !with_dropped)) continue;
                if (slots.size() <= port->hosted.slot) slots.resize(port->hosted.slot + 1);
                slots[port->hosted.slot] = port.get();
            }
        buffers.resize(slots.size());
    }

    std::shared_ptr<Runner> runner;
    std::vector<Port*> inputs;   ///< [slot]; null: no such port
    std::vector<Port*> outputs;
    std::vector<const float*> input_buffers;
    std::vector<float*> output_buffers;
};

}  // namespace stemwire::host
