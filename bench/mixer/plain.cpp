// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/mixer/plain.hpp"

#include <algorithm>
#include <cmath>

#if defined(__x86_64__)
#define STEMWIRE_WIDEST __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#else
#define STEMWIRE_WIDEST
#endif

namespace stemwire::bench {

STEMWIRE_WIDEST void plain_mix(const float* in, float* out, float gain, float slope, std::uint32_t frames)
{
    if (slope == 0.0f)
        for (std::uint32_t i = 0; i < frames; ++i) out[i] += gain * in[i];
    else
        for (std::uint32_t i = 0; i < frames; ++i) out[i] += (gain + slope * static_cast<float>(i)) * in[i];
}

STEMWIRE_WIDEST dsp::Level plain_level(const float* in, std::uint32_t frames)
{
    dsp::Level level;
    for (std::uint32_t i = 0; i < frames; ++i) {
        level.peak = std::max(level.peak, std::abs(in[i]));
        level.sum_squares += in[i] * in[i];
    }
    return level;
}

}  // namespace stemwire::bench
