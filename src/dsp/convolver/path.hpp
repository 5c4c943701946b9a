// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>

namespace stemwire::dsp {

/// One way from an input to an output.
struct ConvolverPath {
    std::size_t input;
    std::size_t output;
    std::span<const float> impulse;  ///< read by the constructor only
};

namespace convolver {

/// What a convolver's parts have in common.
struct Shape {
    std::size_t inputs;
    std::size_t outputs;
    std::size_t delay;  ///< taps that are zero before each impulse
};

/// Tap `tap` of an impulse that is preceded by `delay` zeros.
[[nodiscard]] inline float tap_of(const ConvolverPath& path, std::size_t delay, std::size_t tap) noexcept
{
    return tap >= delay && tap - delay < path.impulse.size() ? path.impulse[tap - delay] : 0.0f;
}

}  // namespace convolver

}  // namespace stemwire::dsp
