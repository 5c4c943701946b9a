// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/resampler.hpp"

#include <algorithm>
#include <vector>

#include "dsp/resampler/kernels/kernels.hpp"
#include "dsp/resampler_filter.hpp"

namespace stemwire::dsp {

namespace {

/// Frames of input that are kept beyond a filter's length, so that the history is moved rarely.
constexpr std::size_t slack_frames = 4096;

}  // namespace

struct Resampler::Impl {
    Impl(double from_hz, double to_hz, std::size_t channels, ResamplerQuality quality)
        : filter(resampler_filter(from_hz, to_hz, quality)),
          kernels(*resampler::usable_kernels().back()),
          capacity(filter->margin() + filter->taps() + slack_frames),
          history(channels, std::vector<float>(capacity + filter->margin() + filter->taps()))
    {
        start(0, 0);
    }

    void start(std::uint64_t input_frame, std::uint64_t output_frame)
    {
        time = filter->time_of(output_frame);
        begin = filter->first_frame(time) - static_cast<std::int64_t>(filter->margin());
        filled = 0;
        const std::int64_t silence = static_cast<std::int64_t>(input_frame) - begin;
        lacking = static_cast<std::uint64_t>(std::max<std::int64_t>(silence, 0));
        skip = static_cast<std::uint64_t>(std::max<std::int64_t>(-silence, 0));
    }

    /// Where the next output frame begins in the history; beyond its end where the filter steps over what is yet to come.
    [[nodiscard]] std::size_t offset() const { return static_cast<std::size_t>(filter->first_frame(time) - begin); }

    /// Drops what no later output needs.
    void compact()
    {
        const std::size_t unneeded = std::min(offset() - filter->margin(), filled);
        for (auto& channel : history) std::copy_n(channel.data() + unneeded, filled - unneeded, channel.data());
        begin += static_cast<std::int64_t>(unneeded);
        filled -= unneeded;
    }

    /// Appends input from frame `at` on; `in` empty: silence. Returns how much was taken.
    std::uint32_t append(std::span<const float* const> in, std::uint32_t at, std::uint32_t frames)
    {
        const auto passed = static_cast<std::uint32_t>(std::min<std::uint64_t>(skip, frames));
        skip -= passed;
        if (capacity - filled < frames - passed) compact();
        const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(frames - passed, capacity - filled));
        for (std::size_t channel = 0; channel < history.size(); ++channel) {
            float* to = history[channel].data() + filled;
            if (in.empty()) std::fill_n(to, count, 0.0f);
            else std::copy_n(in[channel] + at + passed, count, to);
        }
        filled += count;
        return passed + count;
    }

    /// Writes what the history is enough for, to frame `at` on.
    std::uint32_t put(std::span<float* const> out, std::uint32_t at, std::uint32_t most)
    {
        const std::size_t needed = offset() + filter->taps();
        if (needed > filled) return 0;
        const auto frames = static_cast<std::uint32_t>(std::min<std::uint64_t>(most, filter->frames_within(time, filled - needed + 1)));
        for (std::size_t channel = 0; channel < history.size(); channel += 2) convert(out, channel, at, frames);
        time = filter->later(time, frames);
        return frames;
    }

    /// The channel and, if there is one, its neighbour.
    void convert(std::span<float* const> out, std::size_t channel, std::uint32_t at, std::uint32_t frames) const
    {
        const bool pair = channel + 1 < history.size();
        const std::size_t other = pair ? channel + 1 : channel;
        const float* in[] = {history[channel].data() + offset(), history[other].data() + offset()};
        float* to[] = {out[channel] + at, out[other] + at};
        if (filter->is_copy()) {
            for (std::size_t i = 0; i < (pair ? 2 : 1); ++i) std::copy_n(in[i], frames, to[i]);
            return;
        }
        const resampler::Run run{filter->rows(), filter->walk(time), {in[0], in[1]}, {to[0], to[1]}, frames};
        pair ? kernels.two_channels(run) : kernels.one_channel(run);
    }

    Step process(std::span<const float* const> in, std::uint32_t in_frames, std::span<float* const> out, std::uint32_t out_frames)
    {
        while (lacking > 0) lacking -= append({}, 0, static_cast<std::uint32_t>(std::min<std::uint64_t>(lacking, slack_frames)));
        Step step{0, 0};
        while (step.produced < out_frames) {
            const std::uint32_t made = put(out, step.produced, out_frames - step.produced);
            step.produced += made;
            if (made > 0) continue;
            if (step.consumed == in_frames) break;
            step.consumed += append(in, step.consumed, in_frames - step.consumed);
        }
        return step;
    }

    std::uint32_t drain(std::span<float* const> out, std::uint32_t out_frames)
    {
        std::uint32_t produced = 0;
        while (produced < out_frames) {
            const std::uint32_t made = put(out, produced, out_frames - produced);
            produced += made;
            if (made == 0) append({}, 0, slack_frames);
        }
        return produced;
    }

    std::shared_ptr<const ResamplerFilter> filter;
    const resampler::Kernels& kernels;
    std::size_t capacity;                     ///< frames
    std::vector<std::vector<float>> history;  ///< [channel][frame − begin], and room behind for what is read without weight
    std::size_t filled = 0;
    std::int64_t begin = 0;                   ///< input frame of the history's first
    std::uint64_t skip = 0;                   ///< input frames to come that are before all that is needed
    std::uint64_t lacking = 0;                ///< silent frames that stand before the input
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

Resampler::Step Resampler::process(std::span<const float* const> in, std::uint32_t in_frames, std::span<float* const> out,
                                   std::uint32_t out_frames)
{
    return impl_->process(in, in_frames, out, out_frames);
}

std::uint32_t Resampler::drain(std::span<float* const> out, std::uint32_t out_frames)
{
    return impl_->drain(out, out_frames);
}

std::uint64_t Resampler::output_length(std::uint64_t input_frames) const noexcept
{
    return impl_->filter->output_length(input_frames);
}

}  // namespace stemwire::dsp
