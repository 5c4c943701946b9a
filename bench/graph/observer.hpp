// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>

namespace stemwire::bench {

/// Cycles that a graph missed while somebody looked on.
struct Missed {
    std::size_t beside_stalls = 0;  ///< near which processors stood still for a quarter of a cycle together
    std::size_t unexplained = 0;    ///< the others
    double latest_us = 0;           ///< the longest that a processor stood still
};

/// Puts a node up at PIPEWIRE_REMOTE that hears what the null sink does and, on each processor, a thread of the highest priority that looks
/// four times in a cycle of `cycle_ns`; says `ready`. From the last SIGUSR1 to SIGINT it notes which cycles did not come to the node in time and
/// where a processor stood still. Then prints `beside_stalls unexplained latest_us`. Throws std::runtime_error where there is nothing to hear.
int run_observer(long cycle_ns);

/// What it printed.
[[nodiscard]] Missed observed(const std::string& log);

}  // namespace stemwire::bench
