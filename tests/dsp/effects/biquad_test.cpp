// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/biquad.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

#include "dsp/kernels/kernels.hpp"
#include "tests/support/lambda_node.hpp"

namespace stemwire::dsp {
namespace {

using Complex = std::complex<double>;

constexpr double rate_hz = 48000.0;
constexpr FilterShape shapes[] = {FilterShape::lowpass, FilterShape::highpass, FilterShape::lowshelf, FilterShape::highshelf,
                                  FilterShape::peak, FilterShape::notch, FilterShape::bandpass, FilterShape::allpass};

/// The analogue prototypes that the cookbook starts from, at s = i · frequency / corner.
Complex prototype(FilterShape shape, Complex s, double gain_db, double q)
{
    const double a = std::pow(10.0, gain_db / 40.0);
    const double r = std::sqrt(a) / q;
    switch (shape) {
    case FilterShape::lowpass: return 1.0 / (s * s + s / q + 1.0);
    case FilterShape::highpass: return s * s / (s * s + s / q + 1.0);
    case FilterShape::bandpass: return (s / q) / (s * s + s / q + 1.0);
    case FilterShape::notch: return (s * s + 1.0) / (s * s + s / q + 1.0);
    case FilterShape::allpass: return (s * s - s / q + 1.0) / (s * s + s / q + 1.0);
    case FilterShape::peak: return (s * s + s * (a / q) + 1.0) / (s * s + s / (a * q) + 1.0);
    case FilterShape::lowshelf: return a * (s * s + r * s + a) / (a * s * s + r * s + 1.0);
    case FilterShape::highshelf: return a * (a * s * s + r * s + 1.0) / (s * s + r * s + a);
    }
    return 0.0;
}

/// The bilinear transform bends frequencies by the tangent.
Complex expected(FilterShape shape, double hz, double corner_hz, double gain_db, double q)
{
    return prototype(shape, Complex(0.0, std::tan(M_PI * hz / rate_hz) / std::tan(M_PI * corner_hz / rate_hz)), gain_db, q);
}

std::vector<float> impulse_response(const BiquadCoefficients& coefficients, std::size_t frames)
{
    std::vector<float> samples(frames, 0.0f);
    samples[0] = 1.0f;
    BiquadState state;
    float* channel = samples.data();
    filter(coefficients, {&state, 1}, {&channel, 1}, static_cast<std::uint32_t>(frames));
    return samples;
}

/// The difference equation, in place.
void recur(const BiquadCoefficients& k, std::vector<double>& samples)
{
    double x1 = 0.0, x2 = 0.0, y1 = 0.0, y2 = 0.0;
    for (double& sample : samples) {
        const double y = k.b0 * sample + k.b1 * x1 + k.b2 * x2 - k.a1 * y1 - k.a2 * y2;
        x2 = x1;
        x1 = sample;
        y2 = y1;
        y1 = sample = y;
    }
}

Complex response_at(const std::vector<float>& impulse_response, double hz)
{
    Complex sum = 0.0;
    for (std::size_t i = 0; i < impulse_response.size(); ++i)
        sum += static_cast<double>(impulse_response[i]) * std::polar(1.0, -2.0 * M_PI * hz / rate_hz * static_cast<double>(i));
    return sum;
}

TEST(Biquad, has_the_response_of_the_analogue_filter_bent_by_the_tangent)
{
    for (const FilterShape shape : shapes)
        for (const double corner_hz : {20.0, 1000.0, 15000.0})
            for (const double q : {0.5, 0.7071, 8.0})
                for (const double gain_db : {-12.0, 0.0, 6.0}) {
                    const auto response = impulse_response(design_biquad(shape, corner_hz, gain_db, q, rate_hz), 200'000);
                    for (const double hz : {corner_hz / 2.0, corner_hz, 0.9 * corner_hz + 0.1 * 24000.0})
                        ASSERT_LT(std::abs(response_at(response, hz) - expected(shape, hz, corner_hz, gain_db, q)), 1e-4)
                            << static_cast<int>(shape) << ' ' << corner_hz << ' ' << q << ' ' << gain_db << ' ' << hz;
                }
}

TEST(Biquad, two_channels_at_once_are_the_same_as_one_at_a_time)
{
    const auto coefficients = design_biquad(FilterShape::peak, 300.0, 9.0, 2.0, rate_hz);
    std::vector<std::vector<float>> together(3);
    for (std::size_t channel = 0; channel < 3; ++channel)
        for (std::uint32_t i = 0; i < 1000; ++i) together[channel].push_back(test::noise(i, channel));
    auto alone = together;
    std::vector<BiquadState> states(3);
    std::vector<float*> channels{together[0].data(), together[1].data(), together[2].data()};
    filter(coefficients, states, channels, 1000);
    for (auto& samples : alone) {
        BiquadState state;
        float* channel = samples.data();
        filter(coefficients, {&state, 1}, {&channel, 1}, 1000);
    }
    EXPECT_EQ(together, alone);
}

TEST(Biquad, every_instruction_set_gives_the_recursion_by_definition)
{
    constexpr std::uint32_t frames = 500;
    for (const Kernels* kernels : usable_kernels())
        for (const std::size_t count : {1u, 2u, 3u, 5u, 6u, 8u, 13u})
            for (const std::size_t bands : {1u, 2u, 3u, 4u, 5u, 8u}) {
                std::vector<BiquadCoefficients> coefficients;
                std::vector<std::vector<BiquadState>> states(bands, std::vector<BiquadState>(count));
                std::vector<FilterBand> rows;
                for (std::size_t band = 0; band < bands; ++band)
                    coefficients.push_back(design_biquad(shapes[band], 60.0 * std::pow(2.0, static_cast<double>(band)), 6.0, 1.5, rate_hz));
                for (std::size_t band = 0; band < bands; ++band) rows.push_back({&coefficients[band], states[band].data()});
                std::vector<std::vector<float>> samples(count);
                std::vector<float*> channels;
                std::vector<std::vector<double>> expected(count);
                for (std::size_t channel = 0; channel < count; ++channel) {
                    for (std::uint32_t i = 0; i < frames; ++i) samples[channel].push_back(test::noise(i, channel));
                    expected[channel].assign(samples[channel].begin(), samples[channel].end());
                    channels.push_back(samples[channel].data());
                    for (const BiquadCoefficients& k : coefficients) recur(k, expected[channel]);
                }
                kernels->filter(rows.data(), bands, channels.data(), count, frames);
                // Half a unit in the last place of a float below 8.
                for (std::size_t channel = 0; channel < count; ++channel)
                    for (std::uint32_t i = 0; i < frames; ++i)
                        ASSERT_NEAR(samples[channel][i], expected[channel][i], 2.5e-7)
                            << kernels->name << ' ' << count << ' ' << bands << ' ' << channel << ' ' << i;
            }
}

TEST(Biquad, a_row_of_bands_does_not_depend_on_how_it_is_cut)
{
    const auto low = design_biquad(FilterShape::highpass, 40.0, 0.0, 0.7071, rate_hz);
    const auto high = design_biquad(FilterShape::peak, 3000.0, 6.0, 2.0, rate_hz);
    const auto run = [&](const Kernels& kernels, std::uint32_t cut) {
        std::vector<float> samples;
        for (std::uint32_t i = 0; i < 1000; ++i) samples.push_back(test::noise(i));
        BiquadState states[2];
        const FilterBand bands[]{{&low, &states[0]}, {&high, &states[1]}};
        for (std::uint32_t frame = 0; frame < 1000; frame += cut) {
            float* channel = samples.data() + frame;
            kernels.filter(bands, 2, &channel, 1, std::min(cut, 1000 - frame));
        }
        return samples;
    };
    for (const Kernels* kernels : usable_kernels())
        for (const std::uint32_t cut : {1u, 7u, 32u, 333u})
            EXPECT_EQ(run(*kernels, cut), run(*kernels, 1000)) << kernels->name << ' ' << cut;
}

TEST(Biquad, takes_a_frequency_beyond_its_highest_as_the_highest)
{
    const auto highest = impulse_response(design_biquad(FilterShape::lowpass, 0.49 * rate_hz, 0.0, 0.7071, rate_hz), 100);
    EXPECT_EQ(impulse_response(design_biquad(FilterShape::lowpass, 30000.0, 0.0, 0.7071, rate_hz), 100), highest);
}

TEST(Biquad, its_ring_is_100_dB_down_when_it_says)
{
    for (const FilterShape shape : shapes)
        for (const double corner_hz : {20.0, 1000.0, 15000.0})
            for (const double q : {0.1, 0.5001, 8.0}) {  // two decays, nearly the same one, and a ring
                const auto coefficients = design_biquad(shape, corner_hz, 6.0, q, rate_hz);
                const Frames ring = ring_frames(coefficients);
                const auto response = impulse_response(coefficients, ring + 2000);
                const auto loudest_from = [&](Frames frame) {
                    double peak = 0.0;
                    for (Frames i = frame; i < response.size(); ++i) peak = std::max(peak, std::abs(static_cast<double>(response[i])));
                    return peak;
                };
                // Half of 120 dB, and as much in hand; the slower of two decays may be faint.
                if (q > 0.5) {
                    EXPECT_GT(loudest_from(ring / 2), 1e-5 * loudest_from(3)) << static_cast<int>(shape) << ' ' << corner_hz << ' ' << q;
                }
                for (std::size_t i = ring; i < response.size(); ++i)
                    ASSERT_LT(std::abs(response[i]), 2e-5)
                        << static_cast<int>(shape) << ' ' << corner_hz << ' ' << q;  // the first ring is at most 2
            }
}

TEST(Biquad, a_change_of_coefficients_makes_no_click)
{
    // What has been 1 for long stays 1 through any change between filters that let a constant pass as it is: no transient at all.
    for (const FilterShape shape :
         {FilterShape::lowpass, FilterShape::highshelf, FilterShape::peak, FilterShape::notch, FilterShape::allpass}) {
        std::vector<float> samples(9600, 1.0f);
        BiquadState state;
        float* before = samples.data();
        float* after = samples.data() + 4800;
        filter(design_biquad(shape, 20000.0, -12.0, 0.7071, rate_hz), {&state, 1}, {&before, 1}, 4800);
        filter(design_biquad(shape, 50.0, 24.0, 0.7071, rate_hz), {&state, 1}, {&after, 1}, 4800);
        for (std::size_t i = 4800; i < samples.size(); ++i) ASSERT_NEAR(samples[i], 1.0, 1e-6) << static_cast<int>(shape) << ' ' << i;
    }
}

TEST(Biquad, knows_the_names_of_its_shapes)
{
    EXPECT_EQ(parse_filter_shape("lowpass"), FilterShape::lowpass);
    EXPECT_EQ(parse_filter_shape("allpass"), FilterShape::allpass);
    EXPECT_EQ(parse_filter_shape("bell"), std::nullopt);
}

}  // namespace
}  // namespace stemwire::dsp
