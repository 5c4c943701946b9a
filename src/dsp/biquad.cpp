// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/biquad.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "dsp/kernels/kernels.hpp"

namespace stemwire::dsp {

namespace {

constexpr std::array<std::string_view, 8> shape_names{"lowpass", "highpass", "lowshelf", "highshelf",
                                                      "peak",    "notch",    "bandpass", "allpass"};

constexpr double ring_floor = 1e-6;  // −100 dB, and 20 dB in hand for poles that nearly meet and decay as n · rⁿ

/// Numerator and denominator as the cookbook writes them, before a0 is divided out.
struct Fraction {
    double b0, b1, b2, a0, a1, a2;
};

Fraction low_shelf(double cosine, double alpha, double amplitude)
{
    const double a = amplitude;
    const double beta = 2.0 * std::sqrt(a) * alpha;
    return {a * ((a + 1) - (a - 1) * cosine + beta), 2 * a * ((a - 1) - (a + 1) * cosine), a * ((a + 1) - (a - 1) * cosine - beta),
            (a + 1) + (a - 1) * cosine + beta, -2 * ((a - 1) + (a + 1) * cosine), (a + 1) + (a - 1) * cosine - beta};
}

Fraction high_shelf(double cosine, double alpha, double amplitude)
{
    const double a = amplitude;
    const double beta = 2.0 * std::sqrt(a) * alpha;
    return {a * ((a + 1) + (a - 1) * cosine + beta), -2 * a * ((a - 1) + (a + 1) * cosine), a * ((a + 1) + (a - 1) * cosine - beta),
            (a + 1) - (a - 1) * cosine + beta, 2 * ((a - 1) - (a + 1) * cosine), (a + 1) - (a - 1) * cosine - beta};
}

Fraction cookbook(FilterShape shape, double cosine, double alpha, double amplitude)
{
    const double c = cosine;
    switch (shape) {
    case FilterShape::lowpass: return {(1 - c) / 2, 1 - c, (1 - c) / 2, 1 + alpha, -2 * c, 1 - alpha};
    case FilterShape::highpass: return {(1 + c) / 2, -(1 + c), (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha};
    case FilterShape::lowshelf: return low_shelf(cosine, alpha, amplitude);
    case FilterShape::highshelf: return high_shelf(cosine, alpha, amplitude);
    case FilterShape::peak:
        return {1 + alpha * amplitude, -2 * c, 1 - alpha * amplitude, 1 + alpha / amplitude, -2 * c, 1 - alpha / amplitude};
    case FilterShape::notch: return {1, -2 * c, 1, 1 + alpha, -2 * c, 1 - alpha};
    case FilterShape::bandpass: return {alpha, 0, -alpha, 1 + alpha, -2 * c, 1 - alpha};
    case FilterShape::allpass: return {1 - alpha, -2 * c, 1 + alpha, 1 + alpha, -2 * c, 1 - alpha};
    }
    return {1, 0, 0, 1, 0, 0};
}

}  // namespace

std::optional<FilterShape> parse_filter_shape(std::string_view name) noexcept
{
    const auto found = std::ranges::find(shape_names, name);
    if (found == shape_names.end()) return std::nullopt;
    return static_cast<FilterShape>(found - shape_names.begin());
}

BiquadCoefficients design_biquad(FilterShape shape, double frequency_hz, double gain_db, double q, double rate_hz) noexcept
{
    const double omega = 2.0 * std::numbers::pi * std::min(frequency_hz / rate_hz, highest_filter_frequency);
    const Fraction f = cookbook(shape, std::cos(omega), std::sin(omega) / (2.0 * q), std::pow(10.0, gain_db / 40.0));
    return {f.b0 / f.a0, f.b1 / f.a0, f.b2 / f.a0, f.a1 / f.a0, f.a2 / f.a0};
}

Frames ring_frames(const BiquadCoefficients& k) noexcept
{
    const double discriminant = k.a1 * k.a1 / 4.0 - k.a2;
    const double radius = discriminant < 0.0 ? std::sqrt(k.a2) : std::abs(k.a1) / 2.0 + std::sqrt(discriminant);
    if (radius <= 0.0) return 2;
    return 2 + static_cast<Frames>(std::ceil(std::log(ring_floor) / std::log(std::min(radius, 1.0 - 1e-9))));
}

void filter(std::span<const FilterBand> bands, std::span<float* const> channels, std::uint32_t frames) noexcept
{
    best_kernels().filter(bands.data(), bands.size(), channels.data(), channels.size(), frames);
}

void filter(const BiquadCoefficients& coefficients, std::span<BiquadState> states, std::span<float* const> channels,
            std::uint32_t frames) noexcept
{
    const FilterBand band{&coefficients, states.data()};
    filter({&band, 1}, channels, frames);
}

}  // namespace stemwire::dsp
