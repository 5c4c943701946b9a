// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/mixer/bus_loudness.hpp"

namespace stemwire::nodes {

void BusLoudness::update(const TransportCycle& transport, std::span<const float* const> outputs, std::uint32_t frames) noexcept
{
    std::uint32_t done = 0;
    for (const TransportSegment& segment : transport.segments()) {
        if (!segment.rolling || segment.epoch == epoch_) continue;
        add(outputs, done, segment.offset);
        done = segment.offset;
        epoch_ = segment.epoch;
        loudness_.clear();
        true_peak_.clear();
        published_step_ = 0;
    }
    add(outputs, done, frames);
    if (loudness_.steps() != published_step_) publish();
}

void BusLoudness::add(std::span<const float* const> outputs, std::uint32_t from, std::uint32_t to) noexcept
{
    for (std::size_t channel = 0; channel < outputs.size(); ++channel) part_[channel] = outputs[channel] + from;
    loudness_.add(part_, to - from);
    true_peak_.add(part_, to - from);
}

void BusLoudness::publish() noexcept
{
    published_step_ = loudness_.steps();
    const auto store = [](std::atomic<float>& value, double now) { value.store(static_cast<float>(now), std::memory_order_relaxed); };
    store(reading_.momentary_lufs, loudness_.momentary_lufs());
    store(reading_.short_term_lufs, loudness_.short_term_lufs());
    store(reading_.integrated_lufs, loudness_.integrated_lufs());
    store(reading_.true_peak, true_peak_.peak());
}

}  // namespace stemwire::nodes
