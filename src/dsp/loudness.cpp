// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/loudness.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace stemwire::dsp {

namespace {

constexpr std::uint32_t piece_frames = 1024;  // a stereo piece stays in the first-level cache
constexpr double offset_lu = -0.691;           // BS.1770-4, equation 2
constexpr double absolute_gate_lufs = -70.0;
constexpr double loudest_lufs = 30.0;
constexpr double bins_per_lu = 20.0;
constexpr double relative_gate = 0.1;          // −10 LU
constexpr double range_gate = 0.01;            // −20 LU (EBU Tech 3342)
constexpr double softest_share = 0.10;
constexpr double loudest_share = 0.95;
constexpr std::uint32_t range_steps = 10;      // a short-term value each second

/// BS.1770-4, table 3: surround channels weigh more, the LFE does not count.
double weight_of(Position position)
{
    switch (position) {
    case Position::LFE: return 0.0;
    case Position::RL:
    case Position::RR:
    case Position::SL:
    case Position::SR: return 1.41;
    default: return 1.0;
    }
}

/// The standard's two filters, which it gives for 48 kHz, at any rate: the analogue ones behind them (B. De Man, "Evaluation of
/// implementations of the EBU R128 loudness measurement", AES convention 145, 2018).
std::array<BiquadCoefficients, 2> k_weighting(double rate_hz)
{
    const auto tangent = [&](double frequency_hz) { return std::tan(std::numbers::pi * frequency_hz / rate_hz); };
    const double shelf = tangent(1681.974450955533);
    const double shelf_q = 0.7071752369554196;
    const double high = std::pow(10.0, 3.999843853973347 / 20.0);
    const double middle = std::pow(high, 0.4996667741545416);
    const double a0 = 1.0 + shelf / shelf_q + shelf * shelf;
    const double pass = tangent(38.13547087602444);
    const double pass_q = 0.5003270373238773;
    const double c0 = 1.0 + pass / pass_q + pass * pass;
    return {{{.b0 = (high + middle * shelf / shelf_q + shelf * shelf) / a0,
              .b1 = 2.0 * (shelf * shelf - high) / a0,
              .b2 = (high - middle * shelf / shelf_q + shelf * shelf) / a0,
              .a1 = 2.0 * (shelf * shelf - 1.0) / a0,
              .a2 = (1.0 - shelf / shelf_q + shelf * shelf) / a0},
             {.b0 = 1.0, .b1 = -2.0, .b2 = 1.0, .a1 = 2.0 * (pass * pass - 1.0) / c0, .a2 = (1.0 - pass / pass_q + pass * pass) / c0}}};
}

double loudness(double mean_square)
{
    return mean_square > 0.0 ? offset_lu + 10.0 * std::log10(mean_square) : -std::numeric_limits<double>::infinity();
}

/// Sums in single precision are short enough to be exact to 10⁻⁶, and compilers make vectors of the lanes.
double energy_of(const float* samples, std::uint32_t frames)
{
    std::array<float, 16> lanes{};
    std::uint32_t i = 0;
    for (; i + lanes.size() <= frames; i += static_cast<std::uint32_t>(lanes.size()))
        for (std::size_t lane = 0; lane < lanes.size(); ++lane) lanes[lane] += samples[i + lane] * samples[i + lane];
    for (; i < frames; ++i) lanes[0] += samples[i] * samples[i];
    return std::accumulate(lanes.begin(), lanes.end(), 0.0);
}

}  // namespace

LoudnessHistogram::LoudnessHistogram() : bins_(static_cast<std::size_t>((loudest_lufs - absolute_gate_lufs) * bins_per_lu)) {}

void LoudnessHistogram::add(double power) noexcept
{
    const double above_lu = loudness(power) - absolute_gate_lufs;
    if (!(above_lu > 0.0)) return;
    Bin& bin = bins_[std::min(static_cast<std::size_t>(std::min(above_lu, loudest_lufs - absolute_gate_lufs) * bins_per_lu), bins_.size() - 1)];
    bin.sum += power;
    ++bin.count;
}

void LoudnessHistogram::clear() noexcept
{
    std::ranges::fill(bins_, Bin{});
}

/// The bin that the gate falls into counts as a whole, on the side where its mean is.
std::size_t LoudnessHistogram::first_above(double gate) const noexcept
{
    const double above_lu = loudness(gate) - absolute_gate_lufs;
    if (!(above_lu > 0.0)) return 0;
    const auto bin = std::min(static_cast<std::size_t>(above_lu * bins_per_lu), bins_.size() - 1);
    return bins_[bin].sum > gate * static_cast<double>(bins_[bin].count) ? bin : bin + 1;
}

double LoudnessHistogram::mean_above(double gate) const noexcept
{
    Bin above;
    for (std::size_t bin = first_above(gate); bin < bins_.size(); ++bin) {
        above.sum += bins_[bin].sum;
        above.count += bins_[bin].count;
    }
    return above.count > 0 ? above.sum / static_cast<double>(above.count) : 0.0;
}

double LoudnessHistogram::percentile_lufs(double share, double gate) const noexcept
{
    const std::size_t first = first_above(gate);
    std::uint64_t count = 0;
    for (std::size_t bin = first; bin < bins_.size(); ++bin) count += bins_[bin].count;
    if (count == 0) return loudness(0.0);
    auto left = static_cast<std::uint64_t>(std::lround(share * static_cast<double>(count - 1)));
    std::size_t bin = first;
    for (; left >= bins_[bin].count; ++bin) left -= bins_[bin].count;
    return loudness(bins_[bin].sum / static_cast<double>(bins_[bin].count));
}

LoudnessMeter::LoudnessMeter(double rate_hz, const ChannelLayout& layout)
    : curve_(k_weighting(rate_hz)), weighted_(layout.size(), std::vector<float>(piece_frames)), step_frames_(static_cast<std::uint32_t>(std::lround(rate_hz / 10.0)))
{
    for (const Position position : layout.positions()) weights_.push_back(weight_of(position));
    for (auto& states : states_) states.resize(layout.size());
    for (auto& plane : weighted_) planes_.push_back(plane.data());
}

void LoudnessMeter::add(std::span<const float* const> channels, std::uint32_t frames) noexcept
{
    for (std::uint32_t done = 0; done < frames;) {
        const std::uint32_t count = std::min({frames - done, piece_frames, step_frames_ - step_filled_});
        for (std::size_t channel = 0; channel < planes_.size(); ++channel) std::copy_n(channels[channel] + done, count, planes_[channel]);
        add_piece(count);
        done += count;
    }
}

void LoudnessMeter::clear() noexcept
{
    for (auto& states : states_) std::ranges::fill(states, BiquadState{});
    step_filled_ = 0;
    step_energy_ = 0.0;
    step_ = 0;
    last_.fill(0.0);
    momentary_ = short_term_ = max_momentary_ = max_short_term_ = 0.0;
    blocks_.clear();
    terms_.clear();
}

void LoudnessMeter::add_piece(std::uint32_t frames) noexcept
{
    const std::array bands{FilterBand{&curve_[0], states_[0].data()}, FilterBand{&curve_[1], states_[1].data()}};
    filter(bands, planes_, frames);
    for (std::size_t channel = 0; channel < planes_.size(); ++channel) step_energy_ += weights_[channel] * energy_of(planes_[channel], frames);
    step_filled_ += frames;
    if (step_filled_ == step_frames_) end_step();
}

double LoudnessMeter::mean_of_last(std::uint32_t steps) const noexcept
{
    double sum = 0.0;
    for (std::uint64_t back = 1; back <= steps; ++back) sum += last_[(step_ + short_term_steps - back) % short_term_steps];
    return sum / steps;
}

void LoudnessMeter::end_step() noexcept
{
    // What is no number stays in the filters for ever.
    if (!std::isfinite(step_energy_)) {
        for (auto& states : states_) std::ranges::fill(states, BiquadState{});
        step_energy_ = 0.0;
    }
    last_[step_ % short_term_steps] = step_energy_ / step_frames_;
    ++step_;
    step_energy_ = 0.0;
    step_filled_ = 0;
    momentary_ = mean_of_last(momentary_steps);
    short_term_ = mean_of_last(short_term_steps);
    max_momentary_ = std::max(max_momentary_, momentary_);
    max_short_term_ = std::max(max_short_term_, short_term_);
    if (step_ >= momentary_steps) blocks_.add(momentary_);
    if (step_ >= short_term_steps && step_ % range_steps == 0) terms_.add(short_term_);
}

double LoudnessMeter::integrated_lufs() const noexcept
{
    return loudness(blocks_.mean_above(relative_gate * blocks_.mean_above(0.0)));
}

double LoudnessMeter::range_lu() const noexcept
{
    const double gate = range_gate * terms_.mean_above(0.0);
    const double loudest = terms_.percentile_lufs(loudest_share, gate);
    return std::isfinite(loudest) ? loudest - terms_.percentile_lufs(softest_share, gate) : 0.0;
}

double LoudnessMeter::momentary_lufs() const noexcept
{
    return loudness(momentary_);
}

double LoudnessMeter::short_term_lufs() const noexcept
{
    return loudness(short_term_);
}

double LoudnessMeter::max_momentary_lufs() const noexcept
{
    return loudness(max_momentary_);
}

double LoudnessMeter::max_short_term_lufs() const noexcept
{
    return loudness(max_short_term_);
}

}  // namespace stemwire::dsp
