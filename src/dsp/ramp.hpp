// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "dsp/mix.hpp"

namespace stemwire::dsp {

/// How long a change of a live value takes: short enough to feel immediate, long enough not to click.
inline constexpr double ramp_seconds = 0.020;

/// A value that goes from wherever it is to a new target in a straight line over 20 ms, or as long as it is told, one step a frame; mostly a linear gain.
/// What it is at a frame depends on when its targets were set and not on how the frames between were cut into blocks: the value is the same
/// to the bit, and what `mix` makes of it but for its rounding. Guarantee: wait-free. Thread: one at a time.
class Ramp {
public:
    /// Stands still at `value` from now on.
    void prepare(double rate_hz, float value, double seconds = ramp_seconds) noexcept
    {
        length_ = std::max(1.0f, static_cast<float>(std::round(seconds * rate_hz)));
        jump(value);
    }

    /// Stands still at `value` at once.
    void jump(float value) noexcept { line_ = {value, 0.0f, 0.0f}; }

    /// Begins to move at the next frame; does nothing where the target is the same. `target` must be finite.
    void set_target(float target) noexcept
    {
        if (target == line_.target) return;
        line_ = {target, (target - value()) / length_, -length_};
    }

    [[nodiscard]] float target() const noexcept { return line_.target; }
    [[nodiscard]] float value() const noexcept { return at(0); }
    /// The value `frame` frames from now.
    [[nodiscard]] float at(std::uint32_t frame) const noexcept
    {
        return line_.target + line_.slope * std::min(line_.position + static_cast<float>(frame), 0.0f);
    }
    [[nodiscard]] bool moves() const noexcept { return line_.slope != 0.0f; }
    /// True where it is 0 and stays so.
    [[nodiscard]] bool is_off() const noexcept { return line_.target == 0.0f && line_.slope == 0.0f; }
    /// The coming frames' values, for `mix` and `measure`.
    [[nodiscard]] GainLine line() const noexcept { return line_; }

    /// out[i] = in[i] · value at frame i; in may be out. For every channel, and then advance.
    void apply(const float* in, float* out, std::uint32_t frames) const noexcept
    {
        const MixTerm term{in, line_};
        mix({&term, 1}, out, frames);
    }

    void advance(std::uint32_t frames) noexcept
    {
        if (line_.slope == 0.0f) return;
        line_.position = std::min(line_.position + static_cast<float>(frames), 0.0f);
        if (line_.position == 0.0f) line_.slope = 0.0f;
    }

private:
    float length_ = 1.0f;  ///< frames; exact in a float up to 838 MHz
    GainLine line_{};
};

}  // namespace stemwire::dsp
