// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/flac/frames.hpp"

#include <algorithm>
#include <cstring>

namespace stemwire::media {

namespace {

constexpr std::size_t window_bytes = 1u << 16;

/// Samples as they are, and a quarter more for an encoder that is not clever.
std::size_t largest_frame(const FlacStream& stream)
{
    const std::size_t plain = std::size_t{stream.most_frames} * stream.channels * (stream.bits + 1) / 8;
    return plain + plain / 4 + 1024;
}

}  // namespace

FlacFrames::FlacFrames(std::shared_ptr<const ByteFile> file, const FlacStream& stream)
    : file_(std::move(file)), stream_(stream), largest_(largest_frame(stream)), samples_(std::size_t{stream.channels} * stream.most_frames),
      window_(std::max(window_bytes, largest_) + bit_reader_padding)
{
    for (unsigned channel = 0; channel < stream.channels; ++channel) planes_.push_back(samples_.data() + std::size_t{channel} * stream.most_frames);
    go_to(stream.first_frame);
}

void FlacFrames::go_to(std::uint64_t byte) noexcept
{
    window_at_ = byte;
    begin_ = end_ = 0;
    at_end_ = false;
    error_ = 0;
}

/// Makes so many bytes available, or all there are.
void FlacFrames::fetch(std::size_t bytes)
{
    if (at_end_ || end_ - begin_ >= bytes) return;
    std::copy(window_.begin() + static_cast<std::ptrdiff_t>(begin_), window_.begin() + static_cast<std::ptrdiff_t>(end_), window_.begin());
    window_at_ += begin_;
    end_ -= begin_;
    begin_ = 0;
    const std::span room = std::span(window_).subspan(end_, window_.size() - bit_reader_padding - end_);
    const auto got = file_->read_at(window_at_ + end_, room);
    at_end_ = got.bytes < room.size();
    error_ = got.error;
    end_ += got.bytes;
    std::fill_n(window_.begin() + static_cast<std::ptrdiff_t>(end_), bit_reader_padding, std::uint8_t{0});
}

void FlacFrames::skip_byte()
{
    ++begin_;
    const void* sync = std::memchr(window_.data() + begin_, 0xff, end_ - begin_);
    begin_ = sync == nullptr ? end_ : static_cast<std::size_t>(static_cast<const std::uint8_t*>(sync) - window_.data());
}

std::optional<FlacFrames::Frame> FlacFrames::frame_here()
{
    const auto header = read_flac_header(rest(), stream_);
    if (!header) return std::nullopt;
    const auto bytes = decode_flac_frame(rest(), *header, stream_, planes_);
    if (!bytes) return std::nullopt;
    if (stream_.block_frames == 0) stream_.block_frames = header->frames;
    const std::uint64_t first = header->counts_frames ? header->number * stream_.block_frames : header->number;
    const Frame frame{first, header->frames, window_at_ + begin_};
    begin_ += *bytes;
    return frame;
}

std::optional<FlacFrames::Frame> FlacFrames::next()
{
    for (bool skipped = false;; skipped = true) {
        fetch(largest_);
        if (begin_ == end_) return std::nullopt;
        if (auto frame = frame_here()) {
            frame->after_damage = skipped;
            return frame;
        }
        skip_byte();
    }
}

}  // namespace stemwire::media
