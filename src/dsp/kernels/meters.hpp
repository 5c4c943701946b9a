// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dsp/kernels/kernels.hpp"
#include "dsp/kernels/vector.hpp"

/// For kernels.cpp alone.
namespace stemwire::dsp {

namespace {

/// Numbers that are not negative lie in the same order as their bits do, and whole numbers are compared where nothing else is computed.
Integers larger(Integers a, Integers b)
{
    return a > b ? a : b;
}

/// The level of one term, lane by lane.
struct Meters {
    Integers peak;  ///< bits of magnitudes
    Vector sum_squares;

    static Meters of(Vector samples) { return {bits(magnitude(samples)), samples * samples}; }

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

/// The levels of `count` terms, or of the first `wanted` of them.
template <int count>
void write_levels(const Meters (&meters)[count], Level* levels, std::size_t wanted = count)
{
    const Meters all = add_lanes<width>(meters);
    float peaks[width];
    float sums[width];
    Whole{}.store(peaks, reinterpret_cast<Vector>(all.peak));
    Whole{}.store(sums, all.sum_squares);
    for (std::size_t i = 0; i < wanted; ++i) levels[i] = {peaks[i], sums[i]};
}

}  // namespace

}  // namespace stemwire::dsp
