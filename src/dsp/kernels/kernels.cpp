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

}  // namespace

extern const Kernels STEMWIRE_KERNELS;
const Kernels STEMWIRE_KERNELS{STEMWIRE_KERNELS_NAME, &mix_block, &measure_block};

}  // namespace stemwire::dsp
