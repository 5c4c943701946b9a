// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dsp/control.hpp"
#include "dsp/ramp.hpp"
#include "dsp/sliding_maximum.hpp"
#include "dsp/true_peak.hpp"

namespace stemwire::dsp {

/// A look-ahead limiter of the true peak: what stays under the ceiling by itself passes to the bit, and of all else the output's true peak
/// passes the ceiling by less than 0.1 dB, read by a meter, an ordinary resampler or a nearly ideal one. The gain is the same in all
/// channels. What must be taken away at a peak is held over the look-ahead, released exponentially, and smoothed by two moving averages
/// that are together as long as the look-ahead, so that all of it is taken away when the peak comes out (Hämäläinen, "Smoothing of the
/// control signal without clipped output in digital peak limiters", DAFx 2002). Guarantee of all but prepare: wait-free.
class Limiter {
public:
    struct Controls {
        double ceiling_db;
        double release_s;  ///< time constant: 63 % of the way
        friend bool operator==(const Controls&, const Controls&) = default;
    };

    /// Allocates.
    void prepare(double rate_hz, std::size_t channels, double lookahead_s, const Controls& controls);
    void set(const Controls& controls) noexcept;
    /// In place; at most control_frames.
    void process(std::span<float* const> channels, std::uint32_t frames) noexcept;
    /// As it is after a long silence.
    void settle() noexcept;

    /// Frames by which the output lags.
    [[nodiscard]] std::uint32_t latency() const noexcept { return static_cast<std::uint32_t>(lookahead_ + true_peak_latency); }

private:
    using Piece = std::array<float, control_frames>;

    /// The mean of the last values, of whole numbers so that it is exact however long it runs.
    class MovingSum {
    public:
        void prepare(std::size_t length) { values_.assign(length, 0); settle(); }
        void settle() noexcept;
        std::int64_t next(std::int64_t value) noexcept;
        [[nodiscard]] bool is_zero() const noexcept { return sum_ == 0; }  ///< no value is negative: they all are

    private:
        std::vector<std::int64_t> values_;
        std::size_t at_ = 0;
        std::int64_t sum_ = 0;
    };

    void find_peaks(std::span<float* const> channels, std::uint32_t frames, Piece& peaks) noexcept;
    /// True where nothing is being taken away, nor held, nor released.
    [[nodiscard]] bool is_idle() const noexcept { return released_ == 0.0 && held_.is_zero() && first_.is_zero() && second_.is_zero(); }
    double smooth(double reduction) noexcept;
    void apply(std::span<float* const> channels, const Piece& gain, std::uint32_t frames) noexcept;

    double rate_hz_ = 48000.0;
    Controls controls_{};
    std::size_t lookahead_ = 1;   ///< frames
    double keep_release_ = 0.0;
    double released_ = 0.0;       ///< reduction (1 − gain) after the release
    double scale_ = 1.0;          ///< of both sums to a reduction
    Ramp ceiling_;
    std::vector<TruePeak> true_peaks_;         ///< [channel]
    SlidingMaximum held_;
    MovingSum first_;
    MovingSum second_;
    std::vector<std::vector<float>> delayed_;  ///< [channel][frame modulo latency]
    std::size_t at_ = 0;
};

}  // namespace stemwire::dsp
