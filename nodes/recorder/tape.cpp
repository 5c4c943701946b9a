// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/recorder/tape.hpp"

#include <algorithm>

namespace stemwire::nodes {

namespace {

/// Beginnings and ends of takes that may lie unread beside all pieces.
constexpr std::size_t spare_messages = 64;
/// Pieces that are neither free nor on their way: the callback's and the encoder's.
constexpr std::size_t pieces_in_hand = 2;

std::size_t piece_count(Frames frames)
{
    return static_cast<std::size_t>((frames + Tape::piece_frames - 1) / Tape::piece_frames);
}

}  // namespace

Tape::Tape(std::size_t channels, Frames capacity, Frames kept)
    : channels_(channels), pieces_(piece_count(capacity) + piece_count(kept) + pieces_in_hand), messages_(pieces_.size() + spare_messages),
      free_(pieces_.size())
{
    for (Piece& piece : pieces_) {
        piece.samples.assign(channels * piece_frames, 0.0f);
        free_.push(&piece);
    }
}

bool Tape::may_begin() const noexcept
{
    constexpr std::size_t begin_and_end = 2;
    return messages_.write_available() >= free_.read_available() + pieces_in_hand + begin_and_end;
}

void Tape::begin(Frames preroll) noexcept
{
    hand_over();
    messages_.push({.what = Message::What::begin, .at = now_ - std::min(now_, preroll)});
}

void Tape::end() noexcept
{
    hand_over();
    messages_.push({.what = Message::What::end, .at = now_});
}

std::uint32_t Tape::append(std::span<const float* const> inputs, std::uint32_t offset, std::uint32_t frames) noexcept
{
    for (std::uint32_t done = 0; done < frames;) {
        if (current_ == nullptr) {
            if (!free_.pop(current_)) {
                now_ += frames - done;
                return frames - done;
            }
            current_->start = now_;
            current_->frames = 0;
        }
        const std::uint32_t count = std::min(frames - done, piece_frames - current_->frames);
        for (std::size_t channel = 0; channel < channels_; ++channel)
            std::copy_n(inputs[channel] + offset + done, count, current_->samples.data() + channel * piece_frames + current_->frames);
        current_->frames += count;
        done += count;
        now_ += count;
        if (current_->frames == piece_frames) hand_over();
    }
    return 0;
}

void Tape::skip(std::uint32_t frames) noexcept
{
    hand_over();
    now_ += frames;
}

void Tape::hand_over() noexcept
{
    if (current_ == nullptr) return;
    messages_.push({.what = Message::What::audio, .at = current_->start, .piece = current_});
    current_ = nullptr;
}

std::optional<Tape::Message> Tape::next()
{
    Message message;
    return messages_.pop(message) ? std::optional(message) : std::nullopt;
}

}  // namespace stemwire::nodes
