// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "tests/support/lambda_node.hpp"

/// What the tests of mixing mix.
namespace stemwire::dsp {

inline constexpr std::uint32_t length = 4096;
inline constexpr std::uint32_t block_sizes[] = {1, 63, 64, 256, 1000, 4096};

/// Where gains move, how they are rounded depends on what else moves in the same call, and on where the call begins: no more than
/// -130 dB of full scale.
inline constexpr float rounding_of_moving_gains = 3.16e-7f;

inline std::vector<float> noise_channel(std::uint64_t seed)
{
    std::vector<float> samples(length);
    for (std::uint32_t i = 0; i < length; ++i) samples[i] = test::noise(i, seed);
    return samples;
}

}  // namespace stemwire::dsp
