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

struct Sums {
    Complex<widest> part[accumulators];
};

[[gnu::always_inline]] inline void add_run(Sums& sums, const float* impulse, const float* input, std::size_t count)
{
    for (std::size_t p = 0; p < count; ++p, impulse += tile_floats, input += tile_floats)
        for (int v = 0; v < accumulators; ++v) {
            const auto h = load_complex<widest>(impulse + v * widest);
            const auto x = load_complex<widest>(input + v * widest);
            auto& sum = sums.part[v];
            sum.re = sum.re + h.re * x.re;
            sum.im = sum.im + h.re * x.im;
            sum.re = sum.re - h.im * x.im;
            sum.im = sum.im + h.im * x.re;
        }
}

void multiply_accumulate(float* sum, const float* impulse, const TileRuns& input, bool add) noexcept
{
    for (std::size_t bin = 0; bin < tile_bins; bin += accumulators * widest) {
        Sums sums{};
        if (add)
            for (int v = 0; v < accumulators; ++v) sums.part[v] = load_complex<widest>(sum + bin + static_cast<std::size_t>(v) * widest);
        add_run(sums, impulse + bin, input.first + bin, input.first_count);
        add_run(sums, impulse + bin + input.first_count * tile_floats, input.second + bin, input.second_count);
        for (int v = 0; v < accumulators; ++v) store_complex<widest>(sum + bin + static_cast<std::size_t>(v) * widest, sums.part[v]);
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
const Kernels STEMWIRE_KERNELS{STEMWIRE_KERNELS_NAME, transform_kernels<narrower>, transform_kernels<widest>, &multiply_accumulate, &direct,
                               &is_silent};

}  // namespace stemwire::dsp::convolver
