// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/resampler_filter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <mutex>
#include <numbers>
#include <numeric>
#include <tuple>

namespace stemwire::dsp {

namespace {

/// A Kaiser window's length and shape. Transition width by Kaiser 1974: (A − 7.95) / (14.36 · taps) of the rate, β = 0.1102 (A − 8.7).
struct Shape {
    std::size_t taps;        ///< at the lower rate
    double attenuation_db;
    /// The middle of the transition as a part of the lower rate's half: its upper end is there where images begin.
    [[nodiscard]] double cutoff() const { return 1.0 - (attenuation_db - 7.95) / (14.36 * static_cast<double>(taps)); }
    [[nodiscard]] double beta() const { return 0.1102 * (attenuation_db - 8.7); }
};

/// At 44.1 → 48 kHz: fast is flat to 16.8 kHz and −100 dB, high to 19.3 kHz and −120 dB, best to 20.4 kHz and −140 dB.
constexpr std::array<Shape, 3> shapes{{{48, 100.0}, {128, 120.0}, {256, 140.0}}};

constexpr std::size_t most_coefficients = 1u << 20;  // 4 MiB
/// Rows for each input frame where coefficients are read between two: linear interpolation of a sinc is then wrong by at most
/// π²/3 / 8 / 4096², −152 dB.
constexpr double fine_rows = 4096.0;

/// Modified Bessel function of the first kind, order 0, by its power series (Abramowitz and Stegun, 9.6.12).
double bessel_i0(double x)
{
    double sum = 1.0;
    double term = 1.0;
    for (int k = 1; term > sum * 1e-18; ++k) {
        term *= x * x / (4.0 * k * k);
        sum += term;
    }
    return sum;
}

double sinc(double x)
{
    return x == 0.0 ? 1.0 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
}

std::size_t round_up(double value, std::size_t multiple)
{
    return (static_cast<std::size_t>(std::ceil(value)) + multiple - 1) / multiple * multiple;
}

}  // namespace

ResamplerFilter::ResamplerFilter(std::uint64_t from, std::uint64_t to, ResamplerQuality quality)
{
    const std::uint64_t divisor = std::gcd(from, to);
    phases_ = to / divisor;
    step_ = from / divisor;
    const Shape& shape = shapes[static_cast<std::size_t>(quality)];
    if (phases_ == step_) {  // nothing to convert: one tap of 1
        taps_ = tap_multiple;
        rows_ = 1;
        table_.assign(taps_, 0.0f);
        table_[reach() - 1] = 1.0f;
        return;
    }
    // Going down, the filter is stretched so that it cuts at the output's half.
    const double stretch = std::max(1.0, static_cast<double>(from) / static_cast<double>(to));
    taps_ = round_up(static_cast<double>(shape.taps) * stretch, tap_multiple);
    exact_ = phases_ * taps_ <= most_coefficients;
    rows_ = exact_ ? phases_ : static_cast<std::size_t>(std::ceil(fine_rows / stretch));
    table_.resize((rows_ + (exact_ ? 0 : 1)) * taps_);
    for (std::size_t row = 0; row * taps_ < table_.size(); ++row) fill_row(row, static_cast<double>(row) / static_cast<double>(rows_), shape.cutoff() / stretch, shape.beta());
}

void ResamplerFilter::fill_row(std::size_t row, double offset, double cutoff, double beta)
{
    const double half = static_cast<double>(taps_) / 2.0;
    const double scale = 1.0 / bessel_i0(beta);
    std::vector<double> values(taps_);
    for (std::size_t tap = 0; tap < taps_; ++tap) {
        const double x = static_cast<double>(tap) - (half - 1.0) - offset;
        const double w = x / half;
        values[tap] = std::abs(w) >= 1.0 ? 0.0 : cutoff * sinc(cutoff * x) * bessel_i0(beta * std::sqrt(1.0 - w * w)) * scale;
    }
    // Every phase passes a constant unchanged.
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    std::ranges::transform(values, table_.begin() + static_cast<std::ptrdiff_t>(row * taps_), [sum](double value) { return static_cast<float>(value / sum); });
}

ResamplerFilter::Time ResamplerFilter::time_of(std::uint64_t output_frame) const noexcept
{
    const auto whole = output_frame / phases_ * step_;
    const auto rest = output_frame % phases_ * step_;
    return {static_cast<std::int64_t>(whole + rest / phases_), rest % phases_};
}

void ResamplerFilter::advance(Time& time) const noexcept
{
    time.phase += step_;
    time.frame += static_cast<std::int64_t>(time.phase / phases_);
    time.phase %= phases_;
}

ResamplerFilter::Rows ResamplerFilter::rows(const Time& time) const noexcept
{
    if (exact_) return {table_.data() + time.phase * taps_, nullptr, 0.0f};
    const double position = static_cast<double>(time.phase) / static_cast<double>(phases_) * static_cast<double>(rows_);
    const auto row = static_cast<std::size_t>(position);
    const float* first = table_.data() + row * taps_;
    return {first, first + taps_, static_cast<float>(position - static_cast<double>(row))};
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
