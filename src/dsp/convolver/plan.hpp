// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stemwire::dsp::convolver {

/// Frames between two moments at which transforms are worked on, whatever the caller's blocks are: the smallest transform's size.
inline constexpr std::size_t base_block = 64;

/// Partitions of one size: `partitions` times `size` taps from tap `offset` on.
struct PlannedLevel {
    std::size_t size = 0;
    std::size_t spread = 0;      ///< frames over which the work of a block is spread, a multiple of base_block
    std::size_t offset = 0;      ///< size + spread − base_block: the first tap whose output comes late enough for that
    std::size_t skipped = 0;     ///< partitions from `offset` on that have only zeros
    std::size_t partitions = 0;  ///< those after them
    std::size_t end = 0;         ///< first tap that is not this level's
};

struct Plan {
    bool direct = false;  ///< the first base_block taps are computed directly
    std::vector<PlannedLevel> levels;
};

/// What is to be planned for.
struct Workload {
    std::size_t inputs = 1;
    std::size_t outputs = 1;
    std::size_t paths = 1;
    std::size_t first_tap = 0;  ///< taps before it are zero
    std::size_t end = 0;        ///< taps from it on are zero
    std::size_t quantum = base_block;  ///< frames that one call is expected to have: work need not be spread inside it
    bool throughput = false;    ///< a call may last as long as it likes
};

/// The cheapest division into partitions of growing size, by a model of costs that is the same on every machine, so that the same
/// graph is rendered to the same bits. Source: Garcia, "Optimal filter partition for efficient convolution with short input/output
/// delay", AES 113 (2002); all chains of sizes are compared.
[[nodiscard]] Plan make_plan(const Workload& workload);

}  // namespace stemwire::dsp::convolver
