// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled once for each instruction set; STEMWIRE_KERNELS names the table that this compilation makes.
#include "dsp/resampler/kernels/kernels.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

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
struct TurnWeights {
    const float* row;

    [[gnu::always_inline]] TurnWeights(const Rows& rows, const Place& place, std::size_t) : row(rows.first + place.turn() * rows.span) {}
    [[gnu::always_inline]] Vector at(std::size_t tap) const { return load(row + tap); }
};

/// The weights of a phase that has a row, shifted to where its frame lies in the group.
struct PhaseWeights {
    const float* row;

    [[gnu::always_inline]] PhaseWeights(const Rows& rows, const Place& place, std::size_t shift)
        : row(rows.first + place.phase() * rows.span - shift)
    {
    }
    [[gnu::always_inline]] Vector at(std::size_t tap) const { return load(row + tap); }
};

/// The weights of a phase that has no row, shifted to where its frame lies in the group: a parabola around the middle of its part of the
/// phases, so that one addition alone rounds at the size of the weight.
struct ParabolaWeights {
    const float* row;  ///< of what stands still
    std::size_t span;
    float t;           ///< −½ … ½

    [[gnu::always_inline]] ParabolaWeights(const Rows& rows, const Place& place, std::size_t shift) : span(rows.span)
    {
        const double position = static_cast<double>(place.phase()) * rows.parts_per_phase;
        const auto whole = static_cast<std::size_t>(position);
        row = rows.first + whole * parabola_rows * span - shift;
        t = static_cast<float>(position - static_cast<double>(whole) - 0.5);
    }
    [[gnu::always_inline]] Vector at(std::size_t tap) const
    {
        const float* from = row + tap;
        return load(from) + t * (load(from + span) + t * load(from + 2 * span));
    }
};

/// Takes the samples as they are: the weights are shifted.
template <class Weights>
struct AtGroup {
    Weights weights;

    [[gnu::always_inline]] AtGroup(const Rows& rows, const Place& place, std::size_t shift) : weights(rows, place, shift) {}
    [[gnu::always_inline]] Vector samples(const Vector& here, const Vector&) const { return here; }
};

#if defined(__AVX512F__)
/// Shifts the samples, of which there are fewer than weights, so that weights never lie across two cache lines. By less than a vector.
template <class Weights>
struct AtFrame {
    Weights weights;
    __m512i from;

    [[gnu::always_inline]] AtFrame(const Rows& rows, const Place& place, std::size_t shift)
        : weights(rows, place, 0),
          from(_mm512_add_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
                                _mm512_set1_epi32(static_cast<std::int32_t>(shift))))
    {
    }
    [[gnu::always_inline]] Vector samples(const Vector& here, const Vector& behind) const
    {
        return _mm512_permutex2var_ps(here, from, behind);
    }
};
#else
template <class Weights>
using AtFrame = AtGroup<Weights>;  // a shuffle of two vectors by a variable is not one instruction
#endif

/// Adds one vector of input to each sum of a group, `[frame][channel]`.
template <std::size_t channels, class Term>
[[gnu::always_inline]] inline void weigh(const float* const (&in)[2], const Term (&terms)[group_frames], std::size_t tap,
                                         Vector (&sums)[group_frames * channels])
{
    Vector here[channels];
    Vector behind[channels];
    for (std::size_t channel = 0; channel < channels; ++channel) {
        here[channel] = load(in[channel] + tap);
        behind[channel] = load(in[channel] + tap + lanes);
    }
    for (std::size_t frame = 0; frame < group_frames; ++frame) {
        const Vector weight = terms[frame].weights.at(tap);
        for (std::size_t channel = 0; channel < channels; ++channel)
            sums[frame * channels + channel] += terms[frame].samples(here[channel], behind[channel]) * weight;
    }
}

/// A group's output frames, `[frame][channel]`; `in` begins with what its first frame begins with. Both halves are summed from the outside
/// in: the small products first, so that only the last additions round at the size of the result.
template <std::size_t channels, class Term>
[[gnu::always_inline]] inline void convert_group(const float* const (&in)[2], const Term (&terms)[group_frames], std::size_t span,
                                                 float (&results)[group_frames * channels])
{
    const std::size_t middle = (span / lanes + 1) / 2 * lanes;
    Vector left[group_frames * channels]{};
    for (std::size_t tap = 0; tap < middle; tap += lanes) weigh<channels>(in, terms, tap, left);
    Vector right[group_frames * channels]{};
    for (std::size_t tap = span; tap > middle; tap -= lanes) weigh<channels>(in, terms, tap - lanes, right);
    for (std::size_t i = 0; i < group_frames * channels; ++i) left[i] += right[i];
    reduce<lanes>(left, results);
}

template <class Term>
[[gnu::always_inline]] inline Term take_term(const Rows& rows, Place& place, std::int64_t group_frame)
{
    const Term term(rows, place, static_cast<std::size_t>(place.frame() - group_frame));
    place.advance();
    return term;
}

template <std::size_t channels, class Term>
void convert(const Run& run) noexcept
{
    Place place(run.walk);
    for (std::int64_t first = -static_cast<std::int64_t>(run.walk.turn % group_frames); first < run.frames; first += group_frames) {
        const std::int64_t at = place.frame();
        const auto next = [&] { return take_term<Term>(run.rows, place, at); };
        const Term terms[group_frames]{next(), next(), next(), next()};
        const float* const in[2]{run.in[0] + at, run.in[1] + at};
        float results[group_frames * channels];
        convert_group<channels>(in, terms, run.rows.span, results);
        for (std::int64_t frame = std::max<std::int64_t>(first, 0); frame < std::min<std::int64_t>(first + group_frames, run.frames);
             ++frame)
            for (std::size_t channel = 0; channel < channels; ++channel)
                run.out[channel][frame] = results[static_cast<std::size_t>(frame - first) * channels + channel];
    }
}

template <std::size_t channels, class Weights>
void convert_shifted(const Run& run) noexcept
{
    // Of a group's frames the last lies this far behind the first, or one frame less.
    const std::uint64_t furthest = (group_frames - 1) * run.walk.step / run.walk.phases + 1;
    if (furthest < lanes) convert<channels, AtFrame<Weights>>(run);
    else convert<channels, AtGroup<Weights>>(run);
}

template <std::size_t channels>
void convert_any(const Run& run) noexcept
{
    switch (run.rows.rows_for) {
    case RowsFor::turns: return convert<channels, AtGroup<TurnWeights>>(run);
    case RowsFor::phases: return convert_shifted<channels, PhaseWeights>(run);
    case RowsFor::parts: return convert_shifted<channels, ParabolaWeights>(run);
    }
}

}  // namespace

const Kernels STEMWIRE_KERNELS{STEMWIRE_KERNELS_NAME, &convert_any<1>, &convert_any<2>};

}  // namespace stemwire::dsp::resampler
