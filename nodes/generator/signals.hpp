// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "stemwire/live.hpp"
#include "stemwire/settings.hpp"
#include "stemwire/transport.hpp"

namespace stemwire::nodes {

/// A test signal as a function of the unrolled timeline, at a level of 0 dB.
class Signal {
public:
    virtual ~Signal() = default;
    /// Not realtime.
    virtual void prepare(double rate_hz) = 0;
    /// Once for each segment that rolls, before its channels. Guarantee: wait-free.
    virtual void begin(const TransportSegment&) noexcept {}
    /// The frames from `unrolled` on. Guarantee: wait-free.
    virtual void play(Frames unrolled, std::size_t channel, float* out, std::uint32_t frames) noexcept = 0;
};

/// The signal that the settings name; null for silence. `live` must outlive it.
[[nodiscard]] std::unique_ptr<Signal> make_signal(const Settings& settings, const LiveParameters& live, std::size_t channels);

}  // namespace stemwire::nodes
