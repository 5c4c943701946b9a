// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dsp/biquad.hpp"
#include "dsp/kernels/kernels.hpp"
#include "dsp/kernels/vector.hpp"

/// For kernels.cpp alone.
namespace stemwire::dsp {

namespace {

constexpr int most_lanes = width / 2;  // of double precision

template <int lanes>
struct DoublesOf {
    using Type [[gnu::vector_size(lanes * sizeof(double))]] = double;
};

/// One frame of as many channels.
template <int lanes>
using Doubles = typename DoublesOf<lanes>::Type;

/// What a band remembers of as many channels.
template <int lanes>
struct Memory {
    Doubles<lanes> x1, x2, y1, y2;
};

/// Lane by lane; those that have no channel are 0, and are not written.
template <int lanes>
Memory<lanes> recall(const BiquadState* states, int channels)
{
    Memory<lanes> memory{};
    for (int lane = 0; lane < channels; ++lane) {
        memory.x1[lane] = states[lane].x1;
        memory.x2[lane] = states[lane].x2;
        memory.y1[lane] = states[lane].y1;
        memory.y2[lane] = states[lane].y2;
    }
    return memory;
}

template <int lanes>
void remember(const Memory<lanes>& memory, BiquadState* states, int channels)
{
    for (int lane = 0; lane < channels; ++lane) states[lane] = {memory.x1[lane], memory.x2[lane], memory.y1[lane], memory.y2[lane]};
}

/// Direct form I: what it remembers are signals, which mean the same whatever the coefficients become, so that a change of them makes no
/// click. The newest values come last, as they are known last.
template <int lanes>
[[gnu::always_inline]] inline Doubles<lanes> next(const BiquadCoefficients& k, Memory<lanes>& memory, Doubles<lanes> x)
{
    const Doubles<lanes> past = k.b1 * memory.x1 + k.b2 * memory.x2 - k.a2 * memory.y2;
    const Doubles<lanes> y = past + k.b0 * x - k.a1 * memory.y1;
    memory = {x, memory.x1, y, memory.y1};
    return y;
}

/// Frame by frame through all bands, so that one band's sums are computed while another waits for its own.
template <int lanes, int bands>
void run_bands(const FilterBand* band, std::size_t first_channel, int channels, Doubles<lanes>* samples, std::uint32_t frames)
{
    Memory<lanes> memories[bands];
    BiquadCoefficients coefficients[bands];
    for_each_of<bands>([&](int b) __attribute__((always_inline)) {
        memories[b] = recall<lanes>(band[b].states + first_channel, channels);
        coefficients[b] = *band[b].coefficients;
    });
    for (std::uint32_t i = 0; i < frames; ++i) {
        Doubles<lanes> sample = samples[i];
        for_each_of<bands>([&](int b) __attribute__((always_inline)) { sample = next<lanes>(coefficients[b], memories[b], sample); });
        samples[i] = sample;
    }
    for_each_of<bands>([&](int b) __attribute__((always_inline)) {
        remember<lanes>(memories[b], band[b].states + first_channel, channels);
    });
}

template <int lanes>
void run_all_bands(const FilterBand* band, std::size_t bands, std::size_t first_channel, int channels, Doubles<lanes>* samples,
                   std::uint32_t frames)
{
    for (; bands >= 4; bands -= 4, band += 4) run_bands<lanes, 4>(band, first_channel, channels, samples, frames);
    switch (bands) {
    case 3: return run_bands<lanes, 3>(band, first_channel, channels, samples, frames);
    case 2: return run_bands<lanes, 2>(band, first_channel, channels, samples, frames);
    case 1: return run_bands<lanes, 1>(band, first_channel, channels, samples, frames);
    default: return;
    }
}

/// As many channels as there are lanes, or fewer.
template <int lanes>
void filter_lanes(const FilterBand* band, std::size_t bands, float* const* channels, std::size_t first, int count, std::uint32_t frames)
{
    constexpr std::uint32_t most = 64;
    for (std::uint32_t begin = 0; begin < frames; begin += most) {
        const std::uint32_t piece = frames - begin < most ? frames - begin : most;
        const auto samples_of = [&](int lane) { return channels[first + static_cast<std::size_t>(lane)] + begin; };
        Doubles<lanes> samples[most];
        for (std::uint32_t i = 0; i < piece; ++i) {
            samples[i] = Doubles<lanes>{};
            for (int lane = 0; lane < count; ++lane) samples[i][lane] = static_cast<double>(samples_of(lane)[i]);
        }
        run_all_bands<lanes>(band, bands, first, count, samples, piece);
        for (int lane = 0; lane < count; ++lane) {
            float* out = samples_of(lane);
            for (std::uint32_t i = 0; i < piece; ++i) out[i] = static_cast<float>(samples[i][lane]);
        }
    }
}

/// The widest vectors that are more than half full.
template <int lanes>
void filter_channels(const FilterBand* band, std::size_t bands, float* const* channels, std::size_t first, std::size_t count,
                     std::uint32_t frames)
{
    for (; count >= lanes || (lanes == 2 && count > 0); first += lanes) {
        const std::size_t taken = count < lanes ? count : lanes;
        filter_lanes<lanes>(band, bands, channels, first, static_cast<int>(taken), frames);
        count -= taken;
    }
    if constexpr (lanes > 2) {
        if (2 * count > lanes) filter_lanes<lanes>(band, bands, channels, first, static_cast<int>(count), frames);
        else filter_channels<lanes / 2>(band, bands, channels, first, count, frames);
    }
}

void filter_piece(const FilterBand* bands, std::size_t count, float* const* channels, std::size_t channel_count,
                  std::uint32_t frames) noexcept
{
    filter_channels<most_lanes>(bands, count, channels, 0, channel_count, frames);
}

}  // namespace

}  // namespace stemwire::dsp
