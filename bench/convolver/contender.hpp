// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/convolver/material.hpp"
#include "dsp/convolver/kernels/kernels.hpp"

namespace stemwire::bench {

/// Something that takes a block of the case's channels and gives one of as many.
struct Contender {
    std::string name;
    std::function<void(const float* const* in, float* const* out)> process;
    std::function<void()> begin_round;  ///< so that a call does the same in every round
    double best_cpu_ns = 1e300;         ///< of one round, all threads together
    std::vector<double> call_ns{};      ///< the best of every call of a round
};

struct Ours {
    const dsp::convolver::Kernels& kernels;
    std::uint32_t latency_quanta;
    bool offline;
};

[[nodiscard]] Contender our_convolver(const Case& what, const std::vector<Signal>& impulses, const Ours& ours);

/// zita-convolver with each of its useful settings; none where it is not installed, or cannot do the case (blocks that are no power of
/// two, impulses of more than 2^20 frames).
[[nodiscard]] std::vector<Contender> zita_convolvers(const Case& what, const std::vector<Signal>& impulses);

/// ffmpeg's afir on one thread, as it is by default, with partitions and a latency of 8192 frames, and with the shortest that fits the calls; what comes
/// out is not given. None where libavfilter is not installed, or for other paths than two, which it cannot do.
[[nodiscard]] std::vector<Contender> afir_convolvers(const Case& what, const std::vector<Signal>& impulses);

}  // namespace stemwire::bench
