// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <vector>

#include "input.hpp"
#include "media/frame_source.hpp"

namespace stemwire::fuzz {

inline constexpr std::uint32_t piece_frames = 1024;
inline constexpr int most_pieces = 64;

/// Reads on for a while.
inline void read_on(media::FrameSource& source)
{
    std::vector<std::vector<float>> planes(source.channels(), std::vector<float>(piece_frames));
    std::vector<float*> out;
    for (auto& plane : planes) out.push_back(plane.data());
    for (int piece = 0; piece < most_pieces; ++piece) {
        const Frames before = source.position();
        const std::uint32_t got = source.read(out, piece_frames);
        require(got <= piece_frames && source.position() == before + got, "the position is that of what was read");
        if (got < piece_frames) break;
    }
}

/// All that a track does with a stream: from the beginning, at its end, in the middle, and far beyond.
inline void listen(media::FrameSource& source)
{
    require(source.channels() > 0 && source.rate_hz() > 0, "a stream has channels and a rate");
    read_on(source);
    const Frames length = source.find_length();
    for (const Frames place : {Frames{0}, length / 2, length > 0 ? length - 1 : 0, length + 1'000'000}) {
        source.seek(place);
        read_on(source);
    }
    while (source.take_message()) {}
}

}  // namespace stemwire::fuzz
