// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dsp/biquad.hpp"
#include "stemwire/layout.hpp"

namespace stemwire::dsp {

/// Powers sorted by loudness in steps of 0.05 LU, from −70 to +30 LUFS, with their exact sums: the gates and percentiles of any length of time in fixed
/// memory. What is softer than −70 LUFS is left out: the absolute gate of ITU-R BS.1770-4. Guarantee of all but the constructor: wait-free.
class LoudnessHistogram {
public:
    LoudnessHistogram();
    void add(double power) noexcept;
    void clear() noexcept;
    /// The mean of all that is louder than `gate`, a power; 0 where nothing is.
    [[nodiscard]] double mean_above(double gate) const noexcept;
    /// The loudness that this share (0 … 1) of what is louder than `gate` does not reach; −∞ where nothing is louder.
    [[nodiscard]] double percentile_lufs(double share, double gate) const noexcept;

private:
    struct Bin {
        double sum = 0.0;
        std::uint64_t count = 0;
    };
    [[nodiscard]] std::size_t first_above(double gate) const noexcept;

    std::vector<Bin> bins_;
};

/// Loudness of a signal by EBU R 128 (ITU-R BS.1770-4, EBU Tech 3341 and 3342): K-weighted, in steps of 100 ms. What comes before the first frame counts as
/// silence, as in libebur128. One thread at a time. Guarantee of all but the constructor: wait-free, no allocation, however long it listens.
class LoudnessMeter {
public:
    LoudnessMeter(double rate_hz, const ChannelLayout& layout);

    /// Planar, `[channel][frame]`.
    void add(std::span<const float* const> channels, std::uint32_t frames) noexcept;
    /// Forgets all that it heard.
    void clear() noexcept;

    /// Whole steps of 100 ms so far: values change when this does.
    [[nodiscard]] std::uint64_t steps() const noexcept { return step_; }
    /// LUFS of all that was added, in blocks of 400 ms every 100 ms, gated at −70 LUFS and then at 10 LU below the mean; −∞ where it is silent or shorter than 400 ms.
    [[nodiscard]] double integrated_lufs() const noexcept;
    /// LU between the 10th and the 95th percentile of the short-term loudness, taken every second and gated at −70 LUFS and at 20 LU below the mean (EBU Tech
    /// 3342); 0 where it is shorter than 3 s.
    [[nodiscard]] double range_lu() const noexcept;
    /// Of the last 400 ms and the last 3 s, and the largest that there was; −∞: silence.
    [[nodiscard]] double momentary_lufs() const noexcept;
    [[nodiscard]] double short_term_lufs() const noexcept;
    [[nodiscard]] double max_momentary_lufs() const noexcept;
    [[nodiscard]] double max_short_term_lufs() const noexcept;

private:
    static constexpr std::uint32_t momentary_steps = 4;    ///< 400 ms
    static constexpr std::uint32_t short_term_steps = 30;  ///< 3 s

    void add_piece(std::uint32_t frames) noexcept;
    void end_step() noexcept;
    [[nodiscard]] double mean_of_last(std::uint32_t steps) const noexcept;

    std::vector<double> weights_;  ///< [channel]
    std::array<BiquadCoefficients, 2> curve_;
    std::array<std::vector<BiquadState>, 2> states_;  ///< [filter][channel]
    std::vector<std::vector<float>> weighted_;        ///< [channel][frame] of one piece
    std::vector<float*> planes_;
    std::uint32_t step_frames_;
    std::uint32_t step_filled_ = 0;
    double step_energy_ = 0.0;
    std::uint64_t step_ = 0;
    std::array<double, short_term_steps> last_{};  ///< the mean square of each of the last steps, all channels by their weight
    double momentary_ = 0.0;
    double short_term_ = 0.0;
    double max_momentary_ = 0.0;
    double max_short_term_ = 0.0;
    LoudnessHistogram blocks_;  ///< of 400 ms
    LoudnessHistogram terms_;   ///< of 3 s
};

}  // namespace stemwire::dsp
