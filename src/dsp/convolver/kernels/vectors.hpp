// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <utility>

/// Vectors of a given number of lanes, by GCC's and clang's vector extension. For kernels.cpp alone: what is here is compiled for
/// several processors and so has internal linkage.
namespace stemwire::dsp::convolver {

namespace {

template <int lanes>
struct VectorOf {
    using Type [[gnu::vector_size(lanes * sizeof(float))]] = float;
    using Unaligned [[gnu::vector_size(lanes * sizeof(float)), gnu::aligned(alignof(float)), gnu::may_alias]] = float;
};

template <int lanes>
using Vector = typename VectorOf<lanes>::Type;

template <int lanes>
[[gnu::always_inline]] inline Vector<lanes> load(const float* from)
{
    return *reinterpret_cast<const typename VectorOf<lanes>::Unaligned*>(from);
}

template <int lanes>
[[gnu::always_inline]] inline void store(float* to, Vector<lanes> vector)
{
    *reinterpret_cast<typename VectorOf<lanes>::Unaligned*>(to) = vector;
}

template <int lanes>
struct Complex {
    Vector<lanes> re;
    Vector<lanes> im;
};

template <int lanes>
[[gnu::always_inline]] inline Complex<lanes> operator+(Complex<lanes> a, Complex<lanes> b)
{
    return {a.re + b.re, a.im + b.im};
}

template <int lanes>
[[gnu::always_inline]] inline Complex<lanes> operator-(Complex<lanes> a, Complex<lanes> b)
{
    return {a.re - b.re, a.im - b.im};
}

template <int lanes>
[[gnu::always_inline]] inline Complex<lanes> times_i(Complex<lanes> a)
{
    return {-a.im, a.re};
}

/// a · t, and with the conjugate of t for an inverse.
template <bool conjugate, int lanes>
[[gnu::always_inline]] inline Complex<lanes> turn(Complex<lanes> a, Complex<lanes> t)
{
    if constexpr (conjugate) return {a.re * t.re + a.im * t.im, a.im * t.re - a.re * t.im};
    else return {a.re * t.re - a.im * t.im, a.re * t.im + a.im * t.re};
}

/// One round of a transposition: lanes of two vectors by an index into both, `pick(lane)`.
template <int lanes, class Pick, std::size_t... lane>
[[gnu::always_inline]] inline Vector<lanes> shuffle(Vector<lanes> a, Vector<lanes> b, Pick, std::index_sequence<lane...>)
{
    return __builtin_shufflevector(a, b, Pick::from(static_cast<int>(lane))...);
}

/// Within each four lanes: a0 b0 a1 b1, or a2 b2 a3 b3.
template <int lanes, bool high>
struct Interleave {
    static constexpr int from(int lane) { return (lane & ~3) + (high ? 2 : 0) + (lane & 3) / 2 + (lane & 1) * lanes; }
};

/// Within each four lanes: a0 a1 b0 b1, or a2 a3 b2 b3.
template <int lanes, bool high>
struct InterleavePairs {
    static constexpr int from(int lane) { return (lane & ~3) + (high ? 2 : 0) + (lane & 1) + ((lane & 2) ? lanes : 0); }
};

/// Exchanges the groups of `distance` lanes off the diagonal (Eklundh, IEEE Trans. Comput. C-21(7), 1972).
template <int lanes, int distance, bool high>
struct Exchange {
    static constexpr int from(int lane)
    {
        const bool odd = (lane & distance) != 0;
        if (high) return odd ? lane + lanes : lane + distance;
        return odd ? lane - distance + lanes : lane;
    }
};

template <template <int, bool> class Round, int lanes>
[[gnu::always_inline]] inline void round_of_pair(Vector<lanes>& a, Vector<lanes>& b)
{
    constexpr auto all = std::make_index_sequence<lanes>{};
    const Vector<lanes> low = shuffle<lanes>(a, b, Round<lanes, false>{}, all);
    b = shuffle<lanes>(a, b, Round<lanes, true>{}, all);
    a = low;
}

template <int distance, int lanes>
[[gnu::always_inline]] inline void exchange(Vector<lanes>* rows)
{
    constexpr auto all = std::make_index_sequence<lanes>{};
    for (int row = 0; row < lanes; ++row) {
        if ((row & distance) != 0) continue;
        const Vector<lanes> low = shuffle<lanes>(rows[row], rows[row + distance], Exchange<lanes, distance, false>{}, all);
        rows[row + distance] = shuffle<lanes>(rows[row], rows[row + distance], Exchange<lanes, distance, true>{}, all);
        rows[row] = low;
    }
}

/// rows[i][j] becomes rows[j][i].
template <int lanes>
[[gnu::always_inline]] inline void transpose(Vector<lanes>* rows)
{
    for (int row = 0; row < lanes; row += 4) {
        round_of_pair<Interleave, lanes>(rows[row], rows[row + 1]);
        round_of_pair<Interleave, lanes>(rows[row + 2], rows[row + 3]);
        round_of_pair<InterleavePairs, lanes>(rows[row], rows[row + 2]);
        round_of_pair<InterleavePairs, lanes>(rows[row + 1], rows[row + 3]);
        const Vector<lanes> second = rows[row + 2];
        rows[row + 2] = rows[row + 1];
        rows[row + 1] = second;
    }
    if constexpr (lanes >= 8) exchange<4, lanes>(rows);
    if constexpr (lanes >= 16) exchange<8, lanes>(rows);
}

}  // namespace

}  // namespace stemwire::dsp::convolver
