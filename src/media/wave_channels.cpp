// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/wave_channels.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace stemwire::media {

namespace {

using enum Position;

/// [bit]
constexpr std::array<Position, 18> positions{FL, FR, FC, LFE, RL, RR, FLC, FRC, RC, SL, SR, TC, TFL, TFC, TFR, TRL, TRC, TRR};

}  // namespace

std::optional<unsigned> wave_bit(Position position) noexcept
{
    const auto found = std::ranges::find(positions, position);
    return found == positions.end() ? std::nullopt : std::optional(static_cast<unsigned>(found - positions.begin()));
}

std::uint32_t wave_mask(const ChannelLayout& layout) noexcept
{
    if (layout.is_mono()) return 1u << *wave_bit(FC);
    std::uint32_t mask = 0;
    for (const Position position : layout.positions()) {
        const auto bit = wave_bit(position);
        if (!bit) return 0;
        mask |= 1u << *bit;
    }
    return mask;
}

std::optional<Position> wave_position(unsigned bit) noexcept
{
    return bit < positions.size() ? std::optional(positions[bit]) : std::nullopt;
}

ChannelLayout layout_from_wave_mask(std::uint32_t mask, std::size_t channels)
{
    const bool names_all = static_cast<std::size_t>(std::popcount(mask)) == channels && mask < 1u << positions.size();
    if (!names_all || channels == 1) return ChannelLayout::usual(channels);
    std::vector<Position> found;
    for (unsigned bit = 0; bit < positions.size(); ++bit)
        if ((mask >> bit & 1) != 0) found.push_back(positions[bit]);
    return ChannelLayout(std::move(found));
}

}  // namespace stemwire::media
