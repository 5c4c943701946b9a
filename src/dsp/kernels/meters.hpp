// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dsp/kernels/kernels.hpp"
#include "dsp/kernels/vector.hpp"

/// For kernels.cpp alone.
namespace stemwire::dsp {

namespace {

/// The larger of what are magnitudes and of what are samples.
Vector larger_magnitude(Vector peak, Vector samples)
{
#if defined(__AVX512DQ__)
    constexpr int without_signs = 0b1011;  // of VRANGEPS: the larger magnitude, with its sign cleared
    return _mm512_range_ps(peak, samples, without_signs);
#else
    return larger(peak, magnitude(samples));
#endif
}

/// The level of one term, lane by lane.
struct Meters {
    Vector peak;
    Vector sum_squares;

    static Meters of(Vector samples) { return {magnitude(samples), samples * samples}; }

    void add(Vector samples)
    {
        peak = larger_magnitude(peak, samples);
        sum_squares += samples * samples;
    }

    void add(const Meters& other)
    {
        peak = larger(peak, other.peak);
        sum_squares += other.sum_squares;
    }
};

/// Lanes of two vectors, side by side in each four lanes.
template <int step>
struct Beside {
    /// What of every four lanes of both comes out: one of `a` and one of `b` in turn, or two and two.
    static constexpr int first(int lane) { return lane / 4 * 4 + (step == 1 ? lane % 4 / 2 : lane % 2) + (lane % 4 / step % 2) * width; }
    static constexpr int second(int lane) { return first(lane) + 2; }
};

/// The halves of blocks of lanes, all of `a`'s before all of `b`'s.
template <int block>
struct Halves {
    static constexpr int first(int lane) { return lane / (block / 2) * block + lane % (block / 2); }
    static constexpr int second(int lane) { return first(lane) + block / 2; }
};

template <class Order, class Type, std::size_t... lane>
[[gnu::always_inline]] inline Type firsts(Type a, Type b, LaneNumbers<lane...>)
{
    return __builtin_shufflevector(a, b, Order::first(static_cast<int>(lane))...);
}

template <class Order, class Type, std::size_t... lane>
[[gnu::always_inline]] inline Type seconds(Type a, Type b, LaneNumbers<lane...>)
{
    return __builtin_shufflevector(a, b, Order::second(static_cast<int>(lane))...);
}

/// Half as many vectors, each with the lanes of two.
template <class Order, int count>
struct Folded {
    static constexpr int size = (count + 1) / 2;
    Meters meters[size];

    [[gnu::always_inline]] explicit Folded(const Meters* from)
    {
        constexpr AllLanes all{};
        for_each_of<size>([&](int i) __attribute__((always_inline)) {
            const Meters& a = from[2 * i];
            const Meters& b = from[2 * i + (count > 1)];
            meters[i] = {larger(firsts<Order>(a.peak, b.peak, all), seconds<Order>(a.peak, b.peak, all)),
                         firsts<Order>(a.sum_squares, b.sum_squares, all) + seconds<Order>(a.sum_squares, b.sum_squares, all)};
        });
    }
};

/// From vectors with a lane of several terms in each four lanes to one with all terms in their order.
template <int block, int count>
[[gnu::always_inline]] inline Meters add_fours(const Meters* meters)
{
    if constexpr (block <= 4) return meters[0];
    else return add_fours<block / 2, Folded<Halves<block>, count>::size>(Folded<Halves<block>, count>(meters).meters);
}

/// One lane for each of the terms, in their order, from as many vectors. First within four lanes: that is the cheapest, and there is most to do.
template <int count>
[[gnu::always_inline]] inline Meters add_lanes(const Meters* meters)
{
    using Pairs = Folded<Beside<1>, count>;
    using Fours = Folded<Beside<2>, Pairs::size>;
    return add_fours<width, Fours::size>(Fours(Pairs(meters).meters).meters);
}

static_assert(sizeof(Level) == 2 * sizeof(float));

/// The levels of `count` terms, or of the first `wanted` of them.
template <int count>
void write_levels(const Meters* meters, Level* levels, std::size_t wanted = count)
{
    const Meters all = add_lanes<count>(meters);
    Level in_turn[width];
    [&]<std::size_t... lane>(LaneNumbers<lane...>) {
        constexpr auto from = [](std::size_t i) { return static_cast<int>(i / 2 + i % 2 * width); };
        Whole{}.store(&in_turn[0].peak, __builtin_shufflevector(all.peak, all.sum_squares, from(lane)...));
        Whole{}.store(&in_turn[width / 2].peak, __builtin_shufflevector(all.peak, all.sum_squares, from(lane + width)...));
    }(AllLanes{});
    if (wanted >= count) __builtin_memcpy(levels, in_turn, count * sizeof(Level));
    else for (std::size_t i = 0; i < wanted; ++i) levels[i] = in_turn[i];
}

}  // namespace

}  // namespace stemwire::dsp
