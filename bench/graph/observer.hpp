// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>

namespace stemwire::bench {

/// Cycles that a graph missed while somebody looked on.
struct Missed {
    std::size_t beside_stalls = 0;  ///< near which a processor stood still for a fifth of a cycle or more
    std::size_t unexplained = 0;    ///< the others
    double latest_us = 0;           ///< the longest that a processor stood still
};

/// Puts a node without ports up at PIPEWIRE_REMOTE and, on each processor, a thread of the highest priority that looks four times in a cycle
/// of `cycle_ns`; says `ready`. From the last SIGUSR1 to SIGINT it notes where the graph's position leaps and where a processor stood still.
/// Then prints `beside_stalls unexplained latest_us`. Throws std::runtime_error where the server does not answer.
int run_observer(long cycle_ns);

/// What it printed.
[[nodiscard]] Missed observed(const std::string& log);

}  // namespace stemwire::bench
