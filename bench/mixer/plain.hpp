// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "dsp/mix.hpp"

namespace stemwire::bench {

/// out[i] += (gain + slope · i) · in[i], channel by channel, as JACK's and PipeWire's programs mix; compiled for the widest vectors of the
/// processor, which theirs mostly are not.
void plain_mix(const float* in, float* out, float gain, float slope, std::uint32_t frames);

/// Peak and squares, as a meter's loop is mostly written.
dsp::Level plain_level(const float* in, std::uint32_t frames);

}  // namespace stemwire::bench
