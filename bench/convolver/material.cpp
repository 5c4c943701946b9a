// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/convolver/material.hpp"

#include <bit>
#include <cmath>
#include <complex>
#include <numbers>
#include <random>

namespace stemwire::bench {

namespace {

using Spectrum = std::vector<std::complex<double>>;

Signal noise(std::size_t frames, unsigned seed)
{
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> uniform(-0.25f, 0.25f);  // deviation 0.14: a million frames of its hall stay within 5 of them
    Signal samples(frames);
    for (float& sample : samples) sample = uniform(random);
    return samples;
}

void reverse_bits(Spectrum& values)
{
    for (std::size_t i = 1, j = 0; i < values.size(); ++i) {
        std::size_t bit = values.size() >> 1;
        for (; (j & bit) != 0; bit >>= 1) j ^= bit;
        j ^= bit;
        if (i < j) std::swap(values[i], values[j]);
    }
}

/// The textbook's transform, in double precision.
void transform(Spectrum& values, double sign)
{
    reverse_bits(values);
    Spectrum roots(values.size() / 2);
    for (std::size_t i = 0; i < roots.size(); ++i)
        roots[i] = std::polar(1.0, sign * 2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(values.size()));
    for (std::size_t half = 1; half < values.size(); half *= 2)
        for (std::size_t first = 0; first < values.size(); first += 2 * half)
            for (std::size_t k = 0; k < half; ++k) {
                const auto odd = values[first + half + k] * roots[k * (values.size() / 2 / half)];
                values[first + half + k] = values[first + k] - odd;
                values[first + k] += odd;
            }
}

Spectrum spectrum_of(const Signal& signal, std::size_t size)
{
    Spectrum spectrum(signal.begin(), signal.end());
    spectrum.resize(size);
    transform(spectrum, -1.0);
    return spectrum;
}

}  // namespace

std::vector<Signal> halls(const Case& what)
{
    std::vector<Signal> impulses;
    for (std::size_t path = 0; path < what.paths; ++path) {
        Signal& impulse = impulses.emplace_back(noise(what.taps(), static_cast<unsigned>(path)));
        double energy = 0.0;
        for (std::size_t i = 0; i < impulse.size(); ++i) {
            impulse[i] *= static_cast<float>(std::pow(10.0, -3.0 * static_cast<double>(i) / static_cast<double>(impulse.size())));
            energy += static_cast<double>(impulse[i]) * static_cast<double>(impulse[i]);
        }
        const double paths_to_output = static_cast<double>(what.paths) / static_cast<double>(what.channels());
        for (float& tap : impulse) tap = static_cast<float>(tap / std::sqrt(energy * paths_to_output));
    }
    return impulses;
}

std::vector<Signal> noises(std::size_t channels, std::size_t frames)
{
    std::vector<Signal> made;
    for (std::size_t channel = 0; channel < channels; ++channel) made.push_back(noise(frames, static_cast<unsigned>(100 + channel)));
    return made;
}

std::vector<double> exact_output(const Case& what, const std::vector<Signal>& impulses, const std::vector<Signal>& in)
{
    const std::size_t frames = in[0].size();
    const std::size_t size = std::bit_ceil(frames + what.taps());
    Spectrum sum(size);
    for (std::size_t path = 0; path < what.paths; ++path) {
        if (what.output_of(path) != 0) continue;
        const Spectrum impulse = spectrum_of(impulses[path], size);
        const Spectrum input = spectrum_of(in[what.input_of(path)], size);
        for (std::size_t bin = 0; bin < size; ++bin) sum[bin] += impulse[bin] * input[bin];
    }
    transform(sum, 1.0);
    std::vector<double> result(frames);
    for (std::size_t i = 0; i < frames; ++i) result[i] = sum[i].real() / static_cast<double>(size);
    return result;
}

}  // namespace stemwire::bench
