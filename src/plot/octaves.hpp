// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "plot/decay.hpp"

namespace stemwire::plot {

/// How one octave of an impulse response dies away.
struct OctaveDecay {
    double centre_hz;
    std::optional<DecayLine> line;  ///< T30, or T20 where it does not fall so far, or nothing
};

/// The octaves from 125 Hz to 8 kHz (ISO 3382-1, 7.1) as far as the rate has them; `channels`: `[channel][frame]`. Each is cut out of the spectrum without
/// turning its phase; neighbours share their energy where they overlap, by a twelfth of an octave to each side of the border.
[[nodiscard]] std::vector<OctaveDecay> octave_decays(std::span<const std::vector<float>> channels, double rate_hz);

}  // namespace stemwire::plot
