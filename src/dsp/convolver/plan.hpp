// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

namespace stemwire::dsp::convolver {

/// The smallest transform's size, and how many frames of a piece of any length are computed directly.
inline constexpr std::size_t base_block = 64;

/// Partitions of one size: `partitions` times `size` taps.
struct PlannedLevel {
    std::size_t size = 0;
    std::size_t spread = 0;      ///< frames over which the work of a block is spread, a multiple of the interval of its ticks
    std::size_t offset = 0;      ///< size + spread − interval: the first tap whose output comes late enough for that
    std::size_t skipped = 0;     ///< partitions from `offset` on that have only zeros
    std::size_t partitions = 0;  ///< those after them
    std::size_t end = 0;         ///< first tap that is not this level's
};

/// What is done with every tap. The main partitions begin with tap 0: they are for calls that have a whole unit of frames. In all other
/// calls the head, `direct` and `lower`, takes the place of the first of them.
struct Plan {
    std::size_t unit = base_block;  ///< the main partitions' size; the upper levels tick every unit
    PlannedLevel main{};
    std::vector<PlannedLevel> lower{};  ///< smaller than a unit, ticking every base_block, for taps base_block … unit − 1
    std::vector<PlannedLevel> upper{};  ///< larger than a unit
    bool throughput = false;  ///< as the workload says
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
