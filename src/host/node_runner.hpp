// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host/delay_line.hpp"
#include "host/runner.hpp"
#include "rt/transport_schedule.hpp"
#include "stemwire/node.hpp"

namespace stemwire::host {

/// A node with what every host puts around it: the transport's cycle, the delays that align it, zeros for what is not
/// linked, denormals flushed, and counters. Live and offline run nodes through this and nothing else.
class NodeRunner final : public Runner {
public:
    /// All references must outlive it.
    NodeRunner(std::string name, Node& node, const Ports& ports, const rt::TransportSchedule& transport);

    /// Allocates what stands around the node, which must be prepared for `max_frames` itself; delays are in frames, one per port.
    /// Never beside run.
    void prepare(std::uint32_t max_frames, std::span<const std::uint32_t> input_delays, std::span<const std::uint32_t> output_delays);
    /// From now on the node is not run and its outputs are silent, until prepare. The caller waits for a cycle to pass before it touches the node.
    void suspend() noexcept { prepared_.store(false, std::memory_order_release); }
    /// Fades the outputs to silence over this many frames, from the next cycle on; it stays silent. Wait-free.
    void fade_out(std::uint32_t frames) noexcept { fade_frames_.store(frames, std::memory_order_relaxed); }

    /// More than max_frames are cut into several cycles. Before prepare it writes silence.
    void run(Frames clock, std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames) noexcept override;

    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    [[nodiscard]] Node& node() noexcept { return node_; }
    [[nodiscard]] const Ports& ports() const noexcept override { return ports_; }
    /// Time spent in run so far.
    [[nodiscard]] Load load() const noexcept override;

private:
    void run_piece(Frames clock, std::uint32_t offset, std::span<const float* const> inputs, std::span<float* const> outputs,
                   std::uint32_t frames) noexcept STEMWIRE_ON(audio_thread);
    void fade(std::span<float* const> outputs, std::uint32_t frames) noexcept;
    void count(std::uint64_t nanoseconds) noexcept;

    std::string name_;
    Node& node_;
    const Ports& ports_;
    const rt::TransportSchedule& transport_;
    rt::TransportSchedule::Memory transport_memory_;
    std::uint32_t max_frames_ = 0;
    std::atomic<bool> prepared_{false};
    std::atomic<std::uint32_t> fade_frames_{0};  ///< 0: no fade
    std::uint32_t faded_ = 0;                    ///< frames of the fade that are done

    std::vector<DelayLine> input_delays_;
    std::vector<DelayLine> output_delays_;
    std::vector<std::vector<float>> delayed_inputs_;  ///< [port][frame], only where there is a delay
    std::vector<std::vector<float>> unheard_outputs_;  ///< [port][frame]
    std::vector<float> zeros_;
    std::vector<const float*> node_inputs_;
    std::vector<float*> node_outputs_;

    std::atomic<std::uint64_t> cycles_{0};
    std::atomic<std::uint64_t> busy_ns_{0};
    std::atomic<std::uint64_t> worst_ns_{0};
};

}  // namespace stemwire::host
