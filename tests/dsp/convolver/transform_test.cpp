// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/transform.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/lambda_node.hpp"

namespace stemwire::dsp::convolver {

namespace {

AlignedFloats noise(std::size_t count, std::uint64_t seed)
{
    AlignedFloats samples(count);
    for (std::size_t i = 0; i < count; ++i) samples[i] = test::noise(i, seed);
    return samples;
}

/// A spectrum of `previous`, `current`, tiles in a row.
AlignedFloats spectrum_of(const Transform& transform, const AlignedFloats& previous, const AlignedFloats& current)
{
    AlignedFloats work(2 * transform.size());
    AlignedFloats spectrum(2 * transform.size());
    for (std::size_t step = 0; step < transform.steps(); ++step)
        transform.forward(step, previous.data(), current.data(), work.data(), spectrum.data(), tile_floats);
    return spectrum;
}

AlignedFloats multiplied(const AlignedFloats& a, const AlignedFloats& b)
{
    AlignedFloats product(a.size());
    for (std::size_t bin = 0; bin < a.size() / 2; ++bin) {
        const std::size_t re = tile_offset(bin);
        const std::size_t im = re + tile_bins;
        product[re] = a[re] * b[re] - a[im] * b[im];
        product[im] = a[re] * b[im] + a[im] * b[re];
    }
    return product;
}

/// Frame `frame` of the block that follows `previous`, for an impulse of as many taps as a block.
double direct_sum(const AlignedFloats& taps, const AlignedFloats& previous, const AlignedFloats& current, std::size_t frame)
{
    double sum = 0.0;
    for (std::size_t k = 0; k < taps.size(); ++k)
        sum += static_cast<double>(taps[k]) * static_cast<double>(k <= frame ? current[frame - k] : previous[frame + previous.size() - k]);
    return sum;
}

TEST(Transform, convolves_a_block_with_as_many_taps_at_every_size_and_with_every_instruction_set)
{
    for (const Kernels* kernels : usable_kernels())
        for (std::size_t size = Transform::smallest; size <= Transform::largest; size *= 2) {
            const Transform transform(size, *kernels);
            const auto taps = noise(size, 1);
            const auto previous = noise(size, 2);
            const auto current = noise(size, 3);
            auto product = multiplied(spectrum_of(transform, taps, AlignedFloats(size)), spectrum_of(transform, previous, current));
            AlignedFloats next(size);
            for (std::size_t step = 0; step < transform.steps(); ++step) transform.inverse(step, product.data(), next.data());
            // The sum of N products of noise is about √N/3 large; single precision is good for 1e-6 of that.
            const double tolerance = 1e-6 * std::sqrt(static_cast<double>(size));
            for (std::size_t frame = 0; frame < size; frame += std::max<std::size_t>(1, size / 67))
                ASSERT_NEAR(direct_sum(taps, previous, current, frame), static_cast<double>(next[frame]) / static_cast<double>(size),
                            tolerance)
                    << kernels->name << ", size " << size << ", frame " << frame;
        }
}

TEST(Transform, has_no_special_bin)
{
    // Parseval: the energy of N bins is N times that of 2N real numbers, without a bin that counts half.
    for (const Kernels* kernels : usable_kernels()) {
        const Transform transform(256, *kernels);
        const auto previous = noise(256, 4);
        const auto current = noise(256, 5);
        const auto energy = [](const AlignedFloats& values) {
            double sum = 0.0;
            for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
            return sum;
        };
        const double of_bins = energy(spectrum_of(transform, previous, current));
        EXPECT_NEAR(of_bins / (256.0 * (energy(previous) + energy(current))), 1.0, 1e-5) << kernels->name;
    }
}

}  // namespace

}  // namespace stemwire::dsp::convolver
