// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/excerpt.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace stemwire::media {

Excerpt::Excerpt(std::unique_ptr<FrameSource> reader, double from_s, std::optional<double> to_s, double count)
    : reader_(std::move(reader)), from_(seconds_to_frames(from_s, reader_->rate_hz())),
      to_(to_s ? seconds_to_frames(*to_s, reader_->rate_hz()) : endless), count_(count)
{
    seek(0);
}

Frames Excerpt::find_once()
{
    if (!once_) once_ = std::max(std::min(to_, reader_->find_length()), from_) - from_;
    return *once_;
}

void Excerpt::seek(Frames frame)
{
    round_ = 0;
    if (count_ > 1.0 && frame > 0 && find_once() > 0) {
        round_ = frame / *once_;
        frame %= *once_;
    }
    reader_->seek(from_ + frame);
}

std::uint32_t Excerpt::read_on(std::span<float* const> out, std::uint32_t done, std::uint32_t count)
{
    const Frames left = to_ > reader_->position() ? to_ - reader_->position() : 0;
    std::vector<float*> at(out.begin(), out.end());
    for (float*& plane : at) plane += done;
    return reader_->read(at, static_cast<std::uint32_t>(std::min<Frames>(left, count - done)));
}

/// After a round's last frame: to the first of the next; false where there is none.
bool Excerpt::go_round()
{
    if (find_once() == 0 || static_cast<double>(++round_) >= count_) return false;
    reader_->seek(from_);
    return true;
}

std::uint32_t Excerpt::read(std::span<float* const> out, std::uint32_t count)
{
    std::uint32_t done = 0;
    while (done < count && static_cast<double>(round_) < count_) {
        const bool begins = reader_->position() == from_;
        const std::uint32_t got = read_on(out, done, count);
        done += got;
        if (got > 0 && reader_->position() == to_) once_ = to_ - from_;
        const bool unreadable = begins && got == 0;
        if (done < count && (unreadable || !go_round())) break;
    }
    return done;
}

std::optional<Frames> Excerpt::length() const noexcept
{
    if (!once_ || std::isinf(count_)) return std::nullopt;
    return *once_ * static_cast<Frames>(count_);
}

}  // namespace stemwire::media
