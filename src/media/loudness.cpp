// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/loudness.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace stemwire::media {

namespace {

constexpr std::uint32_t piece_frames = 1024;  // a stereo piece stays in the first-level cache
constexpr std::size_t steps_of_block = 4;
constexpr double offset_lu = -0.691;           // BS.1770-4, equation 2
constexpr double absolute_gate_lufs = -70.0;
constexpr double relative_gate = 0.1;          // −10 LU

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
std::array<dsp::BiquadCoefficients, 2> k_weighting(double rate_hz)
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
    return offset_lu + 10.0 * std::log10(mean_square);
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

LoudnessMeter::LoudnessMeter(double rate_hz, const ChannelLayout& layout)
    : curve_(k_weighting(rate_hz)), weighted_(layout.size(), std::vector<float>(piece_frames)), step_frames_(static_cast<std::uint32_t>(std::lround(rate_hz / 10.0)))
{
    for (const Position position : layout.positions()) weights_.push_back(weight_of(position));
    for (auto& states : states_) states.resize(layout.size());
    for (auto& plane : weighted_) planes_.push_back(plane.data());
}

void LoudnessMeter::add(std::span<const float* const> channels, std::uint32_t frames)
{
    for (std::uint32_t done = 0; done < frames;) {
        const std::uint32_t count = std::min({frames - done, piece_frames, step_frames_ - step_filled_});
        for (std::size_t channel = 0; channel < planes_.size(); ++channel) std::copy_n(channels[channel] + done, count, planes_[channel]);
        add_piece(count);
        done += count;
    }
}

void LoudnessMeter::add_piece(std::uint32_t frames)
{
    const std::array bands{dsp::FilterBand{&curve_[0], states_[0].data()}, dsp::FilterBand{&curve_[1], states_[1].data()}};
    dsp::filter(bands, planes_, frames);
    for (std::size_t channel = 0; channel < planes_.size(); ++channel) step_energy_ += weights_[channel] * energy_of(planes_[channel], frames);
    step_filled_ += frames;
    if (step_filled_ < step_frames_) return;
    steps_.push_back(step_energy_ / step_frames_);
    step_energy_ = 0.0;
    step_filled_ = 0;
}

/// The mean of the blocks that are louder; 0 where none is.
double LoudnessMeter::mean_above(double least) const
{
    double sum = 0.0;
    std::size_t count = 0;
    for (std::size_t end = steps_of_block; end <= steps_.size(); ++end) {
        const auto last = steps_.begin() + static_cast<std::ptrdiff_t>(end);
        const double block = std::accumulate(last - static_cast<std::ptrdiff_t>(steps_of_block), last, 0.0) / steps_of_block;
        if (block <= least) continue;
        sum += block;
        ++count;
    }
    return count > 0 ? sum / static_cast<double>(count) : 0.0;
}

double LoudnessMeter::integrated_lufs() const
{
    const double gate = std::pow(10.0, (absolute_gate_lufs - offset_lu) / 10.0);
    const double mean = mean_above(gate);
    return mean > 0.0 ? loudness(mean_above(std::max(gate, relative_gate * mean))) : -std::numeric_limits<double>::infinity();
}

}  // namespace stemwire::media
