// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stemwire/units.hpp"

namespace stemwire::media {

/// How takes are drawn: `pick` slots draw one each, by themselves and with replacement, at the beginning and anew at every time of the
/// timeline in `reshuffle_seconds` (in any order).
struct TakeDraw {
    std::size_t pick = 1;
    std::vector<double> reshuffle_seconds;
    std::uint64_t seed = 0;
};

/// The take that a slot draws for a row (how many points there are up to it), each of `takes` being as likely as the others. It depends on
/// nothing but its arguments (splitmix64's output function on their combination; Steele, Lea and Flood 2014). Guarantee: wait-free.
[[nodiscard]] std::size_t drawn_take(std::uint64_t seed, std::size_t row, std::size_t slot, std::size_t takes) noexcept;

/// From `begin` on, each take has this weight: how many slots have drawn it. The first frames go over from the row before, linearly.
struct TakeRow {
    Frames begin = 0;
    std::uint32_t fade = 0;       ///< frames; 0 where nothing changes
    std::vector<float> weights{}; ///< [take]
    friend bool operator==(const TakeRow&, const TakeRow&) = default;
};

/// The rows of a track whose frame 0 lies at `content_begin` of the timeline: the first begins at 0, each later one after the one before.
/// What is drawn does not depend on the rate. Never empty; `takes` is at least 1.
[[nodiscard]] std::vector<TakeRow> plan_takes(const TakeDraw& draw, std::size_t takes, double rate_hz, Frames content_begin);

}  // namespace stemwire::media
