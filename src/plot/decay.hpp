// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace stemwire::plot {

/// A straight line through a part of a decay: level_db = start_db − 60 · t / seconds.
struct DecayLine {
    double seconds;   ///< that it takes to fall by 60 dB
    double start_db;  ///< at time 0
};

/// How a room's impulse response dies away: Schroeder's backward integration, which is what the mean of many decays of noise would be, and the lines
/// through it. Source: Schroeder, J. Acoust. Soc. Am. 37 (1965) 409; ISO 3382-1:2009, 5.3.3 and annex A (least squares).
class Decay {
public:
    /// `channels`: `[channel][frame]`, their energies are summed; time 0 is where the first sound arrives (20 dB below the loudest, ISO 3382-1, 5.3.2).
    Decay(std::span<const std::vector<float>> channels, double rate_hz);

    /// The frame that is time 0.
    [[nodiscard]] std::size_t onset() const noexcept { return onset_; }
    /// Level of the energy still to come, in dB below that of all, at each frame from the onset on; empty where all is silent.
    [[nodiscard]] const std::vector<double>& levels_db() const noexcept { return levels_db_; }
    /// The line between two levels below 0 (−5 and −35 make T30); nothing where the response ends before it is so low.
    [[nodiscard]] std::optional<DecayLine> line(double from_db, double to_db) const;
    /// T20, T30 and the early decay time (0 to −10 dB).
    [[nodiscard]] std::optional<DecayLine> t20() const { return line(-5.0, -25.0); }
    [[nodiscard]] std::optional<DecayLine> t30() const { return line(-5.0, -35.0); }
    [[nodiscard]] std::optional<DecayLine> early() const { return line(0.0, -10.0); }

private:
    double rate_hz_;
    std::size_t onset_ = 0;
    std::vector<double> levels_db_;
};

}  // namespace stemwire::plot
