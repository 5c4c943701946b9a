// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numeric>
#include <vector>

#include "dsp/exponential_sweep.hpp"
#include "dsp/noise.hpp"
#include "dsp/phase_accumulator.hpp"

namespace stemwire::dsp {
namespace {

TEST(PhaseAccumulator, is_the_sine_of_frequency_times_time)
{
    PhaseAccumulator phase;
    phase.start(997.0 / 48000.0);
    for (Frames frame = 0; frame < 100'000; ++frame) {
        const double turns = static_cast<double>(frame * 997 % 48000) / 48000.0;
        ASSERT_NEAR(phase.sine(frame), std::sin(2.0 * M_PI * turns), 1e-9) << frame;
    }
}

TEST(PhaseAccumulator, has_not_drifted_after_a_day)
{
    PhaseAccumulator phase;
    phase.start(997.0 / 48000.0);
    const Frames day = Frames{86'400} * 48'000;
    for (Frames frame = day; frame < day + 100; ++frame)
        ASSERT_NEAR(phase.sine(frame), std::sin(2.0 * M_PI * static_cast<double>(frame * 997 % 48000) / 48000.0), 1e-6);
}

TEST(PhaseAccumulator, a_turn_keeps_the_phase_and_changes_the_frequency)
{
    PhaseAccumulator phase;
    phase.start(0.01);
    phase.turn(0.02, 1234);
    for (Frames frame = 1234; frame < 3000; ++frame)
        ASSERT_NEAR(phase.sine(frame), std::sin(2.0 * M_PI * (12.34 + 0.02 * static_cast<double>(frame - 1234))), 1e-9);
}

TEST(PhaseAccumulator, starts_again_as_if_it_had_never_turned)
{
    PhaseAccumulator phase;
    phase.start(0.01);
    phase.turn(0.02, 1234);
    phase.start(0.005);
    for (Frames frame = 0; frame < 3000; ++frame) ASSERT_NEAR(phase.sine(frame), std::sin(2.0 * M_PI * 0.005 * static_cast<double>(frame)), 1e-9);
}

template <class Noise>
std::vector<double> take(Noise noise, std::size_t frames, Frames from = 0)
{
    std::vector<double> samples(frames);
    for (std::size_t i = 0; i < frames; ++i) samples[i] = noise.at(from + i);
    return samples;
}

double product(const std::vector<double>& a, const std::vector<double>& b, std::size_t lag = 0)
{
    double sum = 0.0;
    for (std::size_t i = lag; i < a.size(); ++i) sum += a[i] * b[i - lag];
    return sum / static_cast<double>(a.size());
}

constexpr std::size_t many = 1 << 20;
constexpr double five_sigma = 5.0 / 1024.0;  // of a mean over 2²⁰ products of independent numbers of RMS 1

TEST(WhiteNoise, has_rms_1_no_mean_and_no_memory)
{
    const auto noise = take(CounterNoise(1), many);
    double mean = 0.0;
    double largest = 0.0;
    for (const double sample : noise) {
        mean += sample / static_cast<double>(many);
        largest = std::max(largest, std::abs(sample));
    }
    EXPECT_NEAR(mean, 0.0, five_sigma);
    EXPECT_NEAR(product(noise, noise), 1.0, five_sigma);
    EXPECT_LE(largest, std::sqrt(3.0));
    for (std::size_t lag = 1; lag < 40; ++lag) EXPECT_NEAR(product(noise, noise, lag), 0.0, five_sigma) << lag;
}

TEST(WhiteNoise, streams_and_seeds_have_nothing_in_common)
{
    const auto noise = take(CounterNoise(1, 0), many);
    EXPECT_NEAR(product(noise, take(CounterNoise(1, 1), many)), 0.0, five_sigma);
    EXPECT_NEAR(product(noise, take(CounterNoise(2, 0), many)), 0.0, five_sigma);
}

TEST(PinkNoise, is_a_function_of_the_frame)
{
    const auto whole = take(PinkNoise(7), 70'000);
    for (const Frames from : {1u, 2u, 255u, 256u, 16'384u, 65'535u, 65'536u})
        EXPECT_EQ(take(PinkNoise(7), 300, from), std::vector<double>(whole.begin() + static_cast<std::ptrdiff_t>(from),
                                                                     whole.begin() + static_cast<std::ptrdiff_t>(from) + 300))
            << from;
}

TEST(PinkNoise, streams_and_seeds_have_nothing_in_common)
{
    // From frame to frame the fast rows change most: those differences are nearly white, and what they have in common does not hide in the slow rows.
    const auto steps = [](std::uint64_t seed, std::uint64_t stream) {
        auto samples = take(PinkNoise(seed, stream), many);
        std::adjacent_difference(samples.begin(), samples.end(), samples.begin());
        return samples;
    };
    const auto noise = steps(1, 0);
    EXPECT_GT(product(noise, noise), 3.0 / 16.0);  // of two independent numbers on each frame and on every other one, a sixteenth of the power each or more
    EXPECT_NEAR(product(noise, steps(1, 1)), 0.0, five_sigma);
    EXPECT_NEAR(product(noise, steps(2, 0)), 0.0, five_sigma);
}

TEST(PinkNoise, has_rms_1)
{
    // 2²⁰ frames hold 32 numbers of the slowest row, and each slower row counts half as many: the estimate's variance is about
    // Σ 2 · (row's share 1/16)² · 2^k / 2²⁰ < 4⁻² · 2⁻⁵.
    EXPECT_NEAR(product(take(PinkNoise(3), many), take(PinkNoise(3), many)), 1.0, 5.0 * std::sqrt(0x1p-9));
}

using Spectrum = std::vector<std::complex<double>>;

/// Radix-2 (Cooley and Tukey 1965), as written in every textbook.
void transform(Spectrum& x)
{
    const std::size_t size = x.size();
    if (size == 1) return;
    Spectrum even(size / 2);
    Spectrum odd(size / 2);
    for (std::size_t i = 0; i < size / 2; ++i) {
        even[i] = x[2 * i];
        odd[i] = x[2 * i + 1];
    }
    transform(even);
    transform(odd);
    for (std::size_t k = 0; k < size / 2; ++k) {
        const auto turned = std::polar(1.0, -2.0 * M_PI * static_cast<double>(k) / static_cast<double>(size)) * odd[k];
        x[k] = even[k] + turned;
        x[k + size / 2] = even[k] - turned;
    }
}

TEST(PinkNoise, falls_by_3_dB_an_octave)
{
    constexpr std::size_t size = 1 << 14;
    constexpr double rate_hz = 48000.0;
    std::vector<double> power(size / 2);
    const auto noise = take(PinkNoise(5), size * 64);
    for (std::size_t begin = 0; begin < noise.size(); begin += size) {
        Spectrum part(size);
        for (std::size_t i = 0; i < size; ++i)
            part[i] = noise[begin + i] * (0.5 - 0.5 * std::cos(2.0 * M_PI * static_cast<double>(i) / static_cast<double>(size)));
        transform(part);
        for (std::size_t bin = 0; bin < size / 2; ++bin) power[bin] += std::norm(part[bin]);
    }
    // Power times frequency, averaged over half octaves: the same in each.
    std::vector<double> bands_db;
    std::vector<double> chance_db;
    for (double low_hz = 40.0; low_hz * std::sqrt(2.0) < 20000.0; low_hz *= std::sqrt(2.0)) {
        double sum = 0.0;
        int count = 0;
        for (std::size_t bin = 1; bin < size / 2; ++bin) {
            const double hz = static_cast<double>(bin) * rate_hz / static_cast<double>(size);
            if (hz < low_hz || hz >= low_hz * std::sqrt(2.0)) continue;
            sum += power[bin] * hz;
            ++count;
        }
        ASSERT_GT(count, 0);
        bands_db.push_back(10.0 * std::log10(sum / count));
        chance_db.push_back(10.0 / std::log(10.0) * std::sqrt(2.0 / (64.0 * count)));  // bins side by side share half their chance
    }
    double mean_db = 0.0;
    for (const double db : bands_db) mean_db += db / static_cast<double>(bands_db.size());
    for (std::size_t band = 0; band < bands_db.size(); ++band) EXPECT_NEAR(bands_db[band], mean_db, 0.5 + 4.0 * chance_db[band]) << band;
}

TEST(ExponentialSweep, is_farinas_formula)
{
    const ExponentialSweep sweep(20.0, 20000.0, 2.0, 48000.0);
    for (double t = 0.0; t < 2.0; t += 0.001) {
        const double growth = std::log(1000.0);
        ASSERT_NEAR(sweep.at(t), std::sin(2.0 * M_PI * 20.0 * 2.0 / growth * (std::exp(t / 2.0 * growth) - 1.0)), 1e-9) << t;
    }
    EXPECT_EQ(sweep.at(2.0), 0.0);
    EXPECT_EQ(sweep.at(-0.1), 0.0);
}

TEST(ExponentialSweep, is_silent_above_half_the_rate_up_and_down)
{
    const ExponentialSweep up(1000.0, 64000.0, 6.0, 32000.0);  // an octave a second: 16 kHz after 4 s
    EXPECT_NE(up.at(3.999), 0.0);
    EXPECT_EQ(up.at(4.001), 0.0);
    const ExponentialSweep down(64000.0, 1000.0, 6.0, 32000.0);
    EXPECT_EQ(down.at(1.999), 0.0);
    EXPECT_NE(down.at(2.001), 0.0);
}

}  // namespace
}  // namespace stemwire::dsp
