// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dsp/kernels/kernels.hpp"
#include "dsp/kernels/mix.hpp"
#include "dsp/kernels/vector.hpp"

/// For kernels.cpp alone.
namespace stemwire::dsp {

namespace {

/// Numbers that are not negative lie in the same order as their bits do, and whole numbers are compared where nothing else is computed.
Integers larger(Integers a, Integers b)
{
    return a > b ? a : b;
}

struct Meters {
    Integers peak;  ///< bits of magnitudes
    Vector sum_squares;

    void add(Vector samples)
    {
        peak = larger(peak, bits(magnitude(samples)));
        sum_squares += samples * samples;
    }

    void add(const Meters& other)
    {
        peak = larger(peak, other.peak);
        sum_squares += other.sum_squares;
    }
};

/// The halves of `a`'s blocks of lanes side by side with those of `b`'s: lanes `first` of every block, all of `a`'s before all of `b`'s.
template <int block, int first, class Type, std::size_t... lane>
Type halves(Type a, Type b, LaneNumbers<lane...>)
{
    return __builtin_shufflevector(a, b, (static_cast<int>(lane) / (block / 2) * block + static_cast<int>(lane) % (block / 2) + first)...);
}

template <int block>
Meters fold(const Meters& a, const Meters& b)
{
    constexpr AllLanes all{};
    return {larger(halves<block, 0>(a.peak, b.peak, all), halves<block, block / 2>(a.peak, b.peak, all)),
            halves<block, 0>(a.sum_squares, b.sum_squares, all) + halves<block, block / 2>(a.sum_squares, b.sum_squares, all)};
}

/// One lane for each of the terms, in their order, from as many vectors.
template <int block, int count>
[[gnu::always_inline]] inline Meters add_lanes(const Meters (&meters)[count])
{
    if constexpr (block == 1) {
        return meters[0];
    } else {
        Meters folded[(count + 1) / 2];
        for_each_of<(count + 1) / 2>([&](int i) __attribute__((always_inline)) {
            folded[i] = fold<block>(meters[2 * i], meters[2 * i + (count > 1)]);
        });
        return add_lanes<block / 2>(folded);
    }
}

/// What is measured of a term: before a gain that stands still, which comes last.
template <Course course>
[[gnu::always_inline]] inline Vector measured(const MixTerm& term, Vector samples, std::uint32_t frame)
{
    if constexpr (course == Course::still) return samples;
    else return gain_at(term.gain, position_at(term.gain, frame)) * samples;
}

/// Several terms in step, so that none waits for its own sums, and `abreast` vectors of each at a time, as far as these go.
template <Course course, int count, int abreast>
[[gnu::always_inline]] inline void measure_vectors(const MixTerm* terms, std::uint32_t& frame, std::uint32_t frames,
                                                   Meters (&meters)[count])
{
    Meters sums[count * abreast];
    for_each_of<count * abreast>([&](int i) __attribute__((always_inline)) { sums[i] = Meters{Integers{}, Vector{}}; });
    for (; frame + abreast * width <= frames; frame += abreast * width)
        for_each_of<count * abreast>([&](int i) __attribute__((always_inline)) {
            const std::uint32_t here = frame + static_cast<std::uint32_t>(i % abreast * width);
            const Vector samples = in_register(Whole{}.load(terms[i / abreast].samples + here));
            sums[i].add(measured<course>(terms[i / abreast], samples, here));
        });
    for_each_of<count * abreast>([&](int i) __attribute__((always_inline)) { meters[i / abreast].add(sums[i]); });
}

constexpr int measured_abreast = width < 16 ? 1 : 2;  // as the registers hold

template <Course course, int count>
[[gnu::always_inline]] inline Meters measure_frames(const MixTerm* terms, std::uint32_t frames)
{
    Meters meters[count];
    for_each_of<count>([&](int i) __attribute__((always_inline)) { meters[i] = Meters{Integers{}, Vector{}}; });
    std::uint32_t frame = 0;
    measure_vectors<course, count, count == 1 ? 4 : measured_abreast>(terms, frame, frames, meters);
    if (frame + width <= frames) measure_vectors<course, count, 1>(terms, frame, frames, meters);
    if (frame < frames)
        for_each_of<count>([&](int i) __attribute__((always_inline)) {
            meters[i].add(measured<course>(terms[i], Part{frames - frame}.load(terms[i].samples + frame), frame));
        });
    return add_lanes<width>(meters);
}

template <int count>
void measure_group(const MixTerm* terms, Level* levels, std::uint32_t frames)
{
    bool still = true;
    for (int i = 0; i < count; ++i) still = still && terms[i].gain.slope == 0.0f;
    const Meters all = still ? measure_frames<Course::still, count>(terms, frames) : measure_frames<Course::any, count>(terms, frames);
    float peaks[width];
    float sums[width];
    Whole{}.store(peaks, reinterpret_cast<Vector>(all.peak));
    Whole{}.store(sums, all.sum_squares);
    for (int i = 0; i < count; ++i) {
        const float gain = still ? terms[i].gain.target : 1.0f;
        levels[i] = {peaks[i] * __builtin_fabsf(gain), sums[i] * gain * gain};
    }
}

void measure_terms(const MixTerm* terms, std::size_t count, Level* levels, std::uint32_t frames) noexcept
{
    std::size_t term = 0;
    for (; term + 4 <= count; term += 4) measure_group<4>(terms + term, levels + term, frames);
    for (; term < count; ++term) measure_group<1>(terms + term, levels + term, frames);
}

}  // namespace

}  // namespace stemwire::dsp
