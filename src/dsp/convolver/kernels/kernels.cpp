// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled once for each instruction set, with STEMWIRE_KERNELS naming the table. What it includes must not define functions that
// the linker could share with other files: they might be taken from a file that is compiled for a newer processor.
#include "dsp/convolver/kernels/kernels.hpp"

#include <cstdint>

#include "dsp/convolver/kernels/butterflies.hpp"
#include "dsp/convolver/kernels/vectors.hpp"

namespace stemwire::dsp::convolver {

namespace {

#if defined(__AVX512F__)
constexpr int widest = 16;
constexpr int narrower = 8;
#elif defined(__AVX__)
constexpr int widest = 8;
constexpr int narrower = 8;
#else
constexpr int widest = 4;
constexpr int narrower = 4;
#endif

constexpr int accumulators = 4;  // of each part: enough chains of additions to hide their latency, few enough for 16 registers

template <int vectors>
struct Sums {
    Complex<widest> part[vectors]{};

    [[gnu::always_inline]] void load(const float* tile)
    {
        for (int v = 0; v < vectors; ++v) part[v] = load_complex<widest>(tile + v * widest);
    }
    [[gnu::always_inline]] void store(float* tile) const
    {
        for (int v = 0; v < vectors; ++v) store_complex<widest>(tile + v * widest, part[v]);
    }
};

[[gnu::always_inline]] inline void add_product(Complex<widest>& sum, Complex<widest> h, Complex<widest> x)
{
    sum.re = sum.re + h.re * x.re;
    sum.im = sum.im + h.re * x.im;
    sum.re = sum.re - h.im * x.im;
    sum.im = sum.im + h.im * x.re;
}

[[gnu::always_inline]] inline void add_run(Sums<accumulators>& sums, const float* impulse, const float* input, std::size_t count)
{
    for (std::size_t p = 0; p < count; ++p, impulse += tile_floats, input += tile_floats)
        for (int v = 0; v < accumulators; ++v)
            add_product(sums.part[v], load_complex<widest>(impulse + v * widest), load_complex<widest>(input + v * widest));
}

void multiply_accumulate(float* sum, const float* impulse, const TileRuns& input, bool add) noexcept
{
    for (std::size_t bin = 0; bin < tile_bins; bin += accumulators * widest) {
        Sums<accumulators> sums;
        if (add) sums.load(sum + bin);
        add_run(sums, impulse + bin, input.first + bin, input.first_count);
        add_run(sums, impulse + bin + input.first_count * tile_floats, input.second + bin, input.second_count);
        sums.store(sum + bin);
    }
}

constexpr int pairs = widest == 16 ? 4 : 2;  // as many chains as there are registers for, in two sums
constexpr int line_floats = 16;

/// Where a run through two blocks has come.
struct PairWalk {
    const float* impulse;
    const float* newer;
    NextTile next;

    [[gnu::always_inline]] void fetch() const
    {
        for (int at = 0; at < pairs * widest; at += line_floats) {
            __builtin_prefetch(next.impulse + at, 0, 2);
            __builtin_prefetch(next.impulse + at + tile_bins, 0, 2);
            __builtin_prefetch(next.input + at, 0, 2);
            __builtin_prefetch(next.input + at + tile_bins, 0, 2);
        }
    }
    [[gnu::always_inline]] void advance(const float* input)
    {
        impulse += tile_floats;
        newer = input;
        next.impulse += tile_floats;
        next.input += tile_floats;
    }
};

[[gnu::always_inline]] inline void add_run_of_two(Sums<pairs>& sums, Sums<pairs>& ahead, PairWalk& walk, const float* input,
                                                  std::size_t count)
{
    for (std::size_t p = 0; p < count; ++p, input += tile_floats) {
        walk.fetch();
        for (int v = 0; v < pairs; ++v) {
            const auto h = load_complex<widest>(walk.impulse + v * widest);
            add_product(sums.part[v], h, load_complex<widest>(input + v * widest));
            add_product(ahead.part[v], h, load_complex<widest>(walk.newer + v * widest));
        }
        walk.advance(input);
    }
}

void multiply_accumulate_two(float* sum, float* ahead, const float* impulse, const float* newer, const TileRuns& input, const NextTile& next,
                             bool add) noexcept
{
    for (std::size_t bin = 0; bin < tile_bins; bin += pairs * widest) {
        Sums<pairs> sums;
        Sums<pairs> later;
        if (add) sums.load(sum + bin);
        if (add) later.load(ahead + bin);
        PairWalk walk{impulse + bin, newer + bin, {next.impulse + bin, next.input + bin}};
        add_run_of_two(sums, later, walk, input.first + bin, input.first_count);
        add_run_of_two(sums, later, walk, input.second + bin, input.second_count);
        sums.store(sum + bin);
        later.store(ahead + bin);
    }
}

constexpr std::size_t taps_together = 16;  // summed on their own, so that rounding errors grow with the square root of fewer sums

/// `vectors` vectors of output at once, so that a tap is read once for all.
template <int vectors>
[[gnu::always_inline]] inline void direct_part(float* out, const float* taps, const float* in)
{
    Vector<widest> sums[vectors] = {};
    for (std::size_t k = direct_taps; k > 0;) {
        Vector<widest> part[vectors] = {};
        for (const std::size_t end = k - taps_together; k > end;) {
            --k;
            for (int v = 0; v < vectors; ++v) part[v] = part[v] + taps[k] * load<widest>(in + v * widest - k);
        }
        for (int v = 0; v < vectors; ++v) sums[v] = sums[v] + part[v];
    }
    for (int v = 0; v < vectors; ++v) store<widest>(out + v * widest, load<widest>(out + v * widest) + sums[v]);
}

void direct(float* out, const float* taps, const float* in, std::size_t begin, std::size_t end) noexcept
{
    std::size_t frame = begin - begin % widest;
    for (; frame + 4 * widest <= end; frame += 4 * widest) direct_part<4>(out + frame, taps, in + frame);
    for (; frame < end; frame += widest) direct_part<1>(out + frame, taps, in + frame);
}

using Bits [[gnu::vector_size(widest * sizeof(float))]] = int;

bool is_silent(const float* samples, std::size_t count) noexcept
{
    Bits bits[accumulators] = {};
    std::size_t i = 0;
    for (; i + accumulators * widest <= count; i += accumulators * widest)
        for (std::size_t v = 0; v < accumulators; ++v) bits[v] |= reinterpret_cast<Bits>(load<widest>(samples + i + v * widest));
    const Bits all = (bits[0] | bits[1]) | (bits[2] | bits[3]);
    std::uint64_t words[widest / 2];  // lane by lane would cost as much as all the rest for a short call
    __builtin_memcpy(words, &all, sizeof words);
    std::uint64_t any = 0;
    for (const std::uint64_t word : words) any |= word;
    for (; i < count; ++i) {
        std::uint32_t sample = 0;
        __builtin_memcpy(&sample, samples + i, sizeof sample);
        any |= sample;
    }
    constexpr std::uint64_t without_sign = 0x7fff'ffff'7fff'ffff;
    return (any & without_sign) == 0;
}

}  // namespace

extern const Kernels STEMWIRE_KERNELS;
const Kernels STEMWIRE_KERNELS{STEMWIRE_KERNELS_NAME, transform_kernels<narrower>, transform_kernels<widest>, &multiply_accumulate,
                               &multiply_accumulate_two, &direct, &is_silent};

}  // namespace stemwire::dsp::convolver
