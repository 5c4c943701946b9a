// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled once for each instruction set; STEMWIRE_KERNELS names the table that this compilation makes.
#include "dsp/resampler/kernels/kernels.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace stemwire::dsp::resampler {

extern const Kernels STEMWIRE_KERNELS;

namespace {

#if defined(__AVX512F__)
constexpr std::size_t lanes = 16;
#elif defined(__AVX2__)
constexpr std::size_t lanes = 8;
#else
constexpr std::size_t lanes = 4;
#endif
using Vector = float __attribute__((vector_size(lanes * sizeof(float))));
static_assert(widest % lanes == 0);

[[gnu::always_inline]] inline Vector load(const float* from)
{
    Vector vector;
    std::memcpy(&vector, from, sizeof vector);
    return vector;
}

/// Both vectors hold blocks of `block` lanes; returns all blocks of `a`, then of `b`, each folded to half its length.
template <std::size_t block, std::size_t... lane>
[[gnu::always_inline]] inline Vector fold(const Vector& a, const Vector& b, std::index_sequence<lane...>)
{
    constexpr std::size_t half = block / 2;
    return __builtin_shufflevector(a, b, (lane / half * block + lane % half)...) +
           __builtin_shufflevector(a, b, (lane / half * block + half + lane % half)...);
}

/// Adds up the lanes of each block: one number for each block of all sums, in order.
template <std::size_t block, std::size_t results_count, std::size_t count>
[[gnu::always_inline]] inline void reduce(const Vector (&sums)[count], float (&results)[results_count])
{
    if constexpr (block == 1) {
        std::memcpy(results, sums, sizeof results);
    } else {
        Vector folded[(count + 1) / 2];
        for (std::size_t i = 0; i < (count + 1) / 2; ++i)
            folded[i] = fold<block>(sums[2 * i], sums[std::min(2 * i + 1, count - 1)], std::make_index_sequence<lanes>());
        reduce<block / 2>(folded, results);
    }
}

/// Where an output frame lies, against the first of its run.
class Place {
public:
    explicit Place(const Walk& walk)
        : phases_(walk.phases),
          step_frames_(static_cast<std::int64_t>(walk.step / walk.phases)),
          step_phases_(walk.step % walk.phases),
          phase_(walk.phase),
          turns_(walk.turns),
          turn_(walk.turn)
    {
        while (turn_ % group_frames != 0) go_back();
    }

    [[nodiscard]] std::int64_t frame() const { return frame_; }
    [[nodiscard]] std::uint64_t phase() const { return phase_; }
    [[nodiscard]] std::uint64_t turn() const { return turn_; }

    void advance()
    {
        phase_ += step_phases_;
        frame_ += step_frames_ + (phase_ >= phases_);
        phase_ -= phase_ >= phases_ ? phases_ : 0;
        turn_ = turn_ + 1 == turns_ ? 0 : turn_ + 1;
    }

private:
    void go_back()
    {
        frame_ -= step_frames_ + (phase_ < step_phases_);
        phase_ += (phase_ < step_phases_ ? phases_ : 0) - step_phases_;
        --turn_;
    }

    std::uint64_t phases_;
    std::int64_t step_frames_;
    std::uint64_t step_phases_;
    std::uint64_t phase_;
    std::uint64_t turns_;
    std::uint64_t turn_;
    std::int64_t frame_ = 0;
};

/// The weights of a turn that has a row.
struct ExactWeights {
    const float* row;

    [[gnu::always_inline]] ExactWeights(const Rows& rows, const Place& place, std::size_t) : row(rows.first + place.turn() * rows.span) {}
    [[gnu::always_inline]] Vector at(std::size_t tap) const { return load(row + tap); }
};

/// The weights of a phase that lies between rows, shifted to where its frame lies in the group: Lagrange's polynomial through the two
/// before and the two behind, as a small correction of the one before, so that one addition alone rounds at the size of the weight.
struct CubicWeights {
    const float* row;   ///< the one before
    std::size_t span;
    float part[3];      ///< of the differences to the row before that, and to the two behind

    [[gnu::always_inline]] CubicWeights(const Rows& rows, const Place& place, std::size_t shift) : span(rows.span)
    {
        const double position = static_cast<double>(place.phase()) * rows.rows_per_phase;
        const auto whole = static_cast<std::size_t>(position);
        const double t = position - static_cast<double>(whole);
        row = rows.first + (whole + 1) * span - shift;
        part[0] = static_cast<float>(-t * (t - 1.0) * (t - 2.0) / 6.0);
        part[1] = static_cast<float>(-(t + 1.0) * t * (t - 2.0) / 2.0);
        part[2] = static_cast<float>((t + 1.0) * t * (t - 1.0) / 6.0);
    }
    [[gnu::always_inline]] Vector at(std::size_t tap) const
    {
        const float* from = row + tap;
        const Vector before = load(from);
        return before + (part[0] * (load(from - span) - before) + part[1] * (load(from + span) - before) +
                         part[2] * (load(from + 2 * span) - before));
    }
};

/// Adds one vector of input to each sum of a group, `[frame][channel]`.
template <std::size_t channels, class Weights>
[[gnu::always_inline]] inline void weigh(const float* const (&in)[2], const Weights (&weights)[group_frames], std::size_t tap,
                                         Vector (&sums)[group_frames * channels])
{
    Vector samples[channels];
    for (std::size_t channel = 0; channel < channels; ++channel) samples[channel] = load(in[channel] + tap);
    for (std::size_t frame = 0; frame < group_frames; ++frame) {
        const Vector weight = weights[frame].at(tap);
        for (std::size_t channel = 0; channel < channels; ++channel) sums[frame * channels + channel] += samples[channel] * weight;
    }
}

/// A group's output frames, `[frame][channel]`; `in` begins with what its first frame begins with. Both halves are summed from the outside
/// in: the small products first, so that only the last additions round at the size of the result.
template <std::size_t channels, class Weights>
[[gnu::always_inline]] inline void convert_group(const float* const (&in)[2], const Weights (&weights)[group_frames], std::size_t span,
                                                 float (&results)[group_frames * channels])
{
    const std::size_t middle = (span / lanes + 1) / 2 * lanes;
    Vector left[group_frames * channels]{};
    for (std::size_t tap = 0; tap < middle; tap += lanes) weigh<channels>(in, weights, tap, left);
    Vector right[group_frames * channels]{};
    for (std::size_t tap = span; tap > middle; tap -= lanes) weigh<channels>(in, weights, tap - lanes, right);
    for (std::size_t i = 0; i < group_frames * channels; ++i) left[i] += right[i];
    reduce<lanes>(left, results);
}

template <class Weights>
[[gnu::always_inline]] inline Weights take_weights(const Rows& rows, Place& place, std::int64_t group_frame)
{
    const Weights weights(rows, place, static_cast<std::size_t>(place.frame() - group_frame));
    place.advance();
    return weights;
}

template <std::size_t channels, class Weights>
void convert(const Run& run) noexcept
{
    Place place(run.walk);
    for (std::int64_t first = -static_cast<std::int64_t>(run.walk.turn % group_frames); first < run.frames; first += group_frames) {
        const std::int64_t at = place.frame();
        const auto next = [&] { return take_weights<Weights>(run.rows, place, at); };
        const Weights weights[group_frames]{next(), next(), next(), next()};
        const float* const in[2]{run.in[0] + at, run.in[1] + at};
        float results[group_frames * channels];
        convert_group<channels>(in, weights, run.rows.span, results);
        for (std::int64_t frame = std::max<std::int64_t>(first, 0); frame < std::min<std::int64_t>(first + group_frames, run.frames);
             ++frame)
            for (std::size_t channel = 0; channel < channels; ++channel)
                run.out[channel][frame] = results[static_cast<std::size_t>(frame - first) * channels + channel];
    }
}

template <std::size_t channels>
void convert_any(const Run& run) noexcept
{
    if (run.rows.rows_per_phase > 0.0) convert<channels, CubicWeights>(run);
    else convert<channels, ExactWeights>(run);
}

}  // namespace

const Kernels STEMWIRE_KERNELS{STEMWIRE_KERNELS_NAME, &convert_any<1>, &convert_any<2>};

}  // namespace stemwire::dsp::resampler
