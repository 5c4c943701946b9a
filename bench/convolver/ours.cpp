// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include "bench/convolver/contender.hpp"
#include "dsp/convolver/convolver.hpp"

namespace stemwire::bench {

Contender our_convolver(const Case& what, const std::vector<Signal>& impulses, const Ours& ours)
{
    std::vector<dsp::ConvolverPath> paths;
    for (std::size_t i = 0; i < what.paths; ++i) paths.push_back({what.input_of(i), what.output_of(i), impulses[i]});
    const dsp::ConvolverOptions options{.delay = ours.latency_quanta * what.block,
                                        .quantum = what.block,
                                        .throughput = ours.offline,
                                        .kernels = &ours.kernels};
    const auto convolver = std::make_shared<dsp::Convolver>(what.channels(), what.channels(), paths, options);
    return {ours.kernels.name,
            [convolver, channels = what.channels(), block = what.block](const float* const* in, float* const* out) {
                convolver->process({in, channels}, {out, channels}, block);
            },
            [convolver] { convolver->reset(); }};
}

}  // namespace stemwire::bench
