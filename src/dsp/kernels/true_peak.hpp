// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dsp/kernels/kernels.hpp"
#include "dsp/kernels/vector.hpp"

/// For kernels.cpp alone.
namespace stemwire::dsp {

namespace {

/// Vectors that are interpolated side by side: enough sums at a time to hide the time that a multiply-add takes, and no more than fit the
/// registers.
constexpr int abreast = width < 16 ? 4 : 2;

/// The points ¼, ½, ¾ after the samples in the middle of the filters.
struct Between {
    alignas(Vector) float points[3][1 + control_frames + width];  ///< by the nearly ideal filter; element 0 belongs to the sample before
    alignas(Vector) float largest[control_frames + width];        ///< magnitude of the three by either of the shorter ones
};

/// sums[phase][vector]: the filter whose middle lies true_peak_latency before the samples.
template <std::uint32_t taps>
[[gnu::always_inline]] inline void interpolate(const float* samples, const FoldedFilter<taps>& filter, Vector (&sums)[3][abreast])
{
    const float* newest = samples - (true_peak_taps - taps) / 2;
    const float* oldest = newest - (taps - 1);
    Vector even[abreast];
    Vector odd[abreast];
    Vector middle[abreast];
    for_each_of<abreast>([&](int v) __attribute__((always_inline)) { even[v] = odd[v] = middle[v] = Vector{}; });
    for (int tap = 0; tap < static_cast<int>(taps / 2); ++tap)
        for_each_of<abreast>([&](int v) __attribute__((always_inline)) {
            const Vector newer = in_register(Whole{}.load(newest + v * width - tap));
            const Vector older = in_register(Whole{}.load(oldest + v * width + tap));
            const Vector sum = newer + older;
            even[v] += filter.even[tap] * sum;
            odd[v] += filter.odd[tap] * (newer - older);
            middle[v] += filter.middle[tap] * sum;
        });
    for_each_of<abreast>([&](int v) __attribute__((always_inline)) {
        sums[0][v] = even[v] + odd[v];
        sums[1][v] = middle[v];
        sums[2][v] = even[v] - odd[v];
    });
}

void find_points(const float* samples, const TruePeakFilter& filter, Between& between, int frame)
{
    Vector sums[3][abreast];
    interpolate(samples + frame, filter.nearly_ideal, sums);
    for (int phase = 0; phase < 3; ++phase)
        for (int v = 0; v < abreast; ++v) Whole{}.store(between.points[phase] + 1 + frame + v * width, sums[phase][v]);
}

template <std::uint32_t taps>
void find_largest(const float* samples, const FoldedFilter<taps>& filter, Between& between, int frame)
{
    Vector sums[3][abreast];
    interpolate(samples + frame, filter, sums);
    for (int v = 0; v < abreast; ++v) {
        float* largest = between.largest + frame + v * width;
        const Vector here = larger(magnitude(sums[0][v]), larger(magnitude(sums[1][v]), magnitude(sums[2][v])));
        Whole{}.store(largest, larger(Whole{}.load(largest), here));
    }
}

/// Left to itself the compiler would round the product.
float multiply_add(float a, float b, float sum)
{
#if defined(__FMA__)
    return __builtin_fmaf(a, b, sum);
#else
    return sum + a * b;
#endif
}

/// The point ¾ behind the sample in the middle, by itself, with the same roundings as in a vector.
float find_point(const float* newest, const FoldedFilter<true_peak_taps>& filter)
{
    const float* oldest = newest - (true_peak_taps - 1);
    float even = 0.0f;
    float odd = 0.0f;
    for (int tap = 0; tap < static_cast<int>(true_peak_taps / 2); ++tap) {
        even = multiply_add(filter.even[tap], newest[-tap] + oldest[tap], even);
        odd = multiply_add(filter.odd[tap], newest[-tap] - oldest[tap], odd);
    }
    return even - odd;
}

Between interpolate_piece(const float* samples, const TruePeakFilter& filter, int frames, float last)
{
    Between between;
    __builtin_memset(between.largest, 0, sizeof between.largest);
    between.points[2][0] = last == last ? last : find_point(samples - 1, filter.nearly_ideal);
    for (int frame = 0; frame < frames; frame += abreast * width) {
        find_points(samples, filter, between, frame);
        find_largest(samples, filter.ordinary, between, frame);
        find_largest(samples, filter.meter, between, frame);
    }
    return between;
}

/// The top of the parabola through three points, where the middle one is the largest; else the middle one.
Vector vertex(Vector before, Vector middle, Vector after)
{
    const Vector lean = magnitude(before) - magnitude(after);
    const Vector bend = 2.0f * magnitude(middle) - magnitude(before) - magnitude(after);
    const Vector rise = lean * lean / (8.0f * bend);
    return magnitude(middle) + (magnitude(lean) < bend ? rise : Vector{});
}

void true_peaks_of_piece(const float* samples, const TruePeakFilter& filter, float* peaks, std::uint32_t frames, float& last) noexcept
{
    const auto count = static_cast<int>(frames);
    const Between between = interpolate_piece(samples, filter, count, last);
    last = between.points[2][count];
    const float* middle = samples - true_peak_latency;
    const auto point = [&](int phase, int frame) { return Whole{}.load(between.points[phase] + 1 + frame); };
    const auto piece = [&](int frame, auto access) {
        const Vector sample = Whole{}.load(middle + frame);
        const Vector first = larger(vertex(point(2, frame - 1), sample, point(0, frame)), vertex(sample, point(0, frame), point(1, frame)));
        const Vector second = larger(vertex(point(0, frame), point(1, frame), point(2, frame)),
                                     vertex(point(1, frame), point(2, frame), Whole{}.load(middle + frame + 1)));
        const Vector here = larger(larger(first, second), Whole{}.load(between.largest + frame));
        access.store(peaks + frame, larger(access.load(peaks + frame), here));
    };
    int frame = 0;
    for (; frame + width <= count; frame += width) piece(frame, Whole{});
    if (frame < count) piece(frame, Part{frames - static_cast<std::uint32_t>(frame)});
}

}  // namespace

}  // namespace stemwire::dsp
