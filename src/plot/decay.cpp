// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/decay.hpp"

#include <algorithm>
#include <cmath>

namespace stemwire::plot {

namespace {

constexpr double onset_below_peak = 0.01;  // of the energy: 20 dB

std::vector<double> energies(std::span<const std::vector<float>> channels)
{
    std::vector<double> sum(channels.empty() ? 0 : channels.front().size());
    for (const auto& channel : channels)
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<double>(channel[i]) * channel[i];
    return sum;
}

}  // namespace

Decay::Decay(std::span<const std::vector<float>> channels, double rate_hz) : rate_hz_(rate_hz)
{
    std::vector<double> energy = energies(channels);
    const auto loudest = std::ranges::max_element(energy);
    if (loudest == energy.end() || *loudest == 0.0) return;
    const double enough = *loudest * onset_below_peak;
    onset_ = static_cast<std::size_t>(std::ranges::find_if(energy, [&](double value) { return value >= enough; }) - energy.begin());
    for (std::size_t i = energy.size() - 1; i > onset_; --i) energy[i - 1] += energy[i];
    const double all = energy[onset_];
    for (std::size_t i = onset_; i < energy.size() && energy[i] > 0.0; ++i) levels_db_.push_back(10.0 * std::log10(energy[i] / all));
}

std::optional<DecayLine> Decay::line(double from_db, double to_db) const
{
    // They never rise.
    const auto first = std::ranges::lower_bound(levels_db_, from_db, std::greater{});
    const auto last = std::ranges::lower_bound(levels_db_, to_db, std::greater{});
    if (last == levels_db_.end() || last - first < 2) return std::nullopt;
    double sum_t = 0.0;
    double sum_l = 0.0;
    double sum_tt = 0.0;
    double sum_tl = 0.0;
    for (auto level = first; level <= last; ++level) {
        const double t = static_cast<double>(level - levels_db_.begin()) / rate_hz_;
        sum_t += t;
        sum_l += *level;
        sum_tt += t * t;
        sum_tl += t * *level;
    }
    const auto count = static_cast<double>(last - first + 1);
    const double slope = (count * sum_tl - sum_t * sum_l) / (count * sum_tt - sum_t * sum_t);
    return DecayLine{-60.0 / slope, (sum_l - slope * sum_t) / count};
}

}  // namespace stemwire::plot
