// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <thread>
#include <vector>

#include "session/isolation/line_memory.hpp"
#include "stemwire/node.hpp"

namespace stemwire::session::isolation {

/// The node's end of a line: a thread that processes each cycle as it comes, from the moment it is made on; what came before is left out.
class LineWorker {
public:
    /// The node is prepared for `largest_quantum` frames and outlives it. Starts the thread, unless `by_hand`.
    LineWorker(LineMemory& memory, Node& node, bool by_hand = false);
    /// Processes what has been handed over, then ends.
    ~LineWorker();
    LineWorker(const LineWorker&) = delete;
    LineWorker& operator=(const LineWorker&) = delete;

    /// One cycle; false where there is none. The thread's, or by hand.
    bool work_on() noexcept;

private:
    void begin() noexcept;
    void run(const std::stop_token& stop) noexcept;
    void copy_in(const Piece& piece) noexcept;
    void copy_out(const Piece& piece) noexcept;
    void count(double us) noexcept;

    LineMemory& memory_;
    Node& node_;
    std::uint64_t mask_;                        ///< the rings' size − 1
    std::uint64_t next_ = 0;                    ///< piece
    double busy_us_ = 0;
    double worst_us_ = 0;
    std::uint64_t cycles_ = 0;
    std::vector<std::vector<float>> inputs_;    ///< [channel][frame]
    std::vector<std::vector<float>> outputs_;   ///< the same
    std::vector<const float*> input_pointers_;
    std::vector<float*> output_pointers_;
    std::jthread thread_;                       ///< last: it uses all the others
};

}  // namespace stemwire::session::isolation
