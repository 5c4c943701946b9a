// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/spectrogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace stemwire::plot {

namespace {

constexpr double window_s = 0.05;            // at least: notes and beats can both be told apart
constexpr std::size_t first_hops = 32;       // hops per window of a short sound
constexpr std::size_t least_hops = 4;        // at this the window's overlap leaves no gap
constexpr double silence = 1e-20;             // −200 dB: an infinity has no straight line to its neighbour
constexpr std::size_t most_history = 65536;  // frames that are past

std::size_t transform_size(double rate_hz)
{
    return std::bit_ceil(static_cast<std::size_t>(std::max(rate_hz * window_s, 256.0)));
}

std::vector<double> make_window(std::size_t size)
{
    static constexpr double terms[] = {0.35875, -0.48829, 0.14128, -0.01168};
    std::vector<double> window(size);
    for (std::size_t i = 0; i < size; ++i)
        for (int term = 0; term < 4; ++term)
            window[i] += terms[term] * std::cos(2.0 * std::numbers::pi * term * static_cast<double>(i) / static_cast<double>(size));
    // The terms but the first sum up to nothing over a period.
    for (double& weight : window) weight *= 2.0 / (terms[0] * static_cast<double>(size));
    return window;
}

double decibels(float power)
{
    return 10.0 * std::log10(std::max(static_cast<double>(power), silence));
}

}  // namespace

Spectrogram::Spectrogram(std::size_t channels, double rate_hz)
    : rate_hz_(rate_hz), fourier_(transform_size(rate_hz)), window_(make_window(size())), history_(channels, std::vector<float>(size() / 2)), work_(size()),
      column_(bins()), hop_(size() / first_hops), column_frames_(hop_)
{
    // Half a window of silence first: a transform stands for the frame in its middle.
}

void Spectrogram::add(std::span<const float* const> channels, std::uint32_t frames)
{
    for (std::size_t channel = 0; channel < history_.size(); ++channel)
        history_[channel].insert(history_[channel].end(), channels[channel], channels[channel] + frames);
    while (!history_.empty() && history_.front().size() - next_ >= size()) transform();
}

void Spectrogram::finish()
{
    const std::vector<float> silence(size() / 2);
    add(std::vector<const float*>(history_.size(), silence.data()), static_cast<std::uint32_t>(silence.size()));
    if (in_column_ == 0) return;
    for (float& power : column_) power /= static_cast<float>(in_column_);
    power_.insert(power_.end(), column_.begin(), column_.end());
}

void Spectrogram::transform()
{
    std::vector<float> power(bins());
    for (std::size_t channel = 0; channel < history_.size(); channel += 2) transform_pair(channel, power);
    next_ += hop_;
    if (next_ > most_history) {
        for (auto& samples : history_) samples.erase(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(next_));
        next_ = 0;
    }
    put(power);
}

/// Two channels in one transform, the second as the imaginary part: their spectra are its even and odd halves.
void Spectrogram::transform_pair(std::size_t first, std::span<float> power)
{
    const float* a = history_[first].data() + next_;
    const float* b = first + 1 < history_.size() ? history_[first + 1].data() + next_ : nullptr;
    for (std::size_t i = 0; i < size(); ++i) work_[i] = {a[i] * window_[i], b != nullptr ? b[i] * window_[i] : 0.0};
    fourier_.transform(work_);
    for (std::size_t bin = 0; bin < bins(); ++bin) {
        const std::complex<double> here = work_[bin];
        const std::complex<double> there = std::conj(work_[(size() - bin) % size()]);
        const double louder = std::max(std::norm(here + there), std::norm(here - there)) / 4.0;
        power[bin] = std::max(power[bin], static_cast<float>(louder));
    }
}

void Spectrogram::put(std::span<const float> power)
{
    std::ranges::transform(column_, power, column_.begin(), std::plus{});
    if (++in_column_ < column_frames_ / hop_) return;
    for (const float sum : column_) power_.push_back(sum / static_cast<float>(in_column_));
    std::ranges::fill(column_, 0.0f);
    in_column_ = 0;
    if (columns() == most_columns) halve();
}

void Spectrogram::halve()
{
    for (std::size_t column = 0; column < most_columns / 2; ++column)
        for (std::size_t bin = 0; bin < bins(); ++bin)
            power_[column * bins() + bin] = (power_[2 * column * bins() + bin] + power_[(2 * column + 1) * bins() + bin]) / 2.0f;
    power_.resize(most_columns / 2 * bins());
    column_frames_ *= 2;
    hop_ = std::min<Frames>(hop_ * 2, size() / least_hops);
}

double Spectrogram::level_db(std::size_t column, std::size_t bin) const
{
    return decibels(power_[column * bins() + bin]);
}

std::vector<double> Spectrogram::highest_db(std::size_t first_column, std::size_t end_column) const
{
    std::vector<float> highest(bins());
    for (std::size_t column = first_column; column < end_column; ++column)
        for (std::size_t bin = 0; bin < bins(); ++bin) highest[bin] = std::max(highest[bin], power_[column * bins() + bin]);
    std::vector<double> levels_db(bins());
    std::ranges::transform(highest, levels_db.begin(), decibels);
    return levels_db;
}

double highest_between(std::span<const double> levels_db, double low_bin, double high_bin)
{
    const auto last = static_cast<double>(levels_db.size() - 1);
    const auto at = [&](double place) {
        const auto below = std::min(static_cast<std::size_t>(place), levels_db.size() - 2);
        return std::lerp(levels_db[below], levels_db[below + 1], place - static_cast<double>(below));
    };
    low_bin = std::clamp(low_bin, 0.0, last);
    high_bin = std::clamp(high_bin, 0.0, last);
    double level_db = std::max(at(low_bin), at(high_bin));
    for (auto bin = static_cast<std::size_t>(std::ceil(low_bin)); bin <= static_cast<std::size_t>(high_bin); ++bin) level_db = std::max(level_db, levels_db[bin]);
    return level_db;
}

}  // namespace stemwire::plot
