// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled once for each instruction set, with STEMWIRE_KERNELS naming the table. What it includes must not define functions that
// the linker could share with other files: they might be taken from a file that is compiled for a newer processor.
#include "dsp/kernels/kernels.hpp"

#include "dsp/kernels/vector.hpp"

namespace stemwire::dsp {

namespace {

/// Broadcast gain of a term at the frames of one vector.
Vector gain_at(const GainLine& gain, std::uint32_t frame)
{
    const Vector position = gain.position + static_cast<float>(frame) + lanes;
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
            for (int v = 0; v < vectors; ++v)
                sum[v] += gain_at(term->gain, frame + static_cast<std::uint32_t>(v * width)) * access.load(samples + v * width);
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
};

template <class Access>
void measure_vector(const MixTerm& term, std::uint32_t frame, Access access, Meters& meters)
{
    const Vector samples = access.load(term.samples + frame);
    meters.add(term.gain.slope == 0.0f ? term.gain.target * samples : gain_at(term.gain, frame) * samples);
}

Level measure_block(const MixTerm& term, std::uint32_t frames) noexcept
{
    Meters meters[4];
    std::uint32_t frame = 0;
    for (; frame + 4 * width <= frames; frame += 4 * width)
        for (std::uint32_t v = 0; v < 4; ++v) measure_vector(term, frame + v * width, Whole{}, meters[v]);
    for (; frame + width <= frames; frame += width) measure_vector(term, frame, Whole{}, meters[0]);
    if (frame < frames) measure_vector(term, frame, Part{frames - frame}, meters[1]);
    Level level;
    for (const Meters& part : meters)
        for (int lane = 0; lane < width; ++lane) {
            if (part.peak[lane] > level.peak) level.peak = part.peak[lane];
            level.sum_squares += part.sum_squares[lane];
        }
    return level;
}

}  // namespace

extern const Kernels STEMWIRE_KERNELS;
const Kernels STEMWIRE_KERNELS{STEMWIRE_KERNELS_NAME, &mix_block, &measure_block};

}  // namespace stemwire::dsp
