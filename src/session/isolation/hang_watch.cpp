// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/isolation/hang_watch.hpp"

#include <algorithm>
#include <utility>

namespace stemwire::session::isolation {

bool HangWatch::look(const LineHead& head, pid_t process, Clock::time_point now)
{
    const std::uint32_t lives = head.lives.load(std::memory_order_acquire);
    const std::uint64_t worked = head.worked.load(std::memory_order_acquire);
    const auto since = std::min<Clock::duration>(now - std::exchange(looked_, now), longest_look);
    const bool is_new = std::exchange(process_, process) != process;
    if (is_new) lives_ = lives;
    const bool has_done_nothing = std::exchange(worked_, worked) == worked && head.handed.load(std::memory_order_acquire) != worked;
    const bool hangs = !is_new && process != 0 && lives != lives_ && has_done_nothing;
    idle_ = hangs ? idle_ + since : Clock::duration::zero();
    if (idle_ < patience) return false;
    idle_ = Clock::duration::zero();
    return true;
}

}  // namespace stemwire::session::isolation
