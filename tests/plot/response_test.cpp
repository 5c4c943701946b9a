// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/response.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

#include <gtest/gtest.h>

#include "dsp/biquad.hpp"
#include "dsp/control.hpp"
#include "plot/fourier.hpp"
#include "tests/support/node_bench.hpp"

namespace stemwire {
namespace {

using dsp::FilterShape;
using plot::Response;
constexpr double rate_hz = 48000.0;

std::complex<double> transfer(const dsp::BiquadCoefficients& c, double frequency_hz)
{
    const auto z = std::polar(1.0, -2.0 * std::numbers::pi * frequency_hz / rate_hz);
    return (c.b0 + c.b1 * z + c.b2 * z * z) / (1.0 + c.a1 * z + c.a2 * z * z);
}

std::vector<float> impulse_through(const dsp::BiquadCoefficients& coefficients, std::size_t frames)
{
    std::vector<float> samples(frames);
    samples.front() = 1.0f;
    std::array<dsp::BiquadState, 1> states{};
    for (std::size_t frame = 0; frame < frames; frame += dsp::control_frames) {
        std::array<float*, 1> channels{samples.data() + frame};
        dsp::filter(coefficients, states, channels, static_cast<std::uint32_t>(std::min<std::size_t>(dsp::control_frames, frames - frame)));
    }
    return samples;
}

TEST(Fourier, is_the_sum_that_defines_it)
{
    constexpr std::size_t size = 64;
    std::vector<std::complex<double>> values;
    for (std::size_t i = 0; i < size; ++i) values.emplace_back(test::noise(i, 1), test::noise(i, 2));
    auto spectrum = values;
    plot::Fourier(size).transform(spectrum);
    for (std::size_t k = 0; k < size; ++k) {
        std::complex<double> sum;
        for (std::size_t n = 0; n < size; ++n) sum += values[n] * std::polar(1.0, -2.0 * std::numbers::pi * static_cast<double>(k * n) / size);
        EXPECT_NEAR(std::abs(spectrum[k] - sum), 0.0, 1e-12) << k;
    }
}

TEST(Fourier, leaves_one_number_alone)
{
    std::vector<std::complex<double>> one{{3.0, -2.0}};
    plot::Fourier(1).transform(one);
    EXPECT_EQ(one.front(), std::complex<double>(3.0, -2.0));
}

TEST(Response, of_a_biquad_is_its_transfer_function)
{
    for (const FilterShape shape : {FilterShape::lowpass, FilterShape::highpass, FilterShape::peak, FilterShape::lowshelf, FilterShape::allpass, FilterShape::bandpass}) {
        const auto coefficients = dsp::design_biquad(shape, 900.0, 7.0, 2.5, rate_hz);
        const Response response(impulse_through(coefficients, 16384), 0, rate_hz);
        for (double frequency_hz = 20.0; frequency_hz < 20000.0; frequency_hz *= 1.13) {
            const auto expected = transfer(coefficients, frequency_hz);
            const auto measured = response.at(frequency_hz);
            EXPECT_NEAR(measured.gain_db, 20.0 * std::log10(std::abs(expected)), 0.01) << frequency_hz;
            EXPECT_NEAR(std::remainder(measured.phase_deg - std::arg(expected) * 180.0 / std::numbers::pi, 360.0), 0.0, 0.1) << frequency_hz;
        }
    }
}

TEST(Response, of_pure_latency_is_nothing)
{
    std::vector<float> impulse(5000);
    impulse[336] = 1.0f;
    const Response response(impulse, 336, rate_hz);
    for (const double frequency_hz : {20.0, 1000.0, 19999.0}) {
        EXPECT_NEAR(response.at(frequency_hz).gain_db, 0.0, 1e-9);
        EXPECT_NEAR(response.at(frequency_hz).phase_deg, 0.0, 1e-9);
    }
}

TEST(Response, of_a_delay_turns_the_phase_by_its_time)
{
    std::vector<float> impulse(100);
    impulse[12] = 0.5f;  // a quarter of a millisecond
    const Response response(impulse, 0, rate_hz);
    EXPECT_NEAR(response.at(1000.0).phase_deg, -90.0, 0.01);
    EXPECT_NEAR(response.at(1000.0).gain_db, 20.0 * std::log10(0.5), 0.001);
}

TEST(Response, shows_the_highest_and_the_lowest_of_a_comb_too_fine_to_draw)
{
    std::vector<float> impulse(4801);
    impulse.front() = 1.0f;
    impulse.back() = 0.5f;  // a tooth every 10 Hz
    const auto points = Response(impulse, 0, rate_hz).over(5000.0, 20000.0, 100);
    const auto [least, most] = std::ranges::minmax(points, {}, &plot::ResponsePoint::gain_db);
    EXPECT_NEAR(least.gain_db, 20.0 * std::log10(0.5), 0.05);
    EXPECT_NEAR(most.gain_db, 20.0 * std::log10(1.5), 0.05);
    EXPECT_TRUE(std::ranges::is_sorted(points, {}, &plot::ResponsePoint::frequency_hz));
}

TEST(Response, of_silence_is_nothing_at_all)
{
    const auto point = Response(std::vector<float>(64), 0, rate_hz).at(1000.0);
    EXPECT_EQ(point.gain_db, gain_off);
    EXPECT_TRUE(std::isnan(point.phase_deg));
}

}  // namespace
}  // namespace stemwire
