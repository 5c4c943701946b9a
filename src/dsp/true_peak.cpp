// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/true_peak.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <span>

#include "dsp/mix.hpp"

namespace stemwire::dsp {

namespace {

constexpr double long_beta = 4.0;      // stop band −45 dB: a tone is read 0.05 dB wrong at most, and one at 0.49 of the rate is still read
constexpr double ordinary_beta = 6.0;  // stop band −63 dB, as resamplers have it

/// Modified Bessel function of the first kind, order 0, by its series (Abramowitz and Stegun 9.6.12).
double bessel_i0(double x)
{
    double sum = 1.0;
    double term = 1.0;
    for (int k = 1; k < 40; ++k) {
        term *= (x / 2.0 / k) * (x / 2.0 / k);
        sum += term;
    }
    return sum;
}

double kaiser(double position, double beta)
{
    return bessel_i0(beta * std::sqrt(1.0 - position * position)) / bessel_i0(beta);
}

double hann(double position)
{
    return 0.5 + 0.5 * std::cos(std::numbers::pi * position);
}

/// A sinc at the phase's distance from each tap, under a window over −1 … 1, with a sum of 1. Tap 0 is the newest sample; the point lies
/// between the two in the middle.
template <std::size_t count, class Window>
void design_phase(float (&taps)[count], std::size_t phase, Window window)
{
    constexpr double half = count / 2.0;
    std::array<double, count> exact{};
    for (std::size_t tap = 0; tap < count; ++tap) {
        const double distance = half - static_cast<double>(tap) - 0.25 * static_cast<double>(phase + 1);
        exact[tap] = window(distance / half) * std::sin(std::numbers::pi * distance) / (std::numbers::pi * distance);
    }
    const double sum = std::accumulate(exact.begin(), exact.end(), 0.0);
    std::ranges::transform(exact, taps, [sum](double tap) { return static_cast<float>(tap / sum); });
}

TruePeakFilter design()
{
    TruePeakFilter filter{};
    for (std::size_t phase = 0; phase < 3; ++phase) {
        design_phase(filter.taps[phase], phase, [](double position) { return kaiser(position, long_beta); });
        design_phase(filter.ordinary[phase], phase, [](double position) { return kaiser(position, ordinary_beta); });
        design_phase(filter.meter[phase], phase, hann);
    }
    return filter;
}

const TruePeakFilter filters = design();

/// What any signal within ±1 can become at most: the sum of the taps' magnitudes, and what a parabola adds to the largest of three points:
/// a quarter.
float largest_gain()
{
    float largest = 1.0f;
    const auto consider = [&](std::span<const float> taps) {
        largest =
            std::max(largest, std::accumulate(taps.begin(), taps.end(), 0.0f, [](float sum, float tap) { return sum + std::abs(tap); }));
    };
    for (const auto& taps : filters.taps) consider(taps);
    for (const auto& taps : filters.ordinary) consider(taps);
    for (const auto& taps : filters.meter) consider(taps);
    return 1.25f * largest;
}

}  // namespace

const TruePeakFilter& true_peak_filter() noexcept
{
    return filters;
}

TruePeak::TruePeak() : largest_gain_(largest_gain()) {}

void TruePeak::process(const float* samples, float* peaks, std::uint32_t frames, float floor) noexcept
{
    float* fresh = history_.data() + true_peak_taps;
    std::copy_n(samples, frames, fresh);
    if (measure(history_.data(), true_peak_taps + frames).peak * largest_gain_ > floor)
        best_kernels().true_peaks(fresh, filters, peaks, frames);
    std::copy_n(history_.data() + frames, true_peak_taps, history_.data());
}

}  // namespace stemwire::dsp
