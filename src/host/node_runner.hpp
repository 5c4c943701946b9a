// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "host/runner.hpp"
#include "host/seat.hpp"
#include "rt/handover.hpp"
#include "rt/trace.hpp"
#include "rt/transport_schedule.hpp"
#include "stemwire/node.hpp"

namespace stemwire::host {

/// A node with what every host puts around it: the transport's cycle, the delays that align it, zeros for what is not
/// linked, denormals flushed, and counters. Live and offline run nodes through this and nothing else.
/// The node can be replaced by another while it plays; ports that both have keep their slots.
/// Thread: `run` as Runner says; all else belongs to control.
class NodeRunner final : public Runner {
public:
    /// The transport outlives it.
    NodeRunner(std::string name, std::shared_ptr<Node> node, Ports ports, const rt::TransportSchedule& transport);
    /// With a node that outlives it.
    NodeRunner(std::string name, Node& node, const Ports& ports, const rt::TransportSchedule& transport);
    ~NodeRunner() override;

    /// Allocates what stands around the node, which must be prepared for `max_frames` itself; delays are in frames, one per port.
    /// Never beside run.
    void prepare(std::uint32_t max_frames, std::span<const std::uint32_t> input_delays, std::span<const std::uint32_t> output_delays, double rate_hz = 48000);
    /// From now on the node is not run and its outputs are silent, until prepare. The caller waits for a cycle to pass before it touches the node.
    void suspend() noexcept { prepared_.store(false, std::memory_order_release); }
    /// Fades the outputs to silence over this many frames, from the next cycle on; it stays silent. Wait-free.
    void fade_out(std::uint32_t frames) noexcept { fade_frames_.store(frames, std::memory_order_relaxed); }

    struct Replacement {
        std::shared_ptr<Node> node;  ///< prepared
        Ports ports;
        Delays delays;
        Frames from_clock = 0;       ///< not before the cycle that begins here
    };
    /// Puts another node in the place of the one that is there, over 20 ms: where neither has a tail, both are heard and the outputs are faded;
    /// where one has, the input is led over from one to the other, and the old one goes on until its tail has died away. The prepared state stays.
    void replace(Replacement replacement);
    /// Other delays for the same ports, faded to.
    void change_delays(const Delays& delays);
    /// Frees what the realtime side no longer needs; to be called now and then.
    void collect();
    /// True while a replacement waits or is faded to; not while an old tail dies away.
    [[nodiscard]] bool changing() const noexcept;

    /// More than max_frames are cut into several cycles. Before prepare it writes silence.
    void run(const CycleStart& start, std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames) noexcept override;

    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    /// The node that is there, or is about to be.
    [[nodiscard]] Node& node() const noexcept { return *node_; }
    [[nodiscard]] const Ports& ports() const noexcept override { return ports_; }
    /// [port] of `ports()` → slot.
    [[nodiscard]] const Slots& slots() const noexcept { return slots_; }
    /// Slots that there have ever been.
    [[nodiscard]] std::size_t input_slot_count() const noexcept { return input_names_.size(); }
    [[nodiscard]] std::size_t output_slot_count() const noexcept { return output_names_.size(); }
    /// Time spent in run so far.
    [[nodiscard]] Load load() const noexcept override;
    /// Samples that the node wrote and that are no sound (no number, or above +200 dB), made silent. Any thread.
    [[nodiscard]] std::uint64_t faults() const noexcept { return faults_.load(std::memory_order_relaxed); }
    /// True once after the first of them.
    [[nodiscard]] bool take_first_fault() noexcept { return faults() > 0 && !std::exchange(fault_said_, true); }
    /// The longest cycle since the last question. One caller, any thread.
    [[nodiscard]] Spike take_spike() noexcept;

private:
    struct Change;
    enum class Phase { steady, fading, ringing, hurrying };

    [[nodiscard]] static std::vector<std::uint32_t> find_slots(std::vector<std::string>& names, const std::vector<PortGroup>& groups);
    [[nodiscard]] std::unique_ptr<Seat> make_seat(const Delays& delays) const;

    void run_piece(const CycleStart& start, Slotted<const float> inputs, Slotted<float> outputs, std::uint32_t frames) noexcept STEMWIRE_ON(audio_thread);
    void begin_change(Frames clock) noexcept;
    void run_fading(const TransportCycle& cycle, Slotted<const float> inputs, Slotted<float> outputs, std::uint32_t frames) noexcept STEMWIRE_ON(audio_thread);
    void run_ringing(const TransportCycle& cycle, Slotted<const float> inputs, Slotted<float> outputs, std::uint32_t frames) noexcept STEMWIRE_ON(audio_thread);
    void advance_change(std::uint32_t frames) noexcept;
    void fade(Slotted<float> outputs, std::uint32_t frames) noexcept;
    void count(Frames clock, std::uint64_t nanoseconds) noexcept;

    // Control's.
    std::string name_;
    rt::trace::Name mark_;
    std::shared_ptr<Node> node_;
    Ports ports_;
    std::vector<std::string> input_names_;   ///< [slot]
    std::vector<std::string> output_names_;  ///< [slot]
    Slots slots_;
    std::uint32_t handover_frames_ = 0;
    bool fault_said_ = false;
    Seat* latest_ = nullptr;                 ///< of the node above; owned by who holds it

    // From here on what every cycle needs stands together: where nodes are many, most of what one costs is the way of its memory into the cache.
    const rt::TransportSchedule& transport_;
    std::atomic<bool> prepared_{false};
    std::atomic<Frames> change_from_{0};         ///< of what is offered
    std::atomic<bool> fading_over_{false};
    std::atomic<std::uint32_t> fade_frames_{0};  ///< 0: no fade

    // The data loop's.
    std::uint32_t max_frames_ = 0;
    std::unique_ptr<Seat> seat_;
    std::unique_ptr<Change> change_;             ///< with the seat that goes, unless steady
    Phase phase_ = Phase::steady;
    Frames faded_over_ = 0;                      ///< frames since the change, or the hurry, began
    std::uint32_t faded_ = 0;                    ///< frames of the fade out that are done
    std::uint32_t question_ = 0;                 ///< that the spike answers
    std::uint64_t spike_ns_ = 0;

    std::atomic<std::uint64_t> cycles_{0};
    mutable std::atomic<std::uint64_t> faults_{0};  ///< the seats count
    std::atomic<std::uint64_t> busy_ns_{0};
    std::atomic<std::uint64_t> worst_ns_{0};
    struct Answer {
        std::uint32_t question;
        Spike spike;
    };
    std::atomic<std::uint32_t> questions_{0};    ///< how often the longest cycle was asked for
    rt::Handover<Change> handover_;
    rt::TransportSchedule::Memory transport_memory_;
    rt::Published<Answer> spike_;
};

}  // namespace stemwire::host
