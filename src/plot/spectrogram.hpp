// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "plot/fourier.hpp"
#include "stemwire/units.hpp"

namespace stemwire::plot {

/// How much of which frequency there is when, of a sound of any length, in bounded memory: short-time Fourier transforms with the minimum four-term
/// window of Blackman and Harris (Harris, Proc. IEEE 66 (1978), table 1: side lobes at −92 dB), the loudest channel in each bin. A sine of full scale
/// is 0 dB at its bin.
class Spectrogram {
public:
    Spectrogram(std::size_t channels, double rate_hz);

    void add(std::span<const float* const> channels, std::uint32_t frames);
    /// The sound is over: what is still to be transformed is. Only looked at from then on.
    void finish();

    /// Frames of one transform.
    [[nodiscard]] std::size_t size() const noexcept { return fourier_.size(); }
    [[nodiscard]] double bin_hz() const noexcept { return rate_hz_ / static_cast<double>(size()); }
    [[nodiscard]] std::size_t bins() const noexcept { return size() / 2 + 1; }
    /// Equal parts of the sound, in time; the last one may reach beyond its end.
    [[nodiscard]] std::size_t columns() const noexcept { return bins() == 0 ? 0 : power_.size() / bins(); }
    [[nodiscard]] Frames column_frames() const noexcept { return column_frames_; }
    /// Mean level of one bin in one column, in dB of full scale, −200 and more.
    [[nodiscard]] double level_db(std::size_t column, std::size_t bin) const;
    /// The highest level of each bin in some columns, in dB.
    [[nodiscard]] std::vector<double> highest_db(std::size_t first_column, std::size_t end_column) const;

private:
    static constexpr std::size_t most_columns = 2048;

    void transform();
    void transform_pair(std::size_t first, std::span<float> power);
    void put(std::span<const float> power);
    void halve();

    double rate_hz_;
    Fourier fourier_;
    std::vector<double> window_;                 ///< sums up to 2: a sine's two lines are half of it each
    std::vector<std::vector<float>> history_;    ///< [channel]: from the next transform's first frame on
    std::size_t next_ = 0;                       ///< where in the history that is
    std::vector<std::complex<double>> work_;
    std::vector<float> column_;                  ///< of the column that is being made: sums of powers
    std::size_t in_column_ = 0;                  ///< transforms in it
    Frames hop_;
    Frames column_frames_;
    std::vector<float> power_;                   ///< [column][bin]
};

/// The highest of these levels between two places, counted in bins, where they go straight from bin to bin.
[[nodiscard]] double highest_between(std::span<const double> levels_db, double low_bin, double high_bin);

}  // namespace stemwire::plot
