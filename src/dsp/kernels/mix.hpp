// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dsp/kernels/kernels.hpp"
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

const GainLine& gain_to(const MixTerm& term, int)
{
    return term.gain;
}

const GainLine& gain_to(const PairTerm& term, int output)
{
    return term.gains[output];
}

/// What all gains of all terms do while a block lasts.
enum class Course {
    still,
    straight,  ///< move to the block's end or beyond, those of a term together
    any,
};

bool is_still(const GainLine& gain)
{
    return gain.slope == 0.0f && gain.target != 0.0f;
}

bool is_straight(const GainLine& gain, std::uint32_t end)
{
    return gain.slope != 0.0f && gain.position + static_cast<float>(end) <= 0.0f;
}

template <int outputs, class Term>
Course course_of(const Term* terms, std::size_t count, std::uint32_t frames)
{
    bool still = true;
    bool straight = true;
    for (const Term* term = terms; term != terms + count; ++term)
        for (int output = 0; output < outputs; ++output) {
            const GainLine& gain = gain_to(*term, output);
            still = still && is_still(gain);
            straight = straight && is_straight(gain, frames) && gain.position == gain_to(*term, 0).position;
        }
    return still ? Course::still : straight ? Course::straight : Course::any;
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

/// Adds a term to `sums[output][vector]`.
template <Course course, int outputs, int vectors, class Term, class Access>
[[gnu::always_inline]] inline void add_term(const Term& term, std::uint32_t frame, Vector* sums, Access access)
{
    const auto load = [&](int v) __attribute__((always_inline)) { return in_register(access.load(term.samples + frame + v * width)); };
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

/// As many vectors of frames as are in `sums`, with all terms inside: every output is written once, and what two outputs share is loaded
/// once. Source of the scheme: output-stationary tiling (Goto and van de Geijn, ACM TOMS 34(3), 2008, section 2).
template <Course course, int outputs, int vectors, class Term, class Access>
void mix_tile(const Term* terms, std::size_t count, float* const (&out)[outputs], std::uint32_t frame, Access access)
{
    Vector sums[outputs * vectors];
    for_each_of<outputs * vectors>([&](int i) __attribute__((always_inline)) { sums[i] = Vector{}; });
    for (const Term* term = terms; term != terms + count; ++term) add_term<course, outputs, vectors>(*term, frame, sums, access);
    for_each_of<outputs * vectors>([&](int i) __attribute__((always_inline)) {
        access.store(out[i / vectors] + frame + i % vectors * width, sums[i]);
    });
}

/// Sums at a time: enough to hide the time that a multiply-add takes, and no more than fit the registers.
constexpr int tile_sums = width < 16 ? 8 : 16;

/// In tiles of so many vectors, then in smaller ones, so that a short block has as many sums at a time as it can.
template <Course course, int outputs, int vectors, class Term>
void mix_frames(const Term* terms, std::size_t count, float* const (&out)[outputs], std::uint32_t frame, std::uint32_t frames)
{
    for (; frame + vectors * width <= frames; frame += vectors * width)
        mix_tile<course, outputs, vectors>(terms, count, out, frame, Whole{});
    if constexpr (vectors > 1) mix_frames<course, outputs, vectors / 2>(terms, count, out, frame, frames);
    else if (frame < frames) mix_tile<Course::any, outputs, 1>(terms, count, out, frame, Part{frames - frame});
}

template <int outputs, class Term>
void mix_terms(const Term* terms, std::size_t count, float* const (&out)[outputs], std::uint32_t frames)
{
    constexpr int vectors = tile_sums / outputs;
    switch (course_of<outputs>(terms, count, frames)) {
    case Course::still: return mix_frames<Course::still, outputs, vectors>(terms, count, out, 0, frames);
    case Course::straight: return mix_frames<Course::straight, outputs, vectors>(terms, count, out, 0, frames);
    case Course::any: return mix_frames<Course::any, outputs, vectors>(terms, count, out, 0, frames);
    }
}

void mix_block(const MixTerm* terms, std::size_t count, float* out, std::uint32_t frames) noexcept
{
    float* const outputs[] = {out};
    mix_terms(terms, count, outputs, frames);
}

void mix_pair_block(const PairTerm* terms, std::size_t count, float* first, float* second, std::uint32_t frames) noexcept
{
    float* const outputs[] = {first, second};
    mix_terms(terms, count, outputs, frames);
}

}  // namespace

}  // namespace stemwire::dsp
