// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/resampler_filter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <mutex>
#include <numbers>
#include <numeric>
#include <span>
#include <tuple>

namespace stemwire::dsp {

namespace {

/// A Kaiser window's length and shape (Kaiser 1974): β = 0.1102 (A − 8.7), and the transition is (A − 7.95) / (14.36 · taps) of the rate
/// wide.
struct Shape {
    std::size_t span;        ///< taps at the lower rate, and what a group of frames lies apart
    double attenuation_db;
    double below;            ///< 0: half the lower rate is the transition's middle; 1: its end
};

/// At 44.1 → 48 kHz, flat within ±0.1 dB: fast to 20.4 kHz, and what lies below 19.4 kHz leaves nothing else above −100 dB; high to 21.1
/// kHz and below 20.4 kHz, −130 dB; best to 20.4 kHz, and nothing at all above −130 dB.
constexpr std::array<Shape, 3> shapes{{{64, 102.0, 0.0}, {128, 136.0, 0.0}, {208, 138.0, 1.0}}};

/// What a table of rows may hold, so that it stays in the second-level cache beside what else is there: 768 KiB of turns, which are read
/// fastest but are up to four times as many as phases; and 1.5 MiB of phases, three times what the parabolas take.
constexpr std::size_t most_turn_weights = 3u << 16;
constexpr std::size_t most_phase_weights = 3u << 17;
/// Parts of each frame of the lower rate within which weights are read from a parabola. Through Chebyshev's three nodes of a part it misses
/// a sinc, whose third derivative is at most π³/4, by at most π³/4 · (1/256)³ / 24, −154 dB (Abramowitz and Stegun, 25.2.2 and 22.2.4).
constexpr double parabolas = 128.0;

/// Modified Bessel function of the first kind, order 0, of the square roots of `squares`: its power series (Abramowitz and Stegun, 9.6.12),
/// nested, as far as the largest needs it.
void bessel_i0_of_roots(std::span<const double> squares, std::span<double> values)
{
    const double largest = *std::ranges::max_element(squares) / 4.0;
    int terms = 1;
    for (double term = 1.0, sum = 1.0; term > sum * 1e-18; sum += term, ++terms) term *= largest / (terms * terms);
    std::ranges::fill(values, 1.0);
    for (int k = terms; k > 0; --k) {
        const double scale = 1.0 / (4.0 * k * k);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = 1.0 + squares[i] * scale * values[i];
    }
}

/// Samples a windowed sinc row by row. The sines of a row follow from those of the first by the angle's sum.
class WindowedSinc {
public:
    WindowedSinc(std::size_t taps, double cutoff, double beta)
        : cutoff_(cutoff),
          beta_(beta),
          centre_(static_cast<double>(taps / 2 - 1)),
          sines_(taps),
          cosines_(taps),
          squares_(taps),
          values_(taps)
    {
        for (std::size_t tap = 0; tap < taps; ++tap) {
            const double angle = std::numbers::pi * cutoff * (static_cast<double>(tap) - centre_);
            sines_[tap] = std::sin(angle);
            cosines_[tap] = std::cos(angle);
        }
    }

    /// For an output frame that lies `offset` behind the tap at the centre. The weights stay until the next call.
    std::span<const double> sample(double offset)
    {
        const double half = static_cast<double>(values_.size()) / 2.0;
        for (std::size_t tap = 0; tap < values_.size(); ++tap) {
            const double part = (static_cast<double>(tap) - centre_ - offset) / half;
            squares_[tap] = beta_ * beta_ * std::max(0.0, 1.0 - part * part);
        }
        bessel_i0_of_roots(squares_, values_);
        const double sine = std::sin(std::numbers::pi * cutoff_ * offset);
        const double cosine = std::cos(std::numbers::pi * cutoff_ * offset);
        for (std::size_t tap = 0; tap < values_.size(); ++tap) {
            const double x = static_cast<double>(tap) - centre_ - offset;
            values_[tap] *= x == 0.0 ? std::numbers::pi * cutoff_ : (sines_[tap] * cosine - cosines_[tap] * sine) / x;
        }
        // Every phase passes a constant unchanged.
        const double sum = std::accumulate(values_.begin(), values_.end(), 0.0);
        for (double& value : values_) value /= sum;
        return values_;
    }

private:
    double cutoff_;   ///< as a part of half the input rate
    double beta_;
    double centre_;
    std::vector<double> sines_;
    std::vector<double> cosines_;
    std::vector<double> squares_;
    std::vector<double> values_;
};

float to_float(double value)
{
    return static_cast<float>(value);
}

std::size_t round_up(double value, std::size_t multiple)
{
    return (static_cast<std::size_t>(std::ceil(value)) + multiple - 1) / multiple * multiple;
}

}  // namespace

ResamplerFilter::ResamplerFilter(std::uint64_t from, std::uint64_t to, ResamplerQuality quality)
    : phases_(to / std::gcd(from, to)), step_(from / std::gcd(from, to)), turns_(std::lcm(phases_, std::uint64_t{resampler::group_frames}))
{
    if (phases_ == step_) return;
    const Shape& shape = shapes[static_cast<std::size_t>(quality)];
    // Going down, the filter is stretched so that it cuts at the output's half.
    const double stretch = std::max(1.0, static_cast<double>(from) / static_cast<double>(to));
    const std::size_t furthest = (phases_ - 1 + (resampler::group_frames - 1) * step_) / phases_;  // a group's last frame from its first
    span_ = round_up(static_cast<double>(shape.span) * stretch, resampler::widest);
    taps_ = (span_ - furthest) / 2 * 2;
    margin_ = round_up(static_cast<double>(furthest), resampler::widest);

    const double transition = (shape.attenuation_db - 7.95) / (14.36 * static_cast<double>(taps_));
    const double cutoff = 1.0 / stretch - shape.below * transition;
    const double beta = 0.1102 * (shape.attenuation_db - 8.7);
    if (turns_ * span_ <= most_turn_weights) sample_turns(cutoff, beta);
    else if (phases_ * span_ <= most_phase_weights) sample_phases(cutoff, beta);
    else sample_parts(round_up(parabolas / stretch, 1), cutoff, beta);
}

float* ResamplerFilter::make_rows(std::uint64_t count)
{
    table_.resize((count * span_ + 2 * margin_) / resampler::widest);
    return reinterpret_cast<float*>(table_.data()) + margin_;
}

void ResamplerFilter::sample_turns(double cutoff, double beta)
{
    float* rows = make_rows(turns_);
    WindowedSinc sinc(taps_, cutoff, beta);
    for (std::uint64_t frame = 0; frame < turns_; ++frame) {
        const Time time = time_of(frame);
        const auto from_first = static_cast<std::size_t>(time.frame - time_of(frame - frame % resampler::group_frames).frame);
        const auto weights = sinc.sample(static_cast<double>(time.phase) / static_cast<double>(phases_));
        std::ranges::transform(weights, rows + frame * span_ + from_first, to_float);
    }
}

void ResamplerFilter::sample_phases(double cutoff, double beta)
{
    rows_for_ = resampler::RowsFor::phases;
    float* rows = make_rows(phases_);
    WindowedSinc sinc(taps_, cutoff, beta);
    for (std::uint64_t phase = 0; phase < phases_; ++phase)
        std::ranges::transform(sinc.sample(static_cast<double>(phase) / static_cast<double>(phases_)), rows + phase * span_, to_float);
}

void ResamplerFilter::sample_parts(std::size_t parts, double cutoff, double beta)
{
    rows_for_ = resampler::RowsFor::parts;
    parts_per_phase_ = static_cast<double>(parts) / static_cast<double>(phases_);
    float* row = make_rows(parts * resampler::parabola_rows);
    WindowedSinc sinc(taps_, cutoff, beta);
    const double node = std::sqrt(3.0) / 4.0;  // Chebyshev's: −node, 0, node, of −½ … ½
    std::array<std::vector<double>, 3> weights;
    for (std::size_t part = 0; part < parts; ++part) {
        for (std::size_t i = 0; i < 3; ++i) {
            const double t = (static_cast<double>(i) - 1.0) * node;
            const auto sampled = sinc.sample((static_cast<double>(part) + 0.5 + t) / static_cast<double>(parts));
            weights[i].assign(sampled.begin(), sampled.end());
        }
        for (std::size_t tap = 0; tap < taps_; ++tap) {
            const double slope = (weights[2][tap] - weights[0][tap]) / (2.0 * node);
            const double bend = (weights[2][tap] - 2.0 * weights[1][tap] + weights[0][tap]) / (2.0 * node * node);
            row[tap] = to_float(weights[1][tap]);
            row[span_ + tap] = to_float(slope);
            row[2 * span_ + tap] = to_float(bend);
        }
        row += resampler::parabola_rows * span_;
    }
}

ResamplerFilter::Time ResamplerFilter::time_of(std::uint64_t output_frame) const noexcept
{
    const auto whole = output_frame / phases_ * step_;
    const auto rest = output_frame % phases_ * step_;
    return {output_frame, static_cast<std::int64_t>(whole + rest / phases_), rest % phases_};
}

ResamplerFilter::Time ResamplerFilter::later(const Time& time, std::uint32_t output_frames) const noexcept
{
    const std::uint64_t phase = time.phase + output_frames * step_;
    return {time.output_frame + output_frames, time.frame + static_cast<std::int64_t>(phase / phases_), phase % phases_};
}

std::uint64_t ResamplerFilter::frames_within(const Time& time, std::uint64_t input_frames) const noexcept
{
    // The k with phase + k · step < input_frames · phases.
    return input_frames == 0 ? 0 : (input_frames * phases_ - time.phase + step_ - 1) / step_;
}

std::uint64_t ResamplerFilter::output_length(std::uint64_t input_frames) const noexcept
{
    // round(input · phases / step), in parts so that nothing overflows.
    const std::uint64_t whole = input_frames / step_ * phases_;
    return whole + (input_frames % step_ * phases_ * 2 + step_) / (step_ * 2);
}

std::shared_ptr<const ResamplerFilter> resampler_filter(double from_hz, double to_hz, ResamplerQuality quality)
{
    static std::mutex mutex;
    static std::map<std::tuple<std::uint64_t, std::uint64_t, ResamplerQuality>, std::weak_ptr<const ResamplerFilter>> made;
    const auto from = static_cast<std::uint64_t>(std::llround(from_hz));
    const auto to = static_cast<std::uint64_t>(std::llround(to_hz));
    const std::lock_guard lock(mutex);
    auto& known = made[{from, to, quality}];
    auto filter = known.lock();
    if (filter == nullptr) known = filter = std::make_shared<const ResamplerFilter>(from, to, quality);
    return filter;
}

}  // namespace stemwire::dsp
