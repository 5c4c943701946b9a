// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>

namespace stemwire::bench {

/// What the cycles of some nodes were like, from the first node's begin to the last one's end.
struct Cycles {
    std::size_t count = 0;
    std::size_t nodes = 0;  ///< at most in one cycle
    double mean_us = 0;
    double worst_us = 0;
};

/// Of the latest `seconds` of a trace that `stemwire run --trace` has written. Nothing counted where it holds no cycle.
[[nodiscard]] Cycles cycles_of_trace(const std::string& path, double seconds);

}  // namespace stemwire::bench
