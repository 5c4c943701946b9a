// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dsp/kernels/kernels.hpp"
#include "dsp/kernels/meters.hpp"
#include "dsp/kernels/mix.hpp"
#include "dsp/kernels/vector.hpp"

/// For kernels.cpp alone.
namespace stemwire::dsp {

namespace {

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
    for_each_of<count * abreast>([&](int i) __attribute__((always_inline)) { sums[i] = Meters{Vector{}, Vector{}}; });
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
[[gnu::always_inline]] inline void measure_frames(const MixTerm* terms, Meters (&meters)[count], std::uint32_t frames)
{
    for_each_of<count>([&](int i) __attribute__((always_inline)) { meters[i] = Meters{Vector{}, Vector{}}; });
    std::uint32_t frame = 0;
    measure_vectors<course, count, count == 1 ? 4 : measured_abreast>(terms, frame, frames, meters);
    if (frame + width <= frames) measure_vectors<course, count, 1>(terms, frame, frames, meters);
    if (frame < frames)
        for_each_of<count>([&](int i) __attribute__((always_inline)) {
            meters[i].add(measured<course>(terms[i], Part{frames - frame}.load(terms[i].samples + frame), frame));
        });
}

template <int count>
void measure_group(const MixTerm* terms, Level* levels, std::uint32_t frames)
{
    bool still = true;
    for (int i = 0; i < count; ++i) still = still && terms[i].gain.slope == 0.0f;
    Meters meters[count];
    if (still) measure_frames<Course::still, count>(terms, meters, frames);
    else measure_frames<Course::any, count>(terms, meters, frames);
    write_levels<count>(meters, levels);
    if (!still) return;
    for (int i = 0; i < count; ++i) {
        const float gain = terms[i].gain.target;
        levels[i] = {levels[i].peak * __builtin_fabsf(gain), levels[i].sum_squares * gain * gain};
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
