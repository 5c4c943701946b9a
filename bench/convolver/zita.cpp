// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <bit>
#include <cstdlib>
#include <memory>

#include <zita-convolver.h>

#include "bench/convolver/contender.hpp"

namespace stemwire::bench {

namespace {

constexpr std::uint32_t smallest_partition = Convproc::MINPART;
constexpr std::size_t longest_impulse = std::size_t{1} << 20;  // MAXSIZE inside zita-convolver.cc

Contender zita(const Case& what, std::vector<Signal> impulses, std::uint32_t largest_partition, std::uint32_t options)
{
    const auto convolver = std::make_shared<Convproc>();
    const auto frames = static_cast<std::uint32_t>(what.taps());
    const auto channels = static_cast<std::uint32_t>(what.channels());
    convolver->set_options(options);
    if (convolver->configure(channels, channels, frames, what.block, std::max(smallest_partition, what.block), largest_partition, 0.0f) != 0) std::abort();
    for (std::uint32_t i = 0; i < what.paths; ++i)
        convolver->impdata_create(static_cast<std::uint32_t>(what.input_of(i)), static_cast<std::uint32_t>(what.output_of(i)), 1,
                                  impulses[i].data(), 0, static_cast<int>(frames));
    convolver->start_process(0, SCHED_OTHER);
    return {"zita " + std::to_string(largest_partition) + (options != 0 ? " vector" : ""),
            [convolver, channels, block = what.block](const float* const* in, float* const* out) {
                for (std::uint32_t channel = 0; channel < channels; ++channel) std::copy_n(in[channel], block, convolver->inpdata(channel));
                convolver->process(true);
                for (std::uint32_t channel = 0; channel < channels; ++channel) std::copy_n(convolver->outdata(channel), block, out[channel]);
            },
            [] {}};  // a round is a whole number of its partitions
}

}  // namespace

std::vector<Contender> zita_convolvers(const Case& what, const std::vector<Signal>& impulses)
{
    std::vector<Contender> made;
    const bool possible = std::has_single_bit(what.block) && what.block >= Convproc::MINQUANT && what.block <= Convproc::MAXQUANT &&
                          what.taps() <= longest_impulse;
    for (const std::uint32_t largest : {1024u, 4096u, 8192u})
        for (const std::uint32_t options : {0u, static_cast<std::uint32_t>(Convproc::OPT_VECTOR_MODE)})
            if (possible && largest >= what.block) made.push_back(zita(what, impulses, largest, options));
    return made;
}

}  // namespace stemwire::bench
