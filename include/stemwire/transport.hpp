// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "stemwire/units.hpp"

namespace stemwire {

/// Counts the jumps of the transport: every start and seek begins a new epoch. Audio that was decoded for another
/// epoch is never played in this one.
using Epoch = std::uint32_t;

/// A part of a cycle in which the transport does one thing.
struct TransportSegment {
    std::uint32_t offset = 0;   ///< first frame inside the cycle
    std::uint32_t frames = 0;
    bool rolling = false;       ///< false: the timeline stands still and tracks are silent
    Epoch epoch = 0;
    /// Timeline frame at `offset` as if loops were unrolled: never goes back within an epoch. Blocks of decoded audio
    /// are stamped with it.
    Frames unrolled = 0;
    Frames timeline = 0;        ///< the same, folded into the loop: what a person calls the position
};

/// What the clock and the transport do in one cycle; the same in every node of the graph.
struct TransportCycle {
    Frames clock = 0;           ///< the graph's clock at the first frame
    std::array<TransportSegment, 4> segment{};
    std::uint32_t segment_count = 0;

    [[nodiscard]] std::span<const TransportSegment> segments() const noexcept { return {segment.data(), segment_count}; }
};

/// The order to be ready for an epoch: which timeline it will play.
struct Cue {
    Epoch epoch = 0;
    Frames start = 0;           ///< timeline frame of the epoch's first frame, at the graph's rate
    Frames loop_from = 0;       ///< with loop_to > loop_from: when the timeline reaches loop_to it goes on at loop_from
    Frames loop_to = 0;
    Frames begin = 0;           ///< unrolled frames before this one are silent: a source that joins in need not decode them
    [[nodiscard]] bool loops() const noexcept { return loop_to > loop_from; }
    /// The first unrolled frame that may sound.
    [[nodiscard]] Frames first() const noexcept { return std::max(start, begin); }
};

}  // namespace stemwire
