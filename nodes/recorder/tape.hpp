// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "rt/spsc_queue.hpp"
#include "stemwire/units.hpp"

namespace stemwire::nodes {

/// Audio from the callback to the encoder: pieces from a fixed pool, and where takes begin and end, in one order. Positions are frames since
/// the tape was made, and go on whether anything is recorded or not. When the pool is used up, audio is dropped and its position skipped.
class Tape {
public:
    static constexpr std::uint32_t piece_frames = 1024;

    struct Piece {
        Frames start = 0;
        std::uint32_t frames = 0;
        std::vector<float> samples{};  ///< channel `c` begins at c · piece_frames
        [[nodiscard]] const float* channel(std::size_t number) const { return samples.data() + number * piece_frames; }
    };

    struct Message {
        enum class What : std::uint8_t { audio, begin, end };
        What what = What::audio;
        Frames at = 0;           ///< of begin: the take's first frame, which may have passed already; of end: the first that is not in it
        Piece* piece = nullptr;  ///< of audio; give it back
    };

    /// Room for `capacity` frames on their way, and for `kept` frames that the encoder holds on to. Not realtime.
    Tape(std::size_t channels, Frames capacity, Frames kept);

    // The callback's side. Guarantee: wait-free.

    [[nodiscard]] Frames now() const noexcept { return now_; }
    /// False when the encoder has left so many messages lying that a take that begins might find no room for its end.
    [[nodiscard]] bool may_begin() const noexcept;
    /// A take begins with the frame `now() − preroll`, or the tape's first. Only when may_begin().
    void begin(Frames preroll) noexcept;
    void end() noexcept;
    /// Takes the frames from `offset` on and says how many it had to drop.
    std::uint32_t append(std::span<const float* const> inputs, std::uint32_t offset, std::uint32_t frames) noexcept;
    /// Frames that are not kept.
    void skip(std::uint32_t frames) noexcept;

    // The encoder's side.

    [[nodiscard]] std::optional<Message> next();
    void give_back(Piece* piece) { free_.push(piece); }

private:
    void hand_over() noexcept;

    std::size_t channels_;
    std::deque<Piece> pieces_;
    rt::SpscQueue<Message> messages_;  ///< producer: the callback; consumer: the encoder
    rt::SpscQueue<Piece*> free_;       ///< producer: the encoder; consumer: the callback
    Piece* current_ = nullptr;         ///< the callback's, not yet full
    Frames now_ = 0;
};

}  // namespace stemwire::nodes
