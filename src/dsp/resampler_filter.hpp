// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "dsp/resampler.hpp"
#include "dsp/resampler/kernels/kernels.hpp"

namespace stemwire::dsp {

/// The low-pass of a rate conversion, sampled at every phase that an output frame can have between two input frames; shared by all
/// resamplers of the same rates. Where there are too many phases, it is kept as parabolas.
/// Between equal rates it is a single tap of 1.
class ResamplerFilter {
public:
    /// An output frame, and where it lies in the input: at `frame` + phase / phases.
    struct Time {
        std::uint64_t output_frame = 0;
        std::int64_t frame = 0;
        std::uint64_t phase = 0;
    };

    ResamplerFilter(std::uint64_t from, std::uint64_t to, ResamplerQuality quality);

    [[nodiscard]] bool is_copy() const noexcept { return taps_ == 1; }
    [[nodiscard]] std::size_t taps() const noexcept { return taps_; }
    /// Frames behind an output's own that it needs; before it, one fewer.
    [[nodiscard]] std::uint32_t reach() const noexcept { return static_cast<std::uint32_t>(taps_ / 2); }
    /// Frames before an output's first, and behind its last, that may be read: they weigh nothing.
    [[nodiscard]] std::size_t margin() const noexcept { return margin_; }
    /// The frame that the first tap weighs.
    [[nodiscard]] std::int64_t first_frame(const Time& time) const noexcept
    {
        return time.frame - static_cast<std::int64_t>((taps_ - 1) / 2);
    }

    [[nodiscard]] Time time_of(std::uint64_t output_frame) const noexcept;
    [[nodiscard]] Time later(const Time& time, std::uint32_t output_frames) const noexcept;
    /// How many output frames from this time on lie before the input frame `time.frame` + `input_frames`.
    [[nodiscard]] std::uint64_t frames_within(const Time& time, std::uint64_t input_frames) const noexcept;
    [[nodiscard]] std::uint64_t output_length(std::uint64_t input_frames) const noexcept;

    /// Not of a copy.
    [[nodiscard]] resampler::Rows rows() const noexcept { return {first_row(), span_, rows_for_, parts_per_phase_}; }
    [[nodiscard]] resampler::Walk walk(const Time& from) const noexcept
    {
        return {phases_, step_, from.phase, turns_, from.output_frame % turns_};
    }

private:
    void sample_turns(double cutoff, double beta);
    void sample_phases(double cutoff, double beta);
    void sample_parts(std::size_t parts, double cutoff, double beta);
    /// Room for so many rows, all 0.
    float* make_rows(std::uint64_t count);

    struct alignas(64) CacheLine {
        float weights[resampler::widest];
    };
    /// Behind the first margin.
    [[nodiscard]] const float* first_row() const noexcept { return reinterpret_cast<const float*>(table_.data()) + margin_; }

    std::uint64_t phases_;         ///< output rate, reduced
    std::uint64_t step_;           ///< input rate, reduced
    std::uint64_t turns_;          ///< after which phases and groups meet again
    std::size_t taps_ = 1;
    std::size_t span_ = 1;         ///< from one row to the next
    std::size_t margin_ = 0;
    resampler::RowsFor rows_for_ = resampler::RowsFor::turns;
    double parts_per_phase_ = 0.0;
    std::vector<CacheLine> table_; ///< a margin, [row][span], a margin
};

/// The filter for these rates, made when nobody has it yet. Rates are taken to the nearest Hz. Thread: any but realtime.
[[nodiscard]] std::shared_ptr<const ResamplerFilter> resampler_filter(double from_hz, double to_hz, ResamplerQuality quality);

}  // namespace stemwire::dsp
