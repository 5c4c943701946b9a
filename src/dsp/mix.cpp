// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/mix.hpp"

#include "dsp/kernels/kernels.hpp"

namespace stemwire::dsp {

void mix(std::span<const MixTerm> terms, float* out, std::uint32_t frames) noexcept
{
    best_kernels().mix(terms.data(), terms.size(), out, frames);
}

void mix_pair(std::span<const PairTerm> terms, float* first, float* second, std::uint32_t frames) noexcept
{
    best_kernels().mix_pair(terms.data(), terms.size(), first, second, frames);
}

void measure(std::span<const MixTerm> terms, Level* levels, std::uint32_t frames) noexcept
{
    best_kernels().measure(terms.data(), terms.size(), levels, frames);
}

Level measure(const MixTerm& term, std::uint32_t frames) noexcept
{
    Level level;
    measure({&term, 1}, &level, frames);
    return level;
}

Level measure(const float* samples, std::uint32_t frames) noexcept
{
    return measure({samples, {1.0f, 0.0f, 0.0f}}, frames);
}

}  // namespace stemwire::dsp
