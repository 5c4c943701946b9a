// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>

#include <sys/types.h>

#include "session/isolation/line_memory.hpp"

namespace stemwire::session::isolation {

/// Tells that the process of a line hangs: it has come up and has work, and did none of it for two seconds. Time in which nobody looked counts little,
/// since both may have been stopped then. Thread: control's.
class HangWatch {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds patience{2};
    static constexpr std::chrono::milliseconds longest_look{100};  ///< that counts of the time between two

    /// Where `process` stands (0: there is none), which is looked at from its start on. True once it has hung for so long; then all begins anew.
    [[nodiscard]] bool look(const LineHead& head, pid_t process, Clock::time_point now = Clock::now());

private:
    pid_t process_ = 0;
    std::uint32_t lives_ = 0;    ///< processes that there had been when it began
    std::uint64_t worked_ = 0;
    Clock::time_point looked_{};
    Clock::duration idle_{};
};

}  // namespace stemwire::session::isolation
