// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/seat.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace stemwire::host {

namespace {

std::vector<bool> marked(const std::vector<std::uint32_t>& slots)
{
    std::vector<bool> marks(slots.empty() ? 0 : std::ranges::max(slots) + 1, false);
    for (const std::uint32_t slot : slots) marks[slot] = true;
    return marks;
}

// +200 dB: what is louder is no sound but a fault, and sums of it would soon be infinite.
constexpr float loudest = 1e10f;

/// True for what is no number as well.
bool is_fault(float sample) noexcept
{
    return !(std::abs(sample) <= loudest);
}

}  // namespace

const float* silence() noexcept
{
    static constexpr std::array<float, largest_batch> zeros{};
    return zeros.data();
}

Seat::Seat(std::shared_ptr<Node> node, Slots slots, const Delays& delays, std::uint32_t max_frames, std::uint32_t fade_frames, std::atomic<std::uint64_t>& faults)
    : node_(std::move(node)), slots_(std::move(slots)), writes_(marked(slots_.outputs)), input_delays_(slots_.inputs.size(), delays.inputs, max_frames, fade_frames),
      output_delays_(slots_.outputs.size(), delays.outputs, max_frames, fade_frames), inputs_(slots_.inputs.size(), silence()), outputs_(slots_.outputs.size(), nullptr), faults_(faults)
{
    for (std::size_t port = 0; port < outputs_.size(); ++port) unheard_.push_back(std::make_unique_for_overwrite<float[]>(max_frames));
}

void Seat::change_delays(const Delays& delays)
{
    input_delays_.change(delays.inputs);
    output_delays_.change(delays.outputs);
}

void Seat::collect()
{
    input_delays_.collect();
    output_delays_.collect();
}

void Seat::process(const TransportCycle& cycle, Slotted<const float> inputs, Slotted<float> outputs, std::uint32_t frames) noexcept
{
    input_delays_.begin();
    for (std::size_t port = 0; port < inputs_.size(); ++port) {
        const float* input = inputs[slots_.inputs[port]];
        inputs_[port] = input_delays_.process(port, input != nullptr ? input : silence(), frames);
    }
    input_delays_.end(frames);
    for (std::size_t port = 0; port < outputs_.size(); ++port) {
        float* output = outputs[slots_.outputs[port]];
        outputs_[port] = output != nullptr ? output : unheard_[port].get();
    }
    node_->process({inputs_, outputs_, frames, cycle});
    silence_faults(frames);
    output_delays_.begin();
    for (std::size_t port = 0; port < outputs_.size(); ++port) {
        const float* delayed = output_delays_.process(port, outputs_[port], frames);
        if (delayed != outputs_[port]) std::copy_n(delayed, frames, outputs_[port]);
    }
    output_delays_.end(frames);
}

void Seat::silence_faults(std::uint32_t frames) noexcept
{
    for (float* output : outputs_) {
        // Counted in whole vectors first: hardly ever is there one.
        std::uint32_t count = 0;
        for (std::uint32_t i = 0; i < frames; ++i) count += is_fault(output[i]) ? 1u : 0u;
        if (count == 0) continue;
        std::replace_if(output, output + frames, is_fault, 0.0f);
        faults_.fetch_add(count, std::memory_order_relaxed);
    }
}

}  // namespace stemwire::host
