// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "session/isolation/line_memory.hpp"
#include "stemwire/node.hpp"

namespace stemwire::session::isolation {

/// The session's end of a line: hands each cycle to the node's process, and puts out what that has made of an earlier one, a fixed latency later.
/// What is not there then is silence, and counted: where it stops, the last sample falls to zero over 5 ms, and where it is back it rises as long.
/// Thread: `process` belongs to the realtime side; `prepare` to control, never beside it.
class LineSender {
public:
    /// Allocates, and begins anew.
    void prepare(std::shared_ptr<LineMemory> memory) STEMWIRE_OFF(audio_thread);

    /// Guarantee: wait-free; wakes nobody.
    void process(const Block& block) noexcept STEMWIRE_ON(audio_thread);

    /// Frames that were silent because the process was late, or dead; until it first lived none are counted. Any thread.
    [[nodiscard]] std::uint64_t missing_frames() const noexcept { return missing_.load(std::memory_order_relaxed); }

private:
    /// Which frames may come out now.
    struct Ready {
        std::uint64_t from;
        std::uint64_t to;
        [[nodiscard]] bool has(std::uint64_t frame) const noexcept { return frame >= from && frame < to; }
    };
    [[nodiscard]] bool has_room(std::uint32_t frames) noexcept;
    void put(const Block& block) noexcept;
    [[nodiscard]] Ready look() noexcept;
    void take(const Block& block, const Ready& ready) noexcept;
    void take_one(const Block& block, std::uint32_t frame, bool ready) noexcept;
    void take_whole(const Block& block) noexcept;

    std::shared_ptr<LineMemory> memory_;
    std::uint64_t mask_ = 0;            ///< the rings' size − 1
    std::uint64_t latency_ = 0;
    std::uint32_t ramp_frames_ = 1;
    std::vector<const float*> rings_;   ///< [output]
    std::vector<float*> in_rings_;      ///< [input]
    std::uint64_t written_ = 0;         ///< frames in
    std::uint64_t handed_ = 0;          ///< pieces
    std::uint64_t valid_from_ = 0;      ///< the first frame that may come out
    bool lived_ = false;                ///< there has been a process
    bool stalled_ = false;              ///< it is so late that nothing fits in
    bool gap_ = false;                  ///< what is not valid was lost
    std::uint32_t risen_ = 0;           ///< frames of the rise that are done; ramp_frames_: all
    std::uint32_t falling_ = 0;         ///< frames that the fall still takes
    std::vector<float> last_;           ///< [output]: the latest sample that was ready
    std::vector<float> fall_;           ///< [output]: what falls
    std::atomic<std::uint64_t> missing_{0};
};

}  // namespace stemwire::session::isolation
