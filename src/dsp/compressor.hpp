// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dsp/control.hpp"
#include "dsp/ramp.hpp"

namespace stemwire::dsp {

/// A feed-forward compressor that works on levels in dB: gain computer with soft knee, then the smooth decoupled peak detector (Giannoulis,
/// Massberg and Reiss, J. Audio Eng. Soc. 60(6), 2012, equations 4 and 17). Guarantee of all but prepare: wait-free.
class Compressor {
public:
    enum class Detector {
        peak,  ///< the magnitude of every sample
        rms,   ///< the power, averaged over 10 ms (one pole): a sine reads 3 dB less than by its peak
    };

    struct Controls {
        double threshold_db;
        double ratio;
        double attack_s;   ///< time constants: 63 % of the way
        double release_s;
        double knee_db;
        double makeup_db;
        double mix;        ///< 0 … 1: 0 is the input
        friend bool operator==(const Controls&, const Controls&) = default;
    };

    /// `link`: all channels get the gain of the loudest. Allocates.
    void prepare(double rate_hz, std::size_t channels, Detector detector, bool link, const Controls& controls);
    /// Heard from the next frame on; makeup and mix ramp, the others move the detector's target.
    void set(const Controls& controls) noexcept;
    /// In place; at most control_frames. `key`: what the detector hears, its loudest channel for all; empty: the channels themselves.
    void process(std::span<float* const> channels, std::span<const float* const> key, std::uint32_t frames) noexcept;
    void process(std::span<float* const> channels, std::uint32_t frames) noexcept { process(channels, {}, frames); }
    /// As it is after a long silence.
    void settle() noexcept;

private:
    using Piece = std::array<float, control_frames>;

    struct Envelope {
        double power = 0.0;
        double held_db = 0.0;       ///< y1 of equation 17: falls at once, comes back with the release
        double reduction_db = 0.0;  ///< yL of equation 17, positive
    };

    void square(std::span<const float* const> channels, std::uint32_t frames, Piece& power) const noexcept;
    void average(Envelope& envelope, Piece& power, std::uint32_t frames) const noexcept;
    bool reduce(Envelope& envelope, Piece& power_to_gain, std::uint32_t frames) const noexcept;
    void apply(std::span<float* const> channels, const Piece& gain, std::uint32_t frames) const noexcept;

    double rate_hz_ = 48000.0;
    Detector detector_ = Detector::peak;
    bool link_ = true;
    Controls controls_{};
    double keep_power_ = 0.0;    ///< one-pole coefficients
    double keep_attack_ = 0.0;
    double keep_release_ = 0.0;
    Ramp makeup_;
    Ramp mix_;
    std::vector<Envelope> envelopes_;  ///< one where linked, else one for each channel
};

}  // namespace stemwire::dsp
