// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/replaceable.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "dsp/mix.hpp"

namespace stemwire::dsp {

namespace {

constexpr double lead_over_seconds = 0.050;
constexpr std::uint32_t most_frames = 1024;  // of a piece: what two channels need then stays in a first-level cache

}  // namespace

ReplaceableConvolver::Piece::Piece(std::size_t count) : samples(count, convolver::AlignedFloats(most_frames))
{
    for (auto& channel : samples) {
        channels.push_back(channel.data());
        readable.push_back(channel.data());
    }
}

ReplaceableConvolver::ReplaceableConvolver(std::unique_ptr<Convolver> first, std::size_t inputs, std::size_t outputs, double rate_hz)
    : playing_(std::move(first)), new_in_(inputs), old_in_(inputs), old_out_(outputs), out_(outputs)
{
    entry_.prepare(rate_hz, 1.0f, lead_over_seconds);
    release_.prepare(rate_hz, 1.0f, lead_over_seconds);
}

bool ReplaceableConvolver::rest(std::span<const float* const> in, std::span<float* const> out, std::uint32_t frames) noexcept
{
    return old_ == nullptr && handover_.taken() && playing_->rest(in, out, frames);
}

void ReplaceableConvolver::process(std::span<const float* const> in, std::span<float* const> out, std::uint32_t frames) noexcept
{
    take_turns();
    if (old_ == nullptr) {
        playing_->process(in, out, frames);
        return;
    }
    for (std::uint32_t done = 0; done < frames;) {
        const std::uint32_t count = std::min(most_frames, frames - done);
        process_two(in, out, done, count);
        done += count;
    }
}

void ReplaceableConvolver::take_turns() noexcept
{
    if (old_ != nullptr && old_is_over() && handover_.retire(old_.get())) (void)old_.release();
    if (handover_.taken()) return;
    if (old_ != nullptr) {
        if (!entry_.moves()) release_.set_target(0.0f);
        return;
    }
    old_ = std::exchange(playing_, std::unique_ptr<Convolver>(handover_.take()));
    entry_.jump(0.0f);
    entry_.set_target(1.0f);
    release_.jump(1.0f);
}

void ReplaceableConvolver::process_two(std::span<const float* const> in, std::span<float* const> out, std::size_t done,
                                       std::uint32_t frames) noexcept
{
    for (std::size_t input = 0; input < in.size(); ++input)
        lead_over(in[input] + done, new_in_.channels[input], old_in_.channels[input], frames);
    std::ranges::transform(out, out_.begin(), [done](float* samples) { return samples + done; });
    playing_->process(new_in_.readable, out_, frames);
    old_->process(old_in_.readable, old_out_.channels, frames);
    for (std::size_t output = 0; output < out.size(); ++output) {
        const std::array terms{MixTerm{out_[output], {1.0f}}, MixTerm{old_out_.channels[output], release_.line()}};
        mix(terms, out_[output], frames);
    }
    entry_.advance(frames);
    release_.advance(frames);
}

void ReplaceableConvolver::lead_over(const float* in, float* to_new, float* to_old, std::uint32_t frames) const noexcept
{
    const GainLine line = entry_.line();
    const MixTerm entering{in, line};
    const MixTerm leaving{in, {1.0f - line.target, -line.slope, line.position}};
    mix({&entering, 1}, to_new, frames);
    mix({&leaving, 1}, to_old, frames);
}

}  // namespace stemwire::dsp
