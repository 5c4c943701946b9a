// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/biquad.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

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

/// Direct form I: what it remembers are signals, which mean the same whatever the coefficients become, so that a change of them makes no
/// click.
void filter_one(const BiquadCoefficients& k, BiquadState& state, float* samples, std::uint32_t frames)
{
    auto [x1, x2, y1, y2] = state;
    for (std::uint32_t i = 0; i < frames; ++i) {
        const double x = samples[i];
        const double y = k.b0 * x + k.b1 * x1 + k.b2 * x2 - k.a2 * y2 - k.a1 * y1;
        x2 = x1;
        x1 = x;
        y2 = y1;
        y1 = y;
        samples[i] = static_cast<float>(y);
    }
    state = {x1, x2, y1, y2};
}

using Pair = double __attribute__((vector_size(2 * sizeof(double))));

void filter_two(const BiquadCoefficients& k, BiquadState& left, BiquadState& right, float* left_samples, float* right_samples,
                std::uint32_t frames)
{
    Pair x1{left.x1, right.x1};
    Pair x2{left.x2, right.x2};
    Pair y1{left.y1, right.y1};
    Pair y2{left.y2, right.y2};
    for (std::uint32_t i = 0; i < frames; ++i) {
        const Pair x{left_samples[i], right_samples[i]};
        const Pair y = k.b0 * x + k.b1 * x1 + k.b2 * x2 - k.a2 * y2 - k.a1 * y1;
        x2 = x1;
        x1 = x;
        y2 = y1;
        y1 = y;
        left_samples[i] = static_cast<float>(y[0]);
        right_samples[i] = static_cast<float>(y[1]);
    }
    left = {x1[0], x2[0], y1[0], y2[0]};
    right = {x1[1], x2[1], y1[1], y2[1]};
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

void filter(const BiquadCoefficients& coefficients, std::span<BiquadState> states, std::span<float* const> channels,
            std::uint32_t frames) noexcept
{
    std::size_t channel = 0;
    for (; channel + 1 < channels.size(); channel += 2)
        filter_two(coefficients, states[channel], states[channel + 1], channels[channel], channels[channel + 1], frames);
    if (channel < channels.size()) filter_one(coefficients, states[channel], channels[channel], frames);
}

}  // namespace stemwire::dsp
