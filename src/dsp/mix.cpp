// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/mix.hpp"

#include <algorithm>
#include <cmath>

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

void mix(std::span<const MixTerm> terms, Level* levels, float* out, std::uint32_t frames) noexcept
{
    best_kernels().mix_measured(terms.data(), terms.size(), levels, out, frames);
}

void mix_pair(std::span<const PairTerm> terms, Level* levels, float* first, float* second, std::uint32_t frames) noexcept
{
    best_kernels().mix_pair_measured(terms.data(), terms.size(), levels, first, second, frames);
}

Level level_behind(const GainLine& gain, const Level& before, std::uint32_t frames) noexcept
{
    if (gain.slope == 0.0f || frames == 0) return {before.peak * std::abs(gain.target), before.sum_squares * gain.target * gain.target};
    const float moving = std::min(static_cast<float>(frames), -gain.position);
    const float first = gain.target + gain.slope * gain.position;
    const float last = gain.target + gain.slope * (gain.position + moving);
    const float while_moving = (first * first + first * last + last * last) / 3.0f;  // the mean square of a straight line
    const float share = moving / static_cast<float>(frames);
    return {before.peak * std::max(std::abs(first), std::abs(last)),
            before.sum_squares * (share * while_moving + (1.0f - share) * last * last)};
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
