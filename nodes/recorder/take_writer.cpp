// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/recorder/take_writer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <span>

namespace stemwire::nodes {

namespace {

constexpr double checkpoint_s = 0.25;
constexpr std::size_t most_messages = 16;  // that wait to be read
/// What the end of a file may need beyond what its audio has taken: an index, a header.
constexpr std::uintmax_t end_bytes = 64 * 1024;

std::size_t channels_of(const media::EncodeRequest& request)
{
    return request.streams.empty() ? request.layout.size() : channel_count(request.streams);
}

std::string seconds_text(double seconds)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f s", seconds);
    return text.data();
}

}  // namespace

TakeWriter::TakeWriter(Tape& tape, TakePattern pattern, media::EncodeRequest request, Frames kept)
    : tape_(tape), pattern_(std::move(pattern)), request_(std::move(request)), kept_(kept),
      checkpoint_frames_(seconds_to_frames(checkpoint_s, request_.rate_hz)), silence_(Tape::piece_frames, 0.0f), channels_(channels_of(request_))
{
}

void TakeWriter::work()
{
    while (const auto message = tape_.next()) {
        switch (message->what) {
        case Tape::Message::What::begin: begin(message->at); break;
        case Tape::Message::What::audio: hear(message->piece); break;
        case Tape::Message::What::end: end(message->at); break;
        }
    }
}

void TakeWriter::begin(Frames at)
{
    begun_ = written_ = checked_ = at;
    bytes_ = 0;
    const auto file = claim_take(pattern_);
    if (!file) return say(file.error().message);
    request_.file = *file;
    auto encoder = media::make_encoder(request_);
    if (!encoder) {
        std::error_code ignored;
        std::filesystem::remove(*file, ignored);
        return say(encoder.error().message);
    }
    encoder_ = std::move(*encoder);
    for (const Tape::Piece* piece : history_) write(*piece);
}

void TakeWriter::hear(Tape::Piece* piece)
{
    write(*piece);
    history_.push_back(piece);
    forget(piece->start + piece->frames - std::min(kept_, piece->start + piece->frames));
}

void TakeWriter::forget(Frames before)
{
    while (!history_.empty() && history_.front()->start + history_.front()->frames <= before) {
        tape_.give_back(history_.front());
        history_.pop_front();
    }
}

void TakeWriter::end(Frames at)
{
    write_silence(at);
    if (!encoder_) return;
    if (const auto finished = encoder_->finish(); !finished) say(finished.error().message);
    encoder_.reset();
}

void TakeWriter::write(const Tape::Piece& piece)
{
    const Frames end = piece.start + piece.frames;
    if (!encoder_ || end <= written_) return;
    write_silence(piece.start);
    const auto skipped = static_cast<std::uint32_t>(written_ - piece.start);
    for (std::size_t channel = 0; channel < channels_.size(); ++channel) channels_[channel] = piece.channel(channel) + skipped;
    pass_on(channels_, piece.frames - skipped);
}

void TakeWriter::write_silence(Frames until)
{
    while (encoder_ && written_ < until) {
        std::ranges::fill(channels_, silence_.data());
        pass_on(channels_, static_cast<std::uint32_t>(std::min<Frames>(until - written_, silence_.size())));
    }
}

void TakeWriter::pass_on(std::span<const float* const> channels, std::uint32_t frames)
{
    if (!encoder_) return;
    if (const auto done = encoder_->write(channels, frames); !done) return give_up(done.error().message);
    written_ += frames;
    if (written_ - checked_ >= checkpoint_frames_) checkpoint();
}

void TakeWriter::checkpoint()
{
    checked_ = written_;
    if (const auto done = encoder_->checkpoint(); !done) return give_up(done.error().message);
    if (disk_is_nearly_full()) give_up("the disk is full");
}

bool TakeWriter::disk_is_nearly_full()
{
    std::error_code error;
    const std::uintmax_t bytes = std::filesystem::file_size(request_.file, error);
    if (error) return false;
    const std::uintmax_t grown = bytes - std::min(bytes, std::exchange(bytes_, bytes));
    const std::filesystem::space_info space = std::filesystem::space(request_.file, error);
    return !error && space.available < 2 * grown + end_bytes;
}

/// Ends the file as well as can be; the rest of the take is not recorded.
void TakeWriter::give_up(const std::string& why)
{
    const std::string length = seconds_text(static_cast<double>(written_ - begun_) / request_.rate_hz);
    (void)encoder_->finish();  // after an error of its own it may fail again: that says nothing new
    encoder_.reset();
    say("recording has ended: " + why + " (" + request_.file + " has " + length + ")");
}

void TakeWriter::say(std::string message)
{
    const std::lock_guard lock(mutex_);
    if (messages_.size() < most_messages) messages_.push_back(std::move(message));
}

std::optional<std::string> TakeWriter::take_message()
{
    const std::lock_guard lock(mutex_);
    if (messages_.empty()) return std::nullopt;
    std::string message = std::move(messages_.front());
    messages_.pop_front();
    return message;
}

}  // namespace stemwire::nodes
