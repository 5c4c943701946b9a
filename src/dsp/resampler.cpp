// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/resampler.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "dsp/resampler_filter.hpp"

namespace stemwire::dsp {

namespace {

/// Frames of input that are kept beyond a filter's length, so that the history is moved rarely.
constexpr std::size_t slack_frames = 4096;

// Sixteen floats: one vector of AVX-512, two of AVX, four of SSE.
using Vector = float __attribute__((vector_size(64)));
constexpr std::size_t lanes = 16;
static_assert(ResamplerFilter::tap_multiple % (2 * lanes) == 0);

#if defined(__x86_64__)
#define STEMWIRE_CLONES __attribute__((target_clones("default", "arch=haswell", "arch=skylake-avx512")))
#else
#define STEMWIRE_CLONES
#endif

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // always inlined: no vector is ever handed over
[[gnu::always_inline]] inline Vector load(const float* from)
{
    Vector vector;
    std::memcpy(&vector, from, sizeof vector);
    return vector;
}

/// Two channels at once, so that each coefficient is loaded once; `taps` is a multiple of 32. Both halves are summed from the outside in:
/// the small products first, so that only the last additions round at the size of the result.
STEMWIRE_CLONES void dot_products(const float* a, const float* b, const float* coefficients, std::size_t taps, float* sums)
{
    Vector left_a{};
    Vector left_b{};
    Vector right_a{};
    Vector right_b{};
    for (std::size_t left = 0, right = taps - lanes; left < right; left += lanes, right -= lanes) {
        const Vector left_weight = load(coefficients + left);
        const Vector right_weight = load(coefficients + right);
        left_a += load(a + left) * left_weight;
        left_b += load(b + left) * left_weight;
        right_a += load(a + right) * right_weight;
        right_b += load(b + right) * right_weight;
    }
    double sum_a = 0.0;
    double sum_b = 0.0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        sum_a += static_cast<double>(left_a[lane]) + static_cast<double>(right_a[lane]);
        sum_b += static_cast<double>(left_b[lane]) + static_cast<double>(right_b[lane]);
    }
    sums[0] = static_cast<float>(sum_a);
    sums[1] = static_cast<float>(sum_b);
}
#pragma GCC diagnostic pop

}  // namespace

struct Resampler::Impl {
    Impl(double from_hz, double to_hz, std::size_t channels, ResamplerQuality quality)
        : filter(resampler_filter(from_hz, to_hz, quality)), history(channels, std::vector<float>(filter->taps() + slack_frames))
    {
        start(0, 0);
    }

    void start(std::uint64_t input_frame, std::uint64_t output_frame)
    {
        time = filter->time_of(output_frame);
        begin = time.frame - static_cast<std::int64_t>(filter->reach()) + 1;
        const std::int64_t silence = static_cast<std::int64_t>(input_frame) - begin;
        filled = static_cast<std::size_t>(std::clamp<std::int64_t>(silence, 0, static_cast<std::int64_t>(capacity())));
        skip = static_cast<std::uint64_t>(std::max<std::int64_t>(-silence, 0));
        lacking = static_cast<std::uint64_t>(std::max<std::int64_t>(silence, 0)) - filled;
        for (auto& channel : history) std::fill_n(channel.begin(), filled, 0.0f);
    }

    [[nodiscard]] std::size_t capacity() const { return history.empty() ? 0 : history.front().size(); }
    [[nodiscard]] std::size_t offset() const { return static_cast<std::size_t>(time.frame - static_cast<std::int64_t>(filter->reach()) + 1 - begin); }

    /// Drops what no later output needs.
    void compact()
    {
        const std::size_t unneeded = std::min(offset(), filled);
        for (auto& channel : history) std::copy(channel.begin() + static_cast<std::ptrdiff_t>(unneeded), channel.begin() + static_cast<std::ptrdiff_t>(filled), channel.begin());
        begin += static_cast<std::int64_t>(unneeded);
        filled -= unneeded;
    }

    /// Appends input; `in` null: silence. Returns how much was taken.
    std::uint32_t append(std::span<const float* const> in, std::uint32_t at, std::uint32_t frames)
    {
        const auto passed = static_cast<std::uint32_t>(std::min<std::uint64_t>(skip, frames));
        skip -= passed;
        if (filled == capacity()) compact();
        const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(frames - passed, capacity() - filled));
        for (std::size_t channel = 0; channel < history.size(); ++channel) {
            float* to = history[channel].data() + filled;
            if (in.empty()) std::fill_n(to, count, 0.0f);
            else std::copy_n(in[channel] + at + passed, count, to);
        }
        filled += count;
        return passed + count;
    }

    [[nodiscard]] bool ready() const { return offset() + filter->taps() <= filled; }

    void put(std::span<float* const> out, std::uint32_t frame)
    {
        const auto [row, next_row, fraction] = filter->rows(time);
        for (std::size_t channel = 0; channel < history.size(); channel += 2) {
            const bool pair = channel + 1 < history.size();
            const float* a = history[channel].data() + offset();
            const float* b = pair ? history[channel + 1].data() + offset() : a;
            float sums[2];
            dot_products(a, b, row, filter->taps(), sums);
            if (next_row != nullptr) {
                float next[2];
                dot_products(a, b, next_row, filter->taps(), next);
                for (int i = 0; i < 2; ++i) sums[i] += fraction * (next[i] - sums[i]);
            }
            out[channel][frame] = sums[0];
            if (pair) out[channel + 1][frame] = sums[1];
        }
        filter->advance(time);
    }

    Step process(std::span<const float* const> in, std::uint32_t in_frames, std::span<float* const> out, std::uint32_t out_frames)
    {
        Step step{0, 0};
        for (; lacking > 0; lacking -= append({}, 0, static_cast<std::uint32_t>(std::min<std::uint64_t>(lacking, slack_frames)))) compact();
        while (step.produced < out_frames) {
            if (ready()) put(out, step.produced++);
            else if (step.consumed < in_frames) step.consumed += append(in, step.consumed, in_frames - step.consumed);
            else break;
        }
        return step;
    }

    std::shared_ptr<const ResamplerFilter> filter;
    std::vector<std::vector<float>> history;  ///< [channel][frame − begin]
    std::size_t filled = 0;
    std::int64_t begin = 0;                   ///< input frame of the history's first
    std::uint64_t skip = 0;                   ///< input frames that are before all that is needed
    std::uint64_t lacking = 0;                ///< silent frames before the input, beyond what the history holds
    ResamplerFilter::Time time{};             ///< of the next output frame
};

Resampler::Resampler(double from_hz, double to_hz, std::size_t channels, ResamplerQuality quality)
    : impl_(std::make_unique<Impl>(from_hz, to_hz, channels, quality))
{
}

Resampler::~Resampler() = default;
Resampler::Resampler(Resampler&&) noexcept = default;
Resampler& Resampler::operator=(Resampler&&) noexcept = default;

std::uint32_t Resampler::reach() const noexcept
{
    return impl_->filter->reach();
}

void Resampler::start(std::uint64_t input_frame, std::uint64_t output_frame)
{
    impl_->start(input_frame, output_frame);
}

Resampler::Step Resampler::process(std::span<const float* const> in, std::uint32_t in_frames, std::span<float* const> out, std::uint32_t out_frames)
{
    return impl_->process(in, in_frames, out, out_frames);
}

std::uint32_t Resampler::drain(std::span<float* const> out, std::uint32_t out_frames)
{
    std::uint32_t produced = 0;
    while (produced < out_frames) {
        if (impl_->ready()) impl_->put(out, produced++);
        else impl_->append({}, 0, impl_->filter->reach());
    }
    return produced;
}

std::uint64_t Resampler::output_length(std::uint64_t input_frames) const noexcept
{
    return impl_->filter->output_length(input_frames);
}

}  // namespace stemwire::dsp
