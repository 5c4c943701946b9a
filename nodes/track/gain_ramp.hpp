// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

namespace stemwire::nodes {

/// A linear factor that goes to each new target in a straight line, sample by sample. Guarantee of all but reset: wait-free.
class GainRamp {
public:
    /// Stands at `factor`; a change takes `frames`.
    void reset(double factor, std::uint32_t frames) noexcept
    {
        target_ = value_ = factor;
        frames_ = frames;
        left_ = 0;
    }

    void go_to(double factor) noexcept
    {
        if (factor == target_) return;
        target_ = factor;
        left_ = frames_;
        step_ = (target_ - value_) / frames_;
    }

    /// Multiplies the next frames of `out[channel]`. A factor of 1 leaves every bit as it is.
    void apply(std::span<float* const> out, std::uint32_t frames) noexcept
    {
        std::uint32_t done = 0;
        for (; done < frames && left_ > 0; ++done) {
            // Counted from the target, the last step lands on it exactly.
            value_ = target_ - step_ * --left_;
            for (float* plane : out) plane[done] *= static_cast<float>(value_);
        }
        if (value_ == 1.0) return;
        const auto factor = static_cast<float>(value_);
        for (float* plane : out)
            for (std::uint32_t i = done; i < frames; ++i) plane[i] *= factor;
    }

private:
    double value_ = 1.0;
    double target_ = 1.0;
    double step_ = 0.0;
    std::uint32_t frames_ = 1;
    std::uint32_t left_ = 0;
};

}  // namespace stemwire::nodes
