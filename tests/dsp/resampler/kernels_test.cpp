// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/resampler/kernels/kernels.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "dsp/resampler_filter.hpp"
#include "tests/support/lambda_node.hpp"

namespace stemwire::dsp::resampler {
namespace {

constexpr std::size_t input_frames = 3'000;
/// Two units in the last place of a result between 1 and 2, −132 dB.
constexpr double tolerance = 0x1p-22;

/// Room before and behind, as a run asks for it.
std::vector<float> noise(const ResamplerFilter& filter, std::uint64_t channel)
{
    std::vector<float> in(filter.margin() + input_frames + 2 * filter.rows().span);
    for (std::size_t i = filter.margin(); i < filter.margin() + input_frames; ++i) in[i] = test::noise(i, channel);
    return in;
}

/// One output frame by the definition, in double precision: its row, or its parabola.
double by_definition(const ResamplerFilter& filter, const ResamplerFilter::Time& time, const float* in)
{
    const Rows rows = filter.rows();
    const bool between = rows.rows_for == RowsFor::parts;
    const double position = static_cast<double>(time.phase) * rows.parts_per_phase;
    const double t = position - std::floor(position) - 0.5;
    const float* first = rows.first;
    if (between) first += static_cast<std::size_t>(position) * parabola_rows * rows.span;
    if (rows.rows_for == RowsFor::phases) first += time.phase * rows.span;
    if (rows.rows_for == RowsFor::turns)
        first += filter.walk(time).turn * rows.span +
                 static_cast<std::size_t>(time.frame - filter.time_of(time.output_frame / group_frames * group_frames).frame);
    double sum = 0;
    for (std::size_t tap = 0; tap < filter.taps(); ++tap) {
        const auto coefficient = [&](std::size_t i) { return static_cast<double>(first[i * rows.span + tap]); };
        const double weight = between ? coefficient(0) + coefficient(1) * t + coefficient(2) * t * t : coefficient(0);
        sum += weight * static_cast<double>(in[tap]);
    }
    return sum;
}

void expect_definition(const Kernels& kernels, std::uint64_t from, std::uint64_t to, std::uint64_t first_frame, std::uint32_t frames)
{
    const ResamplerFilter filter(from, to, ResamplerQuality::high);
    const std::vector<float> in[2] = {noise(filter, 0), noise(filter, 1)};
    std::vector<float> out[2] = {std::vector<float>(frames), std::vector<float>(frames)};
    std::vector<float> alone(frames);
    auto time = filter.time_of(first_frame);
    const Run run{filter.rows(),
                  filter.walk(time),
                  {in[0].data() + filter.margin(), in[1].data() + filter.margin()},
                  {out[0].data(), out[1].data()},
                  frames};
    kernels.two_channels(run);
    kernels.one_channel({run.rows, run.walk, {run.in[1], run.in[1]}, {alone.data(), alone.data()}, frames});
    EXPECT_EQ(alone, out[1]);
    const auto start = time.frame;
    for (std::uint32_t frame = 0; frame < frames; ++frame, time = filter.later(time, 1))
        for (std::size_t channel = 0; channel < 2; ++channel)
            ASSERT_NEAR(out[channel][frame], by_definition(filter, time, run.in[channel] + (time.frame - start)), tolerance)
                << kernels.name << ' ' << from << " to " << to << ", frame " << frame << " of " << frames << ", channel " << channel;
}

TEST(ResamplerKernels, match_the_definition_wherever_a_run_begins_and_ends)
{
    for (const Kernels* kernels : usable_kernels())
        for (const auto& [from, to] :
             {std::pair{44100, 48000}, {48000, 44100}, {96000, 48000}, {48000, 96000}, {192000, 44100}, {16000, 11025}, {384000, 44100},
              {44100, 47998}, {384000, 47999}, {48000, 47999}})
            for (const std::uint64_t first : {0u, 1u, 2u, 3u, 158u, 100'003u})
                for (const std::uint32_t frames : {1u, 2u, 3u, 4u, 5u, 161u})
                    expect_definition(*kernels, static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to), first, frames);
}

}  // namespace
}  // namespace stemwire::dsp::resampler
