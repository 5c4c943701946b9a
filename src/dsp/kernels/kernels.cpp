// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled once for each instruction set, with STEMWIRE_KERNELS naming the table. What it includes must not define functions that
// the linker could share with other files: they might be taken from a file that is compiled for a newer processor.
#include "dsp/kernels/kernels.hpp"

#include "dsp/kernels/vector.hpp"

namespace stemwire::dsp {

namespace {

/// A line's position at the frames of the vector that begins at `frame`. Whole numbers, so that no sum of them is ever rounded.
Vector position_at(const GainLine& gain, std::uint32_t frame)
{
    return gain.position + static_cast<float>(frame) + lanes;
}

Vector gain_at(const GainLine& gain, Vector position)
{
    return gain.target + gain.slope * (position < 0.0f ? position : Vector{});
}

/// As many vectors of frames as are in `sum`, with all terms inside: every output is written once.
/// Source of the scheme: output-stationary tiling (Goto and van de Geijn, ACM TOMS 34(3), 2008, section 2).
template <int vectors, class Access>
void mix_tile(const MixTerm* terms, std::size_t count, float* out, std::uint32_t frame, Access access)
{
    Vector sum[vectors] = {};
    for (const MixTerm* term = terms; term != terms + count; ++term) {
        const float* samples = term->samples + frame;
        if (term->gain.slope == 0.0f) {
            const float gain = term->gain.target;
            for (int v = 0; v < vectors; ++v) sum[v] += gain * access.load(samples + v * width);
        } else {
            const Vector position = position_at(term->gain, frame);
            for (int v = 0; v < vectors; ++v)
                sum[v] += gain_at(term->gain, position + static_cast<float>(v * width)) * access.load(samples + v * width);
        }
    }
    for (int v = 0; v < vectors; ++v) access.store(out + frame + v * width, sum[v]);
}

void mix_block(const MixTerm* terms, std::size_t count, float* out, std::uint32_t frames) noexcept
{
    std::uint32_t frame = 0;
    for (; frame + 8 * width <= frames; frame += 8 * width) mix_tile<8>(terms, count, out, frame, Whole{});
    if (frame + 4 * width <= frames) {
        mix_tile<4>(terms, count, out, frame, Whole{});
        frame += 4 * width;
    }
    for (; frame + width <= frames; frame += width) mix_tile<1>(terms, count, out, frame, Whole{});
    if (frame < frames) mix_tile<1>(terms, count, out, frame, Part{frames - frame});
}

struct Meters {
    Vector peak{};
    Vector sum_squares{};

    void add(Vector samples)
    {
        const Vector size = magnitude(samples);
        peak = size > peak ? size : peak;
        sum_squares += samples * samples;
    }

    void add(const Meters& other)
    {
        peak = other.peak > peak ? other.peak : peak;
        sum_squares += other.sum_squares;
    }

    Level level() const
    {
        float peaks[width];
        float sums[width];
        Whole{}.store(peaks, peak);
        Whole{}.store(sums, sum_squares);
        for (int half = width / 2; half > 0; half /= 2)
            for (int lane = 0; lane < half; ++lane) {
                peaks[lane] = peaks[lane + half] > peaks[lane] ? peaks[lane + half] : peaks[lane];
                sums[lane] += sums[lane + half];
            }
        return {peaks[0], sums[0]};
    }
};

template <class Access>
void measure_vector(const MixTerm& term, std::uint32_t frame, Access access, Meters& meters)
{
    const Vector samples = access.load(term.samples + frame);
    meters.add(term.gain.slope == 0.0f ? term.gain.target * samples : gain_at(term.gain, position_at(term.gain, frame)) * samples);
}

Level measure_block(const MixTerm& term, std::uint32_t frames) noexcept
{
    Meters meters[4];
    std::uint32_t frame = 0;
    for (; frame + 4 * width <= frames; frame += 4 * width)
        for (std::uint32_t v = 0; v < 4; ++v) measure_vector(term, frame + v * width, Whole{}, meters[v]);
    for (; frame + width <= frames; frame += width) measure_vector(term, frame, Whole{}, meters[0]);
    if (frame < frames) measure_vector(term, frame, Part{frames - frame}, meters[1]);
    meters[0].add(meters[1]);
    meters[2].add(meters[3]);
    meters[0].add(meters[2]);
    return meters[0].level();
}

Vector larger(Vector a, Vector b)
{
    return a > b ? a : b;
}

/// Vectors that are interpolated side by side: enough sums at a time to hide the time that a multiply-add takes, and no more than fit the
/// registers.
constexpr int abreast = width < 16 ? 4 : 2;

/// The points ¼, ½, ¾ after the samples in the middle of the filters.
struct Between {
    alignas(Vector) float points[3][1 + control_frames + width];  ///< by the longest filter; element 0 belongs to the sample before
    alignas(Vector) float largest[control_frames + width];        ///< magnitude of the three by either of the shorter ones
};

/// sums[phase][vector]: the filter whose middle lies true_peak_latency before the samples.
template <int count>
void interpolate(const float* samples, const float (&taps)[3][count], Vector (&sums)[3][abreast])
{
    const float* newest = samples - (static_cast<int>(true_peak_taps) - count) / 2;
    for (int tap = 0; tap < count; ++tap)
        for (int v = 0; v < abreast; ++v) {
            const Vector past = in_register(Whole{}.load(newest + v * width - tap));
            for (int phase = 0; phase < 3; ++phase) sums[phase][v] += taps[phase][tap] * past;
        }
}

void find_points(const float* samples, const TruePeakFilter& filter, Between& between, int frame)
{
    Vector sums[3][abreast] = {};
    interpolate(samples + frame, filter.taps, sums);
    for (int phase = 0; phase < 3; ++phase)
        for (int v = 0; v < abreast; ++v) Whole{}.store(between.points[phase] + 1 + frame + v * width, sums[phase][v]);
}

template <int count>
void find_largest(const float* samples, const float (&taps)[3][count], Between& between, int frame)
{
    Vector sums[3][abreast] = {};
    interpolate(samples + frame, taps, sums);
    for (int v = 0; v < abreast; ++v) {
        float* largest = between.largest + frame + v * width;
        const Vector here = larger(magnitude(sums[0][v]), larger(magnitude(sums[1][v]), magnitude(sums[2][v])));
        Whole{}.store(largest, larger(Whole{}.load(largest), here));
    }
}

/// One point by itself, with the same roundings as in a vector.
float find_point(const float* newest, const float (&taps)[true_peak_taps])
{
    float sum = 0.0f;
    for (int tap = 0; tap < static_cast<int>(true_peak_taps); ++tap) {
#if defined(__FMA__)
        sum = __builtin_fmaf(taps[tap], newest[-tap], sum);  // left to itself the compiler would round the product here
#else
        sum += taps[tap] * newest[-tap];
#endif
    }
    return sum;
}

Between interpolate_piece(const float* samples, const TruePeakFilter& filter, int frames)
{
    Between between;
    __builtin_memset(between.largest, 0, sizeof between.largest);
    between.points[2][0] = find_point(samples - 1, filter.taps[2]);
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

void true_peaks_of_piece(const float* samples, const TruePeakFilter& filter, float* peaks, std::uint32_t frames) noexcept
{
    const auto count = static_cast<int>(frames);
    const Between between = interpolate_piece(samples, filter, count);
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

extern const Kernels STEMWIRE_KERNELS;
const Kernels STEMWIRE_KERNELS{STEMWIRE_KERNELS_NAME, &mix_block, &measure_block, &true_peaks_of_piece};

}  // namespace stemwire::dsp
