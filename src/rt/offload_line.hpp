// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <thread>
#include <vector>

#include "stemwire/thread_roles.hpp"

namespace stemwire::rt {

/// Lets a thread of its own do work on audio: what goes in comes out, worked on, a fixed latency later. What is not ready then is silence, and
/// counted; it is never waited for and never comes late.
/// Thread: `process` and `forget` belong to the realtime side; `prepare` and `stop` to control, never beside process.
class OffloadLine {
public:
    /// What a frame begins, told to the work with the piece that it begins.
    struct Mark {
        bool step = false;    ///< whatever the caller means by it
        bool forget = false;  ///< nothing of what was before may be heard any more
    };
    struct Piece {
        std::span<const float* const> inputs;  ///< `[channel][frame]`
        std::span<float* const> outputs;       ///< every frame to be written
        std::uint32_t frames;
        Mark mark;
    };
    using Work = std::function<void(const Piece&)>;

    struct Plan {
        std::size_t inputs;           ///< channels
        std::size_t outputs;
        std::uint32_t latency;        ///< frames: at least those of one cycle, for the worker to have time
        std::uint32_t largest_piece;  ///< frames that the work is given at most
        double rate_hz;
        bool offline = false;         ///< no thread: the work is done inside of process
    };

    ~OffloadLine() { stop(); }

    /// Allocates, forgets everything and starts the worker. The work must not allocate, lock or throw where it is to be in time.
    void prepare(const Plan& plan, Work work) STEMWIRE_OFF(audio_thread);
    /// Waits for the piece that is being worked on. Guarantee: blocking.
    void stop() STEMWIRE_OFF(audio_thread);

    /// `outputs` may be `inputs`. At most largest_quantum frames. Guarantee: wait-free, but offline.
    void process(std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames, bool step = false) noexcept;
    /// What has gone in does not come out any more, and the next frame carries the mark. Guarantee: wait-free.
    void forget() noexcept;

    /// Frames that were silent because the worker was late. Any thread.
    [[nodiscard]] std::uint64_t missing_frames() const noexcept { return missing_.load(std::memory_order_relaxed); }

private:
    [[nodiscard]] bool has_room(std::uint32_t frames) noexcept;
    void put(std::span<const float* const> inputs, std::uint32_t frames, Mark mark) noexcept;
    void take(std::span<float* const> outputs, std::uint32_t frames) noexcept;
    [[nodiscard]] bool work_on() noexcept;
    [[nodiscard]] std::uint32_t piece_at(std::uint64_t frame, std::uint64_t end) const noexcept;

    Plan plan_{};
    Work work_;
    std::size_t mask_ = 0;                      ///< the rings' size − 1
    std::vector<std::vector<float>> in_;        ///< [channel][frame & mask_]
    std::vector<std::vector<float>> out_;       ///< the same
    std::vector<Mark> marks_;                   ///< [frame & mask_]
    std::vector<const float*> piece_inputs_;    ///< the worker's
    std::vector<float*> piece_outputs_;         ///< the worker's
    std::uint64_t written_ = 0;                 ///< frames in, all counted from the rings' beginning; the realtime side's
    std::uint64_t valid_from_ = 0;              ///< the first one that may come out; the realtime side's
    bool marked_forget_ = false;                ///< the realtime side's
    bool stalled_ = false;                      ///< the worker is so late that nothing fits in; the realtime side's
    bool gap_ = false;                          ///< what is not valid was lost, not forgotten; the realtime side's
    std::atomic<std::uint64_t> handed_{0};      ///< frames that the worker may read
    std::atomic<std::uint64_t> done_{0};        ///< frames that it is done with
    std::atomic<std::uint64_t> missing_{0};
    std::jthread worker_;
};

}  // namespace stemwire::rt
