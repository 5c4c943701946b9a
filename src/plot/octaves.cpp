// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/octaves.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <complex>
#include <numbers>
#include <utility>

#include "plot/fourier.hpp"

namespace stemwire::plot {

namespace {

constexpr std::array centres_hz{125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0};
constexpr double overlap = 1.0 / 12.0;  // octaves to each side of a border
constexpr double room = 1.25;           // what rings before the beginning comes out at the end, past all that is looked at

/// 1 inside, 0 outside, and in between so that the squares of neighbours sum up to 1.
double weight(double frequency_hz, double centre_hz)
{
    if (frequency_hz <= 0.0) return 0.0;
    const double from_border = 0.5 - std::abs(std::log2(frequency_hz / centre_hz));
    return std::sin(std::clamp((from_border + overlap) / (2.0 * overlap), 0.0, 1.0) * std::numbers::pi / 2.0);
}

using Spectrum = std::vector<std::complex<double>>;

/// Two channels in one spectrum: real numbers, and imaginary ones.
std::vector<Spectrum> spectra_of(std::span<const std::vector<float>> channels, const Fourier& fourier)
{
    std::vector<Spectrum> spectra;
    for (std::size_t channel = 0; channel < channels.size(); channel += 2) {
        Spectrum& values = spectra.emplace_back(fourier.size());
        for (std::size_t i = 0; i < channels[channel].size(); ++i)
            values[i] = {channels[channel][i], channel + 1 < channels.size() ? channels[channel + 1][i] : 0.0f};
        fourier.transform(values);
    }
    return spectra;
}

/// The octave's part of a pair of channels, which are as long as `frames`.
void add_octave(const Spectrum& spectrum, double centre_hz, double bin_hz, const Fourier& fourier, std::size_t frames, std::vector<std::vector<float>>& octave)
{
    Spectrum values(spectrum.size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::conj(spectrum[i]) * weight(static_cast<double>(std::min(i, values.size() - i)) * bin_hz, centre_hz);
    // The inverse is the transform of the conjugate.
    fourier.transform(values);
    std::vector<float> first(frames);
    std::vector<float> second(frames);
    const auto scale = static_cast<double>(values.size());
    for (std::size_t i = 0; i < frames; ++i) {
        first[i] = static_cast<float>(values[i].real() / scale);
        second[i] = static_cast<float>(-values[i].imag() / scale);
    }
    octave.push_back(std::move(first));
    octave.push_back(std::move(second));
}

}  // namespace

std::vector<OctaveDecay> octave_decays(std::span<const std::vector<float>> channels, double rate_hz)
{
    if (channels.empty() || channels.front().empty()) return {};
    const std::size_t frames = channels.front().size();
    const Fourier fourier(std::bit_ceil(static_cast<std::size_t>(room * static_cast<double>(frames))));
    const auto spectra = spectra_of(channels, fourier);
    std::vector<OctaveDecay> decays;
    for (const double centre_hz : centres_hz) {
        if (centre_hz * std::numbers::sqrt2 > rate_hz / 2.0) break;
        std::vector<std::vector<float>> octave;
        for (const Spectrum& spectrum : spectra) add_octave(spectrum, centre_hz, rate_hz / static_cast<double>(fourier.size()), fourier, frames, octave);
        const Decay decay(octave, rate_hz);
        decays.push_back({centre_hz, decay.t30() ? decay.t30() : decay.t20()});
    }
    return decays;
}

}  // namespace stemwire::plot
