// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dsp/convolver/kernels/kernels.hpp"
#include "dsp/convolver/kernels/vectors.hpp"

/// The transform's passes. A node is a polynomial modulo x^M − c; a pass of radix r splits it into r nodes modulo
/// x^(M/r) − d with the r-th roots d of c, so every node has one set of twiddles: d^1 … d^(r−1) of its first root.
/// Source: Bernstein, "Multidigit multiplication for mathematicians" (2001), sections 3 and 4. For kernels.cpp alone.
namespace stemwire::dsp::convolver {

namespace {

constexpr float half_root = 0.70710678118654752440f;  // cos π/4

template <int lanes>
[[gnu::always_inline]] inline void split4(Complex<lanes>& a0, Complex<lanes>& a1, Complex<lanes>& a2, Complex<lanes>& a3)
{
    const auto sum02 = a0 + a2;
    const auto difference02 = a0 - a2;
    const auto sum13 = a1 + a3;
    const auto difference13 = times_i<lanes>(a1 - a3);
    a0 = sum02 + sum13;
    a1 = difference02 + difference13;
    a2 = sum02 - sum13;
    a3 = difference02 - difference13;
}

template <int lanes>
[[gnu::always_inline]] inline void join4(Complex<lanes>& a0, Complex<lanes>& a1, Complex<lanes>& a2, Complex<lanes>& a3)
{
    const auto sum02 = a0 + a2;
    const auto difference02 = a0 - a2;
    const auto sum13 = a1 + a3;
    const auto difference13 = times_i<lanes>(a1 - a3);
    a0 = sum02 + sum13;
    a1 = difference02 - difference13;
    a2 = sum02 - sum13;
    a3 = difference02 + difference13;
}

/// a · e^(iπ/4) and a · e^(−iπ/4).
template <int lanes>
[[gnu::always_inline]] inline Complex<lanes> eighth_turn(Complex<lanes> a)
{
    return {(a.re - a.im) * half_root, (a.re + a.im) * half_root};
}
template <int lanes>
[[gnu::always_inline]] inline Complex<lanes> eighth_turn_back(Complex<lanes> a)
{
    return {(a.re + a.im) * half_root, (a.im - a.re) * half_root};
}

/// b[k] = Σ a[j] · e^(2πi jk / radix), after the twiddles.
template <int radix, int lanes>
[[gnu::always_inline]] inline void split(Complex<lanes>* a)
{
    if constexpr (radix == 2) {
        const auto sum = a[0] + a[1];
        a[1] = a[0] - a[1];
        a[0] = sum;
    } else if constexpr (radix == 4) {
        split4<lanes>(a[0], a[1], a[2], a[3]);
    } else {
        split4<lanes>(a[0], a[2], a[4], a[6]);
        split4<lanes>(a[1], a[3], a[5], a[7]);
        const Complex<lanes> even[4] = {a[0], a[2], a[4], a[6]};
        const Complex<lanes> odd[4] = {a[1], eighth_turn<lanes>(a[3]), times_i<lanes>(a[5]), times_i<lanes>(eighth_turn<lanes>(a[7]))};
        for (int k = 0; k < 4; ++k) {
            a[k] = even[k] + odd[k];
            a[k + 4] = even[k] - odd[k];
        }
    }
}

/// radix · a[j] = Σ b[k] · e^(−2πi jk / radix), before the twiddles.
template <int radix, int lanes>
[[gnu::always_inline]] inline void join(Complex<lanes>* a)
{
    if constexpr (radix == 2) {
        split<2, lanes>(a);
    } else if constexpr (radix == 4) {
        join4<lanes>(a[0], a[1], a[2], a[3]);
    } else {
        Complex<lanes> even[4];
        Complex<lanes> odd[4];
        for (int k = 0; k < 4; ++k) {
            even[k] = a[k] + a[k + 4];
            odd[k] = a[k] - a[k + 4];
        }
        odd[1] = eighth_turn_back<lanes>(odd[1]);
        odd[2] = {odd[2].im, -odd[2].re};
        odd[3] = eighth_turn_back<lanes>(odd[3]);
        odd[3] = {odd[3].im, -odd[3].re};
        join4<lanes>(even[0], even[1], even[2], even[3]);
        join4<lanes>(odd[0], odd[1], odd[2], odd[3]);
        for (int j = 0; j < 4; ++j) {
            a[2 * j] = even[j];
            a[2 * j + 1] = odd[j];
        }
    }
}

template <int lanes>
[[gnu::always_inline]] inline Complex<lanes> load_complex(const float* tile)
{
    return {load<lanes>(tile), load<lanes>(tile + tile_bins)};
}

template <int lanes>
[[gnu::always_inline]] inline void store_complex(float* tile, Complex<lanes> value)
{
    store<lanes>(tile, value.re);
    store<lanes>(tile + tile_bins, value.im);
}

/// One twiddle for all lanes.
template <int lanes>
[[gnu::always_inline]] inline Complex<lanes> same_twiddle(const float* twiddle)
{
    return {Vector<lanes>{} + twiddle[0], Vector<lanes>{} + twiddle[1]};
}

template <int radix, int lanes>
struct Pass {
    static void forward_first(const float* real, const float* imaginary, float* node, const PassPart& part) noexcept
    {
        for (std::size_t column = part.begin; column < part.end; column += lanes) {
            Complex<lanes> a[radix];
            for (int j = 0; j < radix; ++j) {
                const std::size_t element = static_cast<std::size_t>(j) * part.span + column;
                a[j] = {load<lanes>(real + element), load<lanes>(imaginary + element)};
            }
            turn_and_split(a, part.twiddles);
            store_rows(node, part.span, column, a);
        }
    }

    static void forward(float* node, const PassPart& part) noexcept
    {
        for (std::size_t column = part.begin; column < part.end; column += lanes) {
            Complex<lanes> a[radix];
            load_rows(node, part.span, column, a);
            turn_and_split(a, part.twiddles);
            store_rows(node, part.span, column, a);
        }
    }

    static void inverse(float* node, const PassPart& part) noexcept
    {
        for (std::size_t column = part.begin; column < part.end; column += lanes) {
            Complex<lanes> a[radix];
            load_rows(node, part.span, column, a);
            join<radix, lanes>(a);
            for (int j = 1; j < radix; ++j) a[j] = turn<true, lanes>(a[j], same_twiddle<lanes>(part.twiddles + 2 * (j - 1)));
            store_rows(node, part.span, column, a);
        }
    }

    static void inverse_last(const float* node, float* imaginary, const PassPart& part) noexcept
    {
        for (std::size_t column = part.begin; column < part.end; column += lanes) {
            Complex<lanes> a[radix];
            load_rows(node, part.span, column, a);
            join<radix, lanes>(a);
            store<lanes>(imaginary + column, a[0].im);
            for (int j = 1; j < radix; ++j) {
                const auto turned = turn<true, lanes>(a[j], same_twiddle<lanes>(part.twiddles + 2 * (j - 1)));
                store<lanes>(imaginary + static_cast<std::size_t>(j) * part.span + column, turned.im);
            }
        }
    }

    static constexpr Butterflies table{&forward_first, &forward, &inverse, &inverse_last};

private:
    [[gnu::always_inline]] static void turn_and_split(Complex<lanes>* a, const float* twiddles)
    {
        for (int j = 1; j < radix; ++j) a[j] = turn<false, lanes>(a[j], same_twiddle<lanes>(twiddles + 2 * (j - 1)));
        split<radix, lanes>(a);
    }

    [[gnu::always_inline]] static void load_rows(const float* node, std::size_t span, std::size_t column, Complex<lanes>* a)
    {
        for (std::size_t j = 0; j < radix; ++j) a[j] = load_complex<lanes>(node + tile_offset(j * span) + tile_offset(column));
    }

    [[gnu::always_inline]] static void store_rows(float* node, std::size_t span, std::size_t column, const Complex<lanes>* a)
    {
        for (std::size_t j = 0; j < radix; ++j) store_complex<lanes>(node + tile_offset(j * span) + tile_offset(column), a[j]);
    }
};

/// The last passes, at which a node is as long as a vector: lanes² elements, transposed so that every lane is a node of its own.
template <int lanes>
struct Leaf {
    static constexpr int outer = lanes == 16 ? 4 : 1;   ///< radix of the first of two passes inside
    static constexpr int inner = lanes / outer;
    static constexpr std::size_t twiddle_vectors = 2 * (outer - 1 + outer * (inner - 1));

    static void forward(const float* work, float* spectrum, std::size_t tile_stride, std::size_t blocks, const float* twiddles) noexcept
    {
        for (std::size_t block = 0; block < blocks; ++block, twiddles += twiddle_vectors * lanes) {
            Complex<lanes> a[lanes];
            load_transposed(work, block, a);
            split_all(a, twiddles);
            for (std::size_t row = 0; row < lanes; ++row) {
                const std::size_t element = (block * lanes + row) * lanes;
                store_complex<lanes>(spectrum + element / tile_bins * tile_stride + element % tile_bins, a[row]);
            }
        }
    }

    static void inverse(float* work, std::size_t blocks, const float* twiddles) noexcept
    {
        for (std::size_t block = 0; block < blocks; ++block, twiddles += twiddle_vectors * lanes) {
            Complex<lanes> a[lanes];
            for (std::size_t row = 0; row < lanes; ++row) a[row] = load_complex<lanes>(work + tile_offset((block * lanes + row) * lanes));
            join_all(a, twiddles);
            store_transposed(work, block, a);
        }
    }

private:
    [[gnu::always_inline]] static Complex<lanes> twiddle(const float* twiddles, int index)
    {
        return {load<lanes>(twiddles + 2 * index * lanes), load<lanes>(twiddles + (2 * index + 1) * lanes)};
    }

    [[gnu::always_inline]] static void split_all(Complex<lanes>* a, const float* twiddles)
    {
        if constexpr (outer > 1)
            for (int q = 0; q < inner; ++q) {
                Complex<lanes> b[outer];
                b[0] = a[q];
                for (int j = 1; j < outer; ++j) b[j] = turn<false, lanes>(a[q + inner * j], twiddle(twiddles, j - 1));
                split<outer, lanes>(b);
                for (int j = 0; j < outer; ++j) a[q + inner * j] = b[j];
            }
        for (int child = 0; child < outer; ++child) {
            Complex<lanes>* b = a + inner * child;
            for (int j = 1; j < inner; ++j) b[j] = turn<false, lanes>(b[j], twiddle(twiddles, outer - 1 + child * (inner - 1) + j - 1));
            split<inner, lanes>(b);
        }
    }

    [[gnu::always_inline]] static void join_all(Complex<lanes>* a, const float* twiddles)
    {
        for (int child = 0; child < outer; ++child) {
            Complex<lanes>* b = a + inner * child;
            join<inner, lanes>(b);
            for (int j = 1; j < inner; ++j) b[j] = turn<true, lanes>(b[j], twiddle(twiddles, outer - 1 + child * (inner - 1) + j - 1));
        }
        if constexpr (outer > 1)
            for (int q = 0; q < inner; ++q) {
                Complex<lanes> b[outer];
                for (int j = 0; j < outer; ++j) b[j] = a[q + inner * j];
                join<outer, lanes>(b);
                a[q] = b[0];
                for (int j = 1; j < outer; ++j) a[q + inner * j] = turn<true, lanes>(b[j], twiddle(twiddles, j - 1));
            }
    }

    [[gnu::always_inline]] static void load_transposed(const float* work, std::size_t block, Complex<lanes>* a)
    {
        Vector<lanes> part[lanes];
        for (const std::size_t shift : {std::size_t{0}, tile_bins}) {
            for (std::size_t row = 0; row < lanes; ++row)
                part[row] = load<lanes>(work + tile_offset((block * lanes + row) * lanes) + shift);
            transpose<lanes>(part);
            for (int row = 0; row < lanes; ++row) (shift == 0 ? a[row].re : a[row].im) = part[row];
        }
    }

    [[gnu::always_inline]] static void store_transposed(float* work, std::size_t block, const Complex<lanes>* a)
    {
        Vector<lanes> part[lanes];
        for (const std::size_t shift : {std::size_t{0}, tile_bins}) {
            for (int row = 0; row < lanes; ++row) part[row] = shift == 0 ? a[row].re : a[row].im;
            transpose<lanes>(part);
            for (std::size_t row = 0; row < lanes; ++row)
                store<lanes>(work + tile_offset((block * lanes + row) * lanes) + shift, part[row]);
        }
    }
};

template <int lanes>
constexpr TransformKernels transform_kernels{lanes, Pass<2, lanes>::table, Pass<4, lanes>::table, Pass<8, lanes>::table,
                                             &Leaf<lanes>::forward, &Leaf<lanes>::inverse};

}  // namespace

}  // namespace stemwire::dsp::convolver
