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

/// Adds a term to `sums[output][vector]`, and to its meters where it has some.
template <Course course, int outputs, int vectors, class Term, class Access>
[[gnu::always_inline]] inline void add_term(const Term& term, std::uint32_t frame, Vector* sums, Meters* meters, Access access)
{
    const auto load = [&](int v) __attribute__((always_inline)) {
        const Vector samples = in_register(access.load(term.samples + frame + v * width));
        if (meters != nullptr && v < meters_abreast<vectors>) meters[v] = Meters::of(samples);
        else if (meters != nullptr) meters[v % meters_abreast<vectors>].add(samples);
        return samples;
    };
    if constexpr (course == Course::any) {
        Vector samples[vectors];
        for_each_of<vectors>([&](int v) __attribute__((always_inline)) { samples[v] = load(v); });
        for_each_of<outputs>([&](int output) __attribute__((always_inline)) {
            add_any(samples, gain_to(term, output), frame, sums + output * vectors);
        });
        return;
    }
    const Vector position = position_at(gain_to(term, 0), frame);
    for_each_of<vectors>([&](int v) __attribute__((always_inline)) {
        const Vector samples = load(v);
        const Vector here = in_register(position + static_cast<float>(v * width));
        for_each_of<outputs>([&](int output) __attribute__((always_inline)) {
            const GainLine& gain = gain_to(term, output);
            Vector& sum = sums[output * vectors + v];
            if constexpr (course == Course::still) sum += gain.target * samples;
            else sum += (gain.target + gain.slope * here) * samples;
        });
    });
}

/// Terms that are added together.
template <class Term>
struct Terms {
    const Term* begin;
    const Term* end;
    bool first;      ///< the outputs begin with these, and otherwise go on
    Meters* meters;  ///< a term each
};

/// As many vectors of frames as are in `sums`, with all terms inside: every output is written once, and what two outputs share is loaded
/// once. Source of the scheme: output-stationary tiling (Goto and van de Geijn, ACM TOMS 34(3), 2008, section 2).
template <Course course, int outputs, int vectors, bool metered, class Term, class Access>
void mix_tile(const Terms<Term>& terms, float* const (&out)[outputs], std::uint32_t frame, Access access)
{
    Vector sums[outputs * vectors];
    const auto place = [&](int i) __attribute__((always_inline)) { return out[i / vectors] + frame + i % vectors * width; };
    if (terms.first) for_each_of<outputs * vectors>([&](int i) __attribute__((always_inline)) { sums[i] = Vector{}; });
    else for_each_of<outputs * vectors>([&](int i) __attribute__((always_inline)) { sums[i] = access.load(place(i)); });
    Meters* meters = terms.meters;
    for (const Term* term = terms.begin; term != terms.end; ++term) {
        if constexpr (metered) {
            Meters here[meters_abreast<vectors>];
            add_term<course, outputs, vectors>(*term, frame, sums, here, access);
            for_each_of<meters_abreast<vectors> - 1>([&](int i) __attribute__((always_inline)) { here[0].add(here[i + 1]); });
            if (frame == 0) *meters++ = here[0];
            else (meters++)->add(here[0]);
        } else {
            add_term<course, outputs, vectors>(*term, frame, sums, nullptr, access);
        }
    }
    for_each_of<outputs * vectors>([&](int i) __attribute__((always_inline)) { access.store(place(i), sums[i]); });
}

/// Sums at a time: enough to hide the time that a multiply-add takes, and no more than fit the registers.
constexpr int tile_sums = width < 16 ? 8 : 16;

/// In tiles of so many vectors, then in smaller ones, so that a short block has as many sums at a time as it can.
template <Course course, int outputs, int vectors, bool metered, class Term>
void mix_frames(const Terms<Term>& terms, float* const (&out)[outputs], std::uint32_t frame, std::uint32_t frames)
{
    for (; frame + vectors * width <= frames; frame += vectors * width)
        mix_tile<course, outputs, vectors, metered>(terms, out, frame, Whole{});
    if constexpr (vectors > 1) mix_frames<course, outputs, vectors / 2, metered>(terms, out, frame, frames);
    else if (frame < frames) mix_tile<Course::any, outputs, 1, metered>(terms, out, frame, Part{frames - frame});
}

template <bool metered, int outputs, class Term>
void mix_terms(const Terms<Term>& terms, float* const (&out)[outputs], std::uint32_t frames)
{
    constexpr int vectors = tile_sums / outputs;
    switch (course_of<outputs>(terms.begin, terms.end, frames)) {
    case Course::still: return mix_frames<Course::still, outputs, vectors, metered>(terms, out, 0, frames);
    case Course::straight: return mix_frames<Course::straight, outputs, vectors, metered>(terms, out, 0, frames);
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
        for (std::size_t i = frames == 0 ? 0 : some; i < last; ++i) meters[i] = {Integers{}, Vector{}};  // what no tile writes
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
