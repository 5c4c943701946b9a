// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "dsp/resampler.hpp"

namespace stemwire::dsp {

/// The low-pass of a rate conversion, sampled at every phase that an output frame can have between two input frames; shared by all
/// resamplers of the same rates. Where there are too many phases, it is sampled finely and read between two neighbours.
class ResamplerFilter {
public:
    static constexpr std::size_t tap_multiple = 32;

    /// Where an output frame lies in the input: at `frame` + phase / phases.
    struct Time {
        std::int64_t frame = 0;
        std::uint64_t phase = 0;
    };
    /// Coefficients for one time: row + fraction · (next − row).
    struct Rows {
        const float* row;
        const float* next;    ///< null: `row` is exact
        float fraction;
    };

    ResamplerFilter(std::uint64_t from, std::uint64_t to, ResamplerQuality quality);

    [[nodiscard]] std::size_t taps() const noexcept { return taps_; }
    /// Half of the taps: the filter is centred between the two that are nearest to the time.
    [[nodiscard]] std::uint32_t reach() const noexcept { return static_cast<std::uint32_t>(taps_ / 2); }
    [[nodiscard]] Time time_of(std::uint64_t output_frame) const noexcept;
    void advance(Time& time) const noexcept;
    [[nodiscard]] Rows rows(const Time& time) const noexcept;
    [[nodiscard]] std::uint64_t output_length(std::uint64_t input_frames) const noexcept;

private:
    void fill_row(std::size_t row, double offset, double cutoff, double beta);

    std::uint64_t phases_;         ///< output rate, reduced
    std::uint64_t step_;           ///< input rate, reduced
    std::size_t taps_ = 0;
    std::size_t rows_ = 0;         ///< rows of the table, but for the one behind the last that is read between
    bool exact_ = true;
    std::vector<float> table_;     ///< [row][tap]
};

/// The filter for these rates, made when nobody has it yet. Rates are taken to the nearest Hz. Thread: any but realtime.
[[nodiscard]] std::shared_ptr<const ResamplerFilter> resampler_filter(double from_hz, double to_hz, ResamplerQuality quality);

}  // namespace stemwire::dsp
