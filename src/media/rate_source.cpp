// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/rate_source.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace stemwire::media {

namespace {

constexpr std::uint32_t input_frames = 1024;  // two channels stay in the first-level cache

template <class Plane, class Planes>
std::vector<Plane> shifted(Planes& planes, std::uint32_t frames)
{
    std::vector<Plane> at;
    for (auto& plane : planes) at.push_back(&plane[frames]);
    return at;
}

}  // namespace

RateSource::RateSource(std::unique_ptr<Excerpt> excerpt, double rate_hz, dsp::ResamplerQuality quality)
    : excerpt_(std::move(excerpt)), ratio_(excerpt_->rate_hz() / rate_hz)
{
    excerpt_->seek(0);
    if (ratio_ == 1.0) return;
    resampler_.emplace(excerpt_->rate_hz(), rate_hz, excerpt_->channels(), quality);
    resampler_->start(0, 0);
    input_.assign(excerpt_->channels(), std::vector<float>(input_frames));
}

void RateSource::seek(Frames frame)
{
    if (frame == position_) return;
    position_ = frame;
    if (!resampler_) return excerpt_->seek(frame);
    const auto centre = static_cast<Frames>(std::floor(static_cast<double>(frame) * ratio_));
    const Frames first = centre > resampler_->reach() ? centre - resampler_->reach() : 0;
    excerpt_->seek(first);
    resampler_->start(first, frame);
    input_at_ = input_end_ = 0;
    input_ended_ = false;
}

void RateSource::rest()
{
    excerpt_->rest();
    position_ = endless;  // no seek finds it where it is
}

void RateSource::note_end(Frames if_unknown)
{
    const auto input = excerpt_->length();
    if (!input) length_ = if_unknown;
    else length_ = resampler_ ? resampler_->output_length(*input) : *input;
}

std::uint32_t RateSource::read(std::span<float* const> out, std::uint32_t count)
{
    if (resampler_) return read_resampled(out, count);
    const std::uint32_t got = excerpt_->read(out, count);
    position_ += got;
    if (got < count) note_end(position_);
    return got;
}

void RateSource::refill()
{
    const auto at = shifted<float*>(input_, 0);
    input_at_ = 0;
    input_end_ = excerpt_->read(at, input_frames);
    input_ended_ = input_end_ < input_frames;
    if (input_ended_) note_end(position_);
}

std::uint32_t RateSource::read_resampled(std::span<float* const> out, std::uint32_t count)
{
    std::uint32_t done = 0;
    while (done < count && (!length_ || position_ < *length_)) {
        if (input_at_ == input_end_ && !input_ended_) refill();
        auto at = shifted<float*>(out, done);
        std::uint32_t room = count - done;
        if (length_) room = static_cast<std::uint32_t>(std::min<Frames>(room, *length_ - std::min(position_, *length_)));
        std::uint32_t made = 0;
        if (input_at_ == input_end_) {
            made = resampler_->drain(at, room);
        } else {
            const auto in = shifted<const float*>(input_, input_at_);
            const auto step = resampler_->process(in, input_end_ - input_at_, at, room);
            input_at_ += step.consumed;
            made = step.produced;
        }
        done += made;
        position_ += made;
        if (made == 0 && input_ended_ && input_at_ == input_end_) break;
    }
    return done;
}

}  // namespace stemwire::media
