// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/response.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

#include "plot/fourier.hpp"
#include "stemwire/units.hpp"

namespace stemwire::plot {

namespace {

constexpr std::size_t least_bins = 131072;   // 0.37 Hz apart at 48 kHz
constexpr std::size_t padding = 4;           // so much longer than the impulse, the spectrum is nearly straight between bins
constexpr std::size_t most_bins = 1u << 22;
constexpr double silence = 1e-15;            // −300 dB

ResponsePoint point(double frequency_hz, std::complex<double> value)
{
    const double size = std::abs(value);
    if (size < silence) return {frequency_hz, gain_off, std::numeric_limits<double>::quiet_NaN()};
    return {frequency_hz, linear_to_decibels(size), std::arg(value) * 180.0 / std::numbers::pi};
}

}  // namespace

Response::Response(std::span<const float> impulse, std::uint32_t latency, double rate_hz)
{
    const std::size_t size = std::clamp(std::bit_ceil(impulse.size() * padding), least_bins, most_bins);
    bins_.resize(size);
    // What came before the latency was over goes to the end: the transform is a circle.
    for (std::size_t i = 0; i < std::min(impulse.size(), size); ++i) bins_[(i + size - latency % size) % size] = impulse[i];
    Fourier(size).transform(bins_);
    bins_.resize(size / 2 + 1);
    bin_hz_ = rate_hz / static_cast<double>(size);
}

ResponsePoint Response::bin(std::size_t index) const
{
    return point(static_cast<double>(index) * bin_hz_, bins_[index]);
}

ResponsePoint Response::at(double frequency_hz) const
{
    const double place = std::clamp(frequency_hz / bin_hz_, 0.0, static_cast<double>(bins_.size() - 1));
    const auto below = std::min(static_cast<std::size_t>(place), bins_.size() - 2);
    const double part = place - static_cast<double>(below);
    return point(frequency_hz, bins_[below] * (1.0 - part) + bins_[below + 1] * part);
}

std::vector<ResponsePoint> Response::over(double low_hz, double high_hz, std::size_t columns) const
{
    std::vector<ResponsePoint> points;
    const double ratio = std::pow(high_hz / low_hz, 1.0 / static_cast<double>(columns));
    double from_hz = low_hz;
    for (std::size_t column = 0; column < columns; ++column, from_hz *= ratio) {
        points.push_back(at(from_hz));
        const auto first = static_cast<std::size_t>(std::ceil(from_hz / bin_hz_));
        const auto last = std::min(static_cast<std::size_t>(from_hz * ratio / bin_hz_), bins_.size() - 1);
        if (last < first + 2) continue;
        const auto inside = std::span(bins_).subspan(first, last - first + 1);
        const auto [least, most] = std::ranges::minmax_element(inside, {}, [](const std::complex<double>& value) { return std::norm(value); });
        // At the column's border it is no hill and no valley, and is on the line anyway.
        for (const auto extreme : {std::min(least, most), std::max(least, most)})
            if (extreme != inside.begin() && extreme != inside.end() - 1) points.push_back(bin(first + static_cast<std::size_t>(extreme - inside.begin())));
    }
    points.push_back(at(high_hz));
    return points;
}

}  // namespace stemwire::plot
