// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <vector>

#include "dsp/loudness.hpp"
#include "dsp/true_peak_meter.hpp"
#include "stemwire/loudness.hpp"
#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// Measures what a bus plays, and publishes it every 100 ms. A new epoch (a start, a seek) begins a new measurement.
/// Guarantee of update: wait-free, no allocation. Thread: that of process.
class BusLoudness {
public:
    BusLoudness(const ChannelLayout& layout, LoudnessReading& reading, double rate_hz)
        : loudness_(rate_hz, layout), true_peak_(layout.size()), reading_(reading), part_(layout.size())
    {
    }

    /// The bus's own outputs, `[channel][frame]`.
    void update(const TransportCycle& transport, std::span<const float* const> outputs, std::uint32_t frames) noexcept;

private:
    void add(std::span<const float* const> outputs, std::uint32_t from, std::uint32_t to) noexcept;
    void publish() noexcept;

    dsp::LoudnessMeter loudness_;
    dsp::TruePeakMeter true_peak_;
    LoudnessReading& reading_;
    std::vector<const float*> part_;  ///< of the outputs
    Epoch epoch_ = 0;
    std::uint64_t published_step_ = 0;
};

}  // namespace stemwire::nodes
