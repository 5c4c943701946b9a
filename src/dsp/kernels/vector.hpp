// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#include <cstddef>
#include <cstdint>
#include <utility>

/// The widest vector of floats that this file is compiled for, by GCC's and clang's vector extension. For kernels.cpp alone: what it
/// defines differs between the files that include it, and so has internal linkage.
namespace stemwire::dsp {

namespace {

#if defined(__AVX512F__)
constexpr int width = 16;
#elif defined(__AVX__)
constexpr int width = 8;
#else
constexpr int width = 4;
#endif

using Vector = float __attribute__((vector_size(width * sizeof(float))));
using Integers = std::int32_t __attribute__((vector_size(width * sizeof(float))));
using Unaligned = float __attribute__((vector_size(width * sizeof(float)), aligned(alignof(float)), may_alias));

/// 0, 1, 2, …
#if defined(__AVX512F__)
constexpr Vector lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#elif defined(__AVX__)
constexpr Vector lanes = {0, 1, 2, 3, 4, 5, 6, 7};
#else
constexpr Vector lanes = {0, 1, 2, 3};
#endif

/// Reads and writes a whole vector at any address.
struct Whole {
    Vector load(const float* from) const { return *reinterpret_cast<const Unaligned*>(from); }
    void store(float* to, Vector vector) const { *reinterpret_cast<Unaligned*>(to) = vector; }
};

/// Reads and writes the first `frames` lanes, the others being 0: the same arithmetic at a block's end as inside it.
struct Part {
    std::uint32_t frames;

    Vector load(const float* from) const
    {
        Vector vector{};
        __builtin_memcpy(&vector, from, frames * sizeof(float));
        return vector;
    }
    void store(float* to, Vector vector) const { __builtin_memcpy(to, &vector, frames * sizeof(float)); }
};

/// The same vector, which the compiler must load once: it would rather load it for each use, and a load across two cache lines costs two.
Vector in_register(Vector vector)
{
#if defined(__x86_64__)
    asm("" : "+v"(vector));
#endif
    return vector;
}

Vector broadcast(float number)
{
    return number - Vector{};
}

Integers bits(Vector vector)
{
    return reinterpret_cast<Integers>(vector);
}

Vector magnitude(Vector vector)
{
    constexpr std::int32_t without_sign = 0x7fffffff;
    return reinterpret_cast<Vector>(bits(vector) & without_sign);
}

/// Of numbers that can be compared; else the second.
Vector larger(Vector a, Vector b)
{
#if defined(__AVX512F__)
    constexpr __mmask16 all = 0xffff;
    return _mm512_maskz_max_ps(all, a, b);  // one instruction: GCC makes two of the comparison, and warns of the form without a mask
#else
    return a > b ? a : b;
#endif
}

/// Does it for 0 … count − 1 without a loop, so that what an array holds stays in registers: GCC keeps what loops over it in memory.
template <int count, class Each>
[[gnu::always_inline]] inline void for_each_of(Each each)
{
    [&]<std::size_t... number>(std::index_sequence<number...>) __attribute__((always_inline)) {
        (each(static_cast<int>(number)), ...);
    }(std::make_index_sequence<count>{});
}

template <std::size_t... lane>
using LaneNumbers = std::index_sequence<lane...>;
using AllLanes = std::make_index_sequence<width>;

}  // namespace

}  // namespace stemwire::dsp
