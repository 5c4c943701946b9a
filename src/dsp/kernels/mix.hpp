// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dsp/kernels/course.hpp"
#include "dsp/kernels/kernels.hpp"
#include "dsp/kernels/meters.hpp"
#include "dsp/kernels/vector.hpp"

/// For kernels.cpp alone.
namespace stemwire::dsp {

namespace {

/// A line's position at the frames of the vector that begins at `frame`. Whole numbers, so that no sum of them is ever rounded.
Vector position_at(const GainLine& gain, std::uint32_t frame)
{
    return gain.position + static_cast<float>(frame) + lanes;
}

Vector gain_at(const GainLine& gain, Vector position)
{
    return gain.target + gain.slope * (position < 0.0f ? position : Vector{});
}

/// Adds a term to one output's sums, where nothing is known of its gain; one that is off costs a comparison.
template <int vectors>
[[gnu::always_inline]] inline void add_any(const Vector (&samples)[vectors], const GainLine& gain, std::uint32_t frame, Vector* sums)
{
    if (gain.slope != 0.0f)
        for_each_of<vectors>([&](int v) __attribute__((always_inline)) {
            sums[v] += gain_at(gain, position_at(gain, frame + static_cast<std::uint32_t>(v * width))) * samples[v];
        });
    else if (gain.target != 0.0f)
        for_each_of<vectors>([&](int v) __attribute__((always_inline)) { sums[v] += gain.target * samples[v]; });
}

/// Sums of squares of one term at a time: a chain of eight multiply-adds would take longer than all else that is done with eight vectors.
template <int vectors>
constexpr int meters_abreast = vectors < 8 ? 1 : 2;

/// One output's gain at up to `exact_every` vectors that follow each other, where it moves at all of them. It is added to: additions have
/// units of their own, beside those of multiply-adds. From every other vector to the next, so that none waits for many before it; and at
/// most four times from an exact gain, where it is less than 1 each time rounded by 2^-25: 138 dB below full scale.
template <int vectors>
class GainsInTurn {
public:
    [[gnu::always_inline]] void begin(const GainLine& gain, Vector position)
    {
        const Vector slope = in_register(broadcast(gain.slope));
        step_ = slope * static_cast<float>(width);
        gains_[0] = gain.target + slope * position;
        gains_[1] = in_register(gains_[0] + step_);
        step_ = in_register(step_ + step_);
    }

    [[gnu::always_inline]] Vector at(int v)
    {
        const Vector gain = gains_[v % 2];
        if (v + 2 < vectors) gains_[v % 2] = in_register(gain + step_);
        return gain;
    }

private:
    Vector gains_[2];
    Vector step_;
};

constexpr int exact_every = 8;

/// Outputs that are summed together, of those that a term has.
template <int first, int count>
struct Outputs {};

/// One vector of a term, once added to its meters where it has some.
template <int vectors, bool used_once, class Term, class Access>
[[gnu::always_inline]] inline Vector load_and_measure(const Term& term, std::uint32_t frame, int v, Meters* meters, Access access)
{
    const Vector samples = access.load(term.samples + frame + v * width);
    if (meters == nullptr) return used_once ? samples : in_register(samples);
    const Vector measured = in_register(samples);
    if (v < meters_abreast<vectors>) meters[v] = Meters::of(measured);
    else meters[v % meters_abreast<vectors>].add(measured);
    return measured;
}

/// Adds a term to `sums[output][vector]`, and to its meters where it has some.
template <Course course, int vectors, int first, int outputs, class Term, class Access>
[[gnu::always_inline]] inline void add_term(Outputs<first, outputs>, const Term& term, std::uint32_t frame, Vector* sums, Meters* meters,
                                            Access access)
{
    const auto load = [&](int v) __attribute__((always_inline)) {
        return load_and_measure<vectors, outputs == 1 && course == Course::straight>(term, frame, v, meters, access);
    };
    if constexpr (course == Course::any) {
        Vector samples[vectors];
        for_each_of<vectors>([&](int v) __attribute__((always_inline)) { samples[v] = load(v); });
        for_each_of<outputs>([&](int output) __attribute__((always_inline)) {
            add_any(samples, gain_to(term, first + output), frame, sums + output * vectors);
        });
    } else if constexpr (course == Course::still) {
        for_each_of<vectors>([&](int v) __attribute__((always_inline)) {
            const Vector samples = load(v);
            for_each_of<outputs>([&](int output) __attribute__((always_inline)) {
                sums[output * vectors + v] += gain_to(term, first + output).target * samples;
            });
        });
    } else {
        GainsInTurn<(vectors < exact_every ? vectors : exact_every)> gains[outputs];
        for_each_of<vectors>([&](int v) __attribute__((always_inline)) {
            const Vector frames = static_cast<float>(frame + static_cast<std::uint32_t>(v * width)) + lanes;  // the same for all terms
            const Vector position = gain_to(term, 0).position + frames;
            const Vector samples = load(v);
            for_each_of<outputs>([&](int output) __attribute__((always_inline)) {
                if (v % exact_every == 0) gains[output].begin(gain_to(term, first + output), position);
                sums[output * vectors + v] += gains[output].at(v % exact_every) * samples;
            });
        });
    }
}

/// Terms that are added together.
template <class Term>
struct Terms {
    const Term* begin;
    const Term* end;
    bool first;      ///< the outputs begin with these, and otherwise go on
    Meters* meters;  ///< a term each
};

/// What a tile does with the meters of its terms.
enum class Metering {
    none,
    begin,
    go_on,
};

/// Adds all terms to `sums[output][vector]`.
template <Course course, Metering metering, int vectors, int first, int outputs, class Term, class Access>
[[gnu::always_inline]] inline void add_terms(Outputs<first, outputs> to, const Terms<Term>& terms, std::uint32_t frame, Vector* sums,
                                             Access access)
{
    Meters* meters = terms.meters;
    for (const Term* term = terms.begin; term != terms.end; ++term) {
        if constexpr (metering == Metering::none) {
            add_term<course, vectors>(to, *term, frame, sums, nullptr, access);
        } else {
            Meters here[meters_abreast<vectors>];
            add_term<course, vectors>(to, *term, frame, sums, here, access);
            for_each_of<meters_abreast<vectors> - 1>([&](int i) __attribute__((always_inline)) { here[0].add(here[i + 1]); });
            if constexpr (metering == Metering::begin) *meters++ = here[0];
            else (meters++)->add(here[0]);
        }
    }
}

/// As many vectors of frames as are in `sums`, with all terms inside: every output is written once, and what two outputs share is loaded
/// once. Source of the scheme: output-stationary tiling (Goto and van de Geijn, ACM TOMS 34(3), 2008, section 2).
template <Course course, int vectors, bool metered, int first, int outputs, class Term, class Access>
[[gnu::always_inline]] inline void mix_tile(Outputs<first, outputs> to, const Terms<Term>& terms, float* const* out, std::uint32_t frame,
                                            Access access)
{
    Vector sums[outputs * vectors];
    const auto place = [&](int i) __attribute__((always_inline)) { return out[first + i / vectors] + frame + i % vectors * width; };
    if (terms.first) for_each_of<outputs * vectors>([&](int i) __attribute__((always_inline)) { sums[i] = Vector{}; });
    else for_each_of<outputs * vectors>([&](int i) __attribute__((always_inline)) { sums[i] = access.load(place(i)); });
    if constexpr (!metered) add_terms<course, Metering::none, vectors>(to, terms, frame, sums, access);
    else if (frame == 0) add_terms<course, Metering::begin, vectors>(to, terms, frame, sums, access);
    else add_terms<course, Metering::go_on, vectors>(to, terms, frame, sums, access);
    for_each_of<outputs * vectors>([&](int i) __attribute__((always_inline)) { access.store(place(i), sums[i]); });
}

/// Sums at a time: enough to hide the time that a multiply-add takes, and no more than fit the registers.
constexpr int tile_sums = width < 16 ? 8 : 16;

/// So many vectors of frames of all outputs: together, or one after the other where their sums together would be too many.
template <Course course, int vectors, bool metered, int first, int outputs, class Term, class Access>
[[gnu::always_inline]] inline void mix_outputs(Outputs<first, outputs> to, const Terms<Term>& terms, float* const* out,
                                               std::uint32_t frame, Access access)
{
    if constexpr (outputs * vectors <= tile_sums) {
        mix_tile<course, vectors, metered>(to, terms, out, frame, access);
    } else {
        mix_tile<course, vectors, metered>(Outputs<first, 1>{}, terms, out, frame, access);
        mix_outputs<course, vectors, false>(Outputs<first + 1, outputs - 1>{}, terms, out, frame, access);
    }
}

/// In tiles of so many vectors, then in smaller ones, so that a short block has as many sums at a time as it can.
template <Course course, int outputs, int vectors, bool metered, class Term>
void mix_frames(const Terms<Term>& terms, float* const (&out)[outputs], std::uint32_t frame, std::uint32_t frames)
{
    constexpr Outputs<0, outputs> all{};
    for (; frame + vectors * width <= frames; frame += vectors * width)
        mix_outputs<course, vectors, metered>(all, terms, out, frame, Whole{});
    if constexpr (vectors > 1) mix_frames<course, outputs, vectors / 2, metered>(terms, out, frame, frames);
    else if (frame < frames) mix_outputs<Course::any, 1, metered>(all, terms, out, frame, Part{frames - frame});
}

/// Terms that are mixed at a time where outputs are summed one after the other: their tiles (16 kB) stay in the nearest cache for the next.
constexpr std::ptrdiff_t ramps_together = 64;

/// With 16 registers, which hold the sums and gains of one output only, it is cheaper to load samples again, as operands that cost no
/// instruction, than to begin each gain twice as often. A function of its own: inside mix_terms it would slow down gains that stand.
template <bool metered, int outputs, class Term>
[[gnu::noinline]] void mix_ramps(const Terms<Term>& terms, float* const (&out)[outputs], std::uint32_t frames)
{
    constexpr int vectors = width < 16 ? tile_sums : tile_sums / outputs;
    constexpr bool divided = outputs * vectors > tile_sums && !metered;  // those that are measured are fewer anyway
    Terms<Term> some = terms;
    do {
        some.end = divided && terms.end - some.begin > ramps_together ? some.begin + ramps_together : terms.end;
        mix_frames<Course::straight, outputs, vectors, metered>(some, out, 0, frames);
        some = {some.end, terms.end, false, terms.meters};
    } while (some.begin != terms.end);
}

template <bool metered, int outputs, class Term>
void mix_terms(const Terms<Term>& terms, float* const (&out)[outputs], std::uint32_t frames)
{
    constexpr int vectors = tile_sums / outputs;
    switch (course_of<outputs>(terms.begin, terms.end, frames)) {
    case Course::still: return mix_frames<Course::still, outputs, vectors, metered>(terms, out, 0, frames);
    case Course::straight: return mix_ramps<metered>(terms, out, frames);
    case Course::any: return mix_frames<Course::any, outputs, vectors, metered>(terms, out, 0, frames);
    }
}

/// Terms that are measured at a time: their meters and samples stay in the nearest cache while blocks are short.
constexpr std::size_t metered_together = 32;

template <int outputs, class Term>
void mix_and_measure(const Term* terms, std::size_t count, Level* levels, float* const (&out)[outputs], std::uint32_t frames)
{
    Meters meters[metered_together];
    for (std::size_t done = 0; done < count || done == 0; done += metered_together) {
        const std::size_t some = count - done < metered_together ? count - done : metered_together;
        constexpr std::size_t group = width / 2;  // so that few channels, as most mixers have, are few vectors
        const std::size_t last = (some + group - 1) / group * group;
        for (std::size_t i = frames == 0 ? 0 : some; i < last; ++i) meters[i] = {Vector{}, Vector{}};  // what no tile writes
        mix_terms<true>(Terms<Term>{terms + done, terms + done + some, done == 0, meters}, out, frames);
        std::size_t i = 0;
        for (; i + group < some; i += width) write_levels<width>(meters + i, levels + done + i, some - i);
        if (i < some) write_levels<group>(meters + i, levels + done + i, some - i);
    }
}

void mix_block(const MixTerm* terms, std::size_t count, float* out, std::uint32_t frames) noexcept
{
    float* const outputs[] = {out};
    mix_terms<false>(Terms<MixTerm>{terms, terms + count, true, nullptr}, outputs, frames);
}

void mix_pair_block(const PairTerm* terms, std::size_t count, float* first, float* second, std::uint32_t frames) noexcept
{
    float* const outputs[] = {first, second};
    mix_terms<false>(Terms<PairTerm>{terms, terms + count, true, nullptr}, outputs, frames);
}

void mix_measured_block(const MixTerm* terms, std::size_t count, Level* levels, float* out, std::uint32_t frames) noexcept
{
    float* const outputs[] = {out};
    mix_and_measure(terms, count, levels, outputs, frames);
}

void mix_pair_measured_block(const PairTerm* terms, std::size_t count, Level* levels, float* first, float* second,
                             std::uint32_t frames) noexcept
{
    float* const outputs[] = {first, second};
    mix_and_measure(terms, count, levels, outputs, frames);
}

}  // namespace

}  // namespace stemwire::dsp
