// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace stemwire::media {

/// Planar to interleaved, each sample through `convert`; `out` is made as large as needed.
template <class Sample, class Convert>
void interleave(std::span<const float* const> channels, std::uint32_t frames, std::vector<Sample>& out, Convert convert)
{
    const std::size_t count = channels.size();
    out.resize(count * frames);
    for (std::size_t channel = 0; channel < count; ++channel) {
        const float* in = channels[channel];
        Sample* to = out.data() + channel;
        for (std::uint32_t frame = 0; frame < frames; ++frame) to[frame * count] = convert(in[frame]);
    }
}

inline void interleave(std::span<const float* const> channels, std::uint32_t frames, std::vector<float>& out)
{
    interleave(channels, frames, out, [](float sample) { return sample; });
}

}  // namespace stemwire::media
