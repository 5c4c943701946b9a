// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/mix.hpp"

#include "dsp/kernels/kernels.hpp"

namespace stemwire::dsp {

void mix(std::span<const MixTerm> terms, float* out, std::uint32_t frames) noexcept
{
    best_kernels().mix(terms.data(), terms.size(), out, frames);
}

Level measure(const MixTerm& term, std::uint32_t frames) noexcept
{
    return best_kernels().measure(term, frames);
}

Level measure(const float* samples, std::uint32_t frames) noexcept
{
    return best_kernels().measure({samples, {1.0f, 0.0f, 0.0f}}, frames);
}

}  // namespace stemwire::dsp
