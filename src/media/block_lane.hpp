// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "media/decode_pool.hpp"
#include "rt/spsc_queue.hpp"
#include "stemwire/transport.hpp"

namespace stemwire::media {

/// Decoded audio of one epoch, or a silence of any length.
struct AudioBlock {
    Epoch epoch = 0;
    Frames begin = 0;   ///< unrolled timeline frame of its first frame
    Frames frames = 0;  ///< no more than block_frames, but of a silence
    bool silent = false;
    std::vector<float*> planes{};  ///< [channel][frame]
    [[nodiscard]] Frames end() const noexcept { return frames > endless - begin ? endless : begin + frames; }
};

inline constexpr std::uint32_t block_frames = 1024;

/// How many frames go on from a timeline frame until the loop jumps back. Guarantee: wait-free.
[[nodiscard]] inline Frames until_join(const Cue& cue, Frames timeline) noexcept
{
    const bool is_met = cue.loops() && cue.start < cue.loop_to && timeline < cue.loop_to;
    return is_met ? cue.loop_to - timeline : endless;
}

/// The blocks of one epoch on their way from the decoding side to the realtime side, and back. A stream has two lanes: while one is
/// played the other is filled for the next epoch, and is emptied and filled anew by the decoding side when the plans change
/// before it has been played. So a seek never waits for the realtime side, which may not even be running.
///
/// A lane is *held* by the decoding side, *offered* (an epoch is being decoded into it), or *played* by the realtime side.
class BlockLane {
public:
    /// Allocates. What a block is filled with brings its pages in, so that the realtime side finds all that it may read, and a lane that
    /// no seek has used yet takes no memory.
    BlockLane(std::size_t channels, std::size_t blocks);

    // ── decoding side: one thread at a time ──
    /// Empties the lane and offers it for another epoch; false where it is being played.
    [[nodiscard]] bool offer(const Cue& cue, Frames content_begin, Frames content_end);
    /// A block to fill, to be given to `push`; null where all are full.
    [[nodiscard]] AudioBlock* take_free();
    void push(AudioBlock* block);
    [[nodiscard]] bool has_free() const { return free_.read_available() > 0; }
    /// From here on the realtime side need not wait for more: see `ready`.
    void set_ready() noexcept { ready_.store(true, std::memory_order_release); }
    /// The file's end, once it is known, in timeline frames.
    void set_content_end(Frames end) noexcept { content_end_.store(end, std::memory_order_relaxed); }

    // ── realtime side: one thread; all wait-free ──
    /// Takes the lane if it is offered for this epoch.
    [[nodiscard]] bool take(Epoch epoch) noexcept;
    void leave() noexcept;
    /// Copies frames as DecodedStream::read does; the lane is taken.
    Delivery read(Frames unrolled, std::span<float* const> out, std::uint32_t frames) noexcept;
    [[nodiscard]] Epoch playing() const noexcept { return playing_; }

    // ── anyone ──
    /// Offered or played.
    [[nodiscard]] bool serves(Epoch epoch) const noexcept;
    [[nodiscard]] bool is_played() const noexcept { return state_of(state_.load(std::memory_order_acquire)) == State::played; }
    [[nodiscard]] bool ready() const noexcept { return ready_.load(std::memory_order_acquire); }
    [[nodiscard]] Frames decoded_to() const noexcept { return decoded_to_.load(std::memory_order_acquire); }
    [[nodiscard]] Frames read_to() const noexcept { return read_to_.load(std::memory_order_acquire); }

private:
    enum class State : std::uint64_t { held, offered, played };
    static constexpr std::uint64_t word(Epoch epoch, State state) noexcept
    {
        return (std::uint64_t{epoch} << 2) | static_cast<std::uint64_t>(state);
    }
    static constexpr State state_of(std::uint64_t word) noexcept { return static_cast<State>(word & 3); }
    static constexpr Epoch epoch_of(std::uint64_t word) noexcept { return static_cast<Epoch>(word >> 2); }

    [[nodiscard]] bool hold();
    [[nodiscard]] std::uint32_t expected(Frames unrolled, std::uint32_t frames) const noexcept;

    std::unique_ptr<float[]> memory_;
    std::vector<AudioBlock> blocks_;
    rt::SpscQueue<AudioBlock*> filled_;  ///< producer: decoding side; consumer: realtime side
    rt::SpscQueue<AudioBlock*> free_;    ///< producer: realtime side; consumer: decoding side

    std::atomic<std::uint64_t> state_{word(0, State::held)};
    std::atomic<bool> ready_{false};
    std::atomic<Frames> decoded_to_{0};
    std::atomic<Frames> read_to_{0};
    std::atomic<Frames> content_end_{endless};
    Cue cue_{};                ///< written while held
    Frames content_begin_ = 0; ///< the same
    Epoch playing_ = 0;        ///< the realtime side's own
};

}  // namespace stemwire::media
