// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "input.hpp"
#include "nodes/reverb/impulse.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace stemwire;
    static fuzz::MemoryFile memory;
    memory.fill({data, size});
    auto impulse = nodes::read_impulse(memory.path());
    if (!impulse) return 0;
    const auto shaped = nodes::shape_impulse(std::move(*impulse), {.rate_hz = 48000.0, .trim_db = -60.0, .normalize_energy = true});
    fuzz::require(!shaped.channels.empty() && !shaped.channels.front().empty(), "something is left of an impulse");
    for (const auto& channel : shaped.channels)
        for (const float sample : channel) fuzz::require(std::isfinite(sample), "an impulse is finite");
    return 0;
}
