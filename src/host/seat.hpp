// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "host/port_delays.hpp"
#include "stemwire/node.hpp"

namespace stemwire::host {

/// Delays in frames, one for each port; missing ones are 0.
struct Delays {
    std::vector<std::uint32_t> inputs;
    std::vector<std::uint32_t> outputs;
};

/// Where a node's ports are found among a runner's buffers: [port] → slot.
struct Slots {
    std::vector<std::uint32_t> inputs;
    std::vector<std::uint32_t> outputs;
    friend bool operator==(const Slots&, const Slots&) = default;
};

/// Buffers by slot, from one frame on. What is not there is null.
template <class T>
struct Slotted {
    std::span<T* const> buffers;
    std::uint32_t offset = 0;

    [[nodiscard]] T* operator[](std::size_t slot) const noexcept { return slot < buffers.size() && buffers[slot] != nullptr ? buffers[slot] + offset : nullptr; }
};

/// A node on its place: with buffers for what is not linked, and with the delays that align it.
class Seat {
public:
    /// Allocates all that processing needs for pieces of at most `max_frames`. The node is prepared by the caller.
    /// Counts in `faults`, which outlives it, the samples that the node wrote and that are no sound.
    Seat(std::shared_ptr<Node> node, Slots slots, const Delays& delays, std::uint32_t max_frames, std::uint32_t fade_frames, std::atomic<std::uint64_t>& faults);

    [[nodiscard]] Node& node() const noexcept { return *node_; }
    [[nodiscard]] const Slots& slots() const noexcept { return slots_; }
    /// Whether an output has this slot.
    [[nodiscard]] bool writes(std::size_t slot) const noexcept { return slot < writes_.size() && writes_[slot]; }
    /// Faded to over a few milliseconds. Control's side.
    void change_delays(const Delays& delays);
    void collect();

    /// One piece of a cycle. What the node says that is no number, or above +200 dB, is silence. Guarantee: wait-free.
    void process(const TransportCycle& cycle, Slotted<const float> inputs, Slotted<float> outputs, std::uint32_t frames) noexcept STEMWIRE_ON(audio_thread);

private:
    void silence_faults(std::uint32_t frames) noexcept;

    std::shared_ptr<Node> node_;
    Slots slots_;
    std::vector<bool> writes_;                       ///< [slot]
    PortDelays input_delays_;
    PortDelays output_delays_;
    std::vector<std::unique_ptr<float[]>> unheard_;  ///< [output][frame]; pages that are never used are never there
    std::vector<const float*> inputs_;               ///< [input]
    std::vector<float*> outputs_;                    ///< [output]
    std::atomic<std::uint64_t>& faults_;
};

/// Silence for every input that has no link, `largest_batch` frames of it.
[[nodiscard]] const float* silence() noexcept;

}  // namespace stemwire::host
