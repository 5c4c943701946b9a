// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <cstdint>
#include <span>
#include <vector>

#include "dsp/ramp.hpp"
#include "stemwire/units.hpp"

namespace stemwire::dsp {

/// Echoes: out = (1 − mix) · in + mix · line, where the line gives back after `time` what goes in, which is the input plus feedback × what
/// comes out. A change of time fades from the old tap to the new one over 50 ms: no click and no change of pitch. Guarantee of all but
/// prepare: wait-free.
class Echo {
public:
    struct Controls {
        double time_s;
        double feedback;  ///< 0 … below 1
        double mix;       ///< 0 … 1
    };

    /// Allocates for times of up to `longest_s`; a time is at least one frame. Where it need not be realtime, memory is taken from the system only
    /// as sound comes to it.
    void prepare(double rate_hz, std::size_t channels, double longest_s, const Controls& controls, bool realtime = true);
    void set(const Controls& controls) noexcept;
    /// In place; `step`: a control step begins here, where a change of time may begin.
    void process(std::span<float* const> channels, std::uint32_t frames, bool step) noexcept;
    /// As it is after a long silence.
    void settle() noexcept;

private:
    [[nodiscard]] float tap(const float* line, std::uint64_t at, std::uint64_t delay) const noexcept
    {
        return delay > at ? 0.0f : line[(at - delay) & mask_];
    }
    void process_channel(float* line, float* samples, std::uint32_t frames) const noexcept;

    double rate_hz_ = 48000.0;
    std::uint64_t mask_ = 0;
    std::uint64_t written_ = 0;        ///< frames since it was last silent: what lies before is not read
    std::uint64_t wanted_delay_ = 1;   ///< frames
    std::uint64_t delay_ = 1;
    std::uint64_t old_delay_ = 1;      ///< fades out
    std::uint32_t fade_frames_ = 1;
    std::uint32_t faded_ = 1;          ///< frames of the fade that are done
    Ramp feedback_;
    Ramp mix_;
    struct Free {
        void operator()(float* memory) const noexcept { std::free(memory); }
    };
    std::vector<std::unique_ptr<float[], Free>> lines_;  ///< [channel][frame & mask_]
};

/// Frames until echoes are 100 dB down. Guarantee: wait-free.
[[nodiscard]] Frames echo_tail(const Echo::Controls& controls, double rate_hz) noexcept;

}  // namespace stemwire::dsp
