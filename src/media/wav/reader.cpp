// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/wav/reader.hpp"

#include <algorithm>
#include <cstring>

#include "media/file_problem.hpp"

namespace stemwire::media {

namespace {

constexpr std::size_t window_bytes = 1u << 15;
constexpr std::size_t spare_bytes = 4;  // before the first sample, which is loaded as the end of a word

using Sample = WavFormat::Sample;

/// An integer sample of so many bytes, in the upper bits of 32.
template <std::size_t bytes>
std::int32_t upper_bits(const std::uint8_t* at) noexcept
{
    std::uint32_t word = 0;
    std::memcpy(&word, at + bytes - sizeof word, sizeof word);
    return static_cast<std::int32_t>(word & ~0u << (32 - 8 * bytes));
}

template <Sample sample>
float to_float(const std::uint8_t* at) noexcept
{
    if constexpr (sample == Sample::f32) {
        float value = 0;
        std::memcpy(&value, at, sizeof value);
        return value;
    } else if constexpr (sample == Sample::f64) {
        double value = 0;
        std::memcpy(&value, at, sizeof value);
        return static_cast<float>(value);
    } else if constexpr (sample == Sample::u8) {
        return static_cast<float>(*at - 128) * 0x1p-7f;
    } else {
        constexpr std::size_t bytes = sample == Sample::s16 ? 2 : sample == Sample::s24 ? 3 : 4;
        return static_cast<float>(upper_bits<bytes>(at)) * 0x1p-31f;
    }
}

template <Sample sample>
void convert_channel(const std::uint8_t* from, std::size_t stride, float* to, std::uint32_t count) noexcept
{
    for (std::uint32_t i = 0; i < count; ++i) to[i] = to_float<sample>(from + i * stride);
}

void convert_any(Sample sample, const std::uint8_t* from, std::size_t stride, float* to, std::uint32_t count) noexcept
{
    switch (sample) {
    case Sample::u8: return convert_channel<Sample::u8>(from, stride, to, count);
    case Sample::s16: return convert_channel<Sample::s16>(from, stride, to, count);
    case Sample::s24: return convert_channel<Sample::s24>(from, stride, to, count);
    case Sample::s32: return convert_channel<Sample::s32>(from, stride, to, count);
    case Sample::f32: return convert_channel<Sample::f32>(from, stride, to, count);
    case Sample::f64: return convert_channel<Sample::f64>(from, stride, to, count);
    }
}

}  // namespace

WavReader::WavReader(std::shared_ptr<const ByteFile> file, const WavFormat& format)
    : file_(std::move(file)), format_(format), report_(file_->path()), window_(spare_bytes + window_bytes / format.frame_bytes * format.frame_bytes)
{
}

Expected<std::unique_ptr<FrameSource>> WavReader::open(std::shared_ptr<const ByteFile> file, const WavFormat& format)
{
    if (format.frames == 0) return tl::unexpected(Error{"has no audio in it that can be decoded", file->path()});
    return std::make_unique<WavReader>(std::move(file), format);
}

/// Brings the frames from the position on into the window; false where there are none.
bool WavReader::fetch()
{
    if (position_ >= format_.frames) return false;
    const std::span room = std::span(window_).subspan(spare_bytes);
    const auto wanted = static_cast<std::size_t>(std::min<Frames>(room.size() / format_.frame_bytes, format_.frames - position_)) * format_.frame_bytes;
    const auto got = file_->read_at(format_.data + position_ * format_.frame_bytes, room.first(wanted));
    window_begin_ = position_;
    window_end_ = position_ + got.bytes / format_.frame_bytes;
    if (got.bytes < wanted && window_end_ == position_) finish(got.error);
    return window_end_ > position_;
}

/// The file has been cut since it was opened, or cannot be read: here it ends.
void WavReader::finish(int error)
{
    if (error != 0) report_.tell("cannot be read any further at " + time_text(position_, format_.rate_hz) + ": it " + system_problem(error));
    format_.frames = position_;
}

void WavReader::convert(std::span<float* const> out, std::uint32_t done, std::uint32_t count) const
{
    const std::size_t sample_bytes = format_.frame_bytes / format_.channels;
    const std::uint8_t* from = window_.data() + spare_bytes + (position_ - window_begin_) * format_.frame_bytes;
    for (std::size_t channel = 0; channel < out.size(); ++channel)
        convert_any(format_.sample, from + channel * sample_bytes, format_.frame_bytes, out[channel] + done, count);
}

std::uint32_t WavReader::read(std::span<float* const> out, std::uint32_t count)
{
    std::uint32_t done = 0;
    while (done < count) {
        const bool is_here = position_ >= window_begin_ && position_ < window_end_;
        if (!is_here && !fetch()) break;
        const auto now = static_cast<std::uint32_t>(std::min<Frames>(window_end_ - position_, count - done));
        convert(out, done, now);
        position_ += now;
        done += now;
    }
    if (done < count) report_.tell_early_end(format_.frames, format_.declared, format_.rate_hz);
    return done;
}

}  // namespace stemwire::media
