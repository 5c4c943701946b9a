// SPDX-License-Identifier: GPL-3.0-or-later
#include "stemwire/layout.hpp"

#include <algorithm>
#include <array>

namespace stemwire {

namespace {

constexpr std::array<std::string_view, 35> position_names{
    "MONO", "FL", "FR", "FC", "LFE", "RL", "RR", "SL", "SR", "RC", "FLC", "FRC", "TC", "TFL", "TFC", "TFR", "TRL", "TRC", "TRR",
    "AUX0", "AUX1", "AUX2", "AUX3", "AUX4", "AUX5", "AUX6", "AUX7", "AUX8", "AUX9", "AUX10", "AUX11", "AUX12", "AUX13", "AUX14", "AUX15"};
static_assert(static_cast<std::size_t>(Position::AUX15) + 1 == position_names.size());

struct NamedLayout {
    std::string_view name;
    ChannelLayout layout;
};

const std::vector<NamedLayout>& named_layouts()
{
    using enum Position;
    static const std::vector<NamedLayout> layouts{
        {"mono", ChannelLayout::mono()},
        {"stereo", ChannelLayout::stereo()},
        {"quad", ChannelLayout({FL, FR, RL, RR})},
        {"5.1", ChannelLayout({FL, FR, FC, LFE, SL, SR})},
        {"7.1", ChannelLayout({FL, FR, FC, LFE, RL, RR, SL, SR})},
    };
    return layouts;
}

}  // namespace

std::string_view to_string(Position position) noexcept
{
    return position_names[static_cast<std::size_t>(position)];
}

std::optional<Position> parse_position(std::string_view name) noexcept
{
    const auto found = std::ranges::find(position_names, name);
    if (found == position_names.end()) return std::nullopt;
    return static_cast<Position>(found - position_names.begin());
}

ChannelLayout ChannelLayout::usual(std::size_t channels)
{
    using enum Position;
    switch (channels) {
    case 1: return mono();
    case 2: return stereo();
    case 3: return ChannelLayout({FL, FR, FC});
    case 4: return *named("quad");
    case 5: return ChannelLayout({FL, FR, FC, SL, SR});
    case 6: return *named("5.1");
    case 7: return ChannelLayout({FL, FR, FC, LFE, RC, SL, SR});
    case 8: return *named("7.1");
    default: break;
    }
    std::vector<Position> positions;
    for (std::size_t channel = 0; channel < std::min<std::size_t>(channels, 16); ++channel)
        positions.push_back(static_cast<Position>(static_cast<std::size_t>(AUX0) + channel));
    return ChannelLayout(std::move(positions));
}

std::optional<ChannelLayout> ChannelLayout::named(std::string_view name)
{
    const auto found = std::ranges::find(named_layouts(), name, &NamedLayout::name);
    if (found == named_layouts().end()) return std::nullopt;
    return found->layout;
}

std::optional<std::size_t> ChannelLayout::find(Position position) const noexcept
{
    const auto found = std::ranges::find(positions_, position);
    if (found == positions_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - positions_.begin());
}

std::string to_string(const ChannelLayout& layout)
{
    const auto found = std::ranges::find(named_layouts(), layout, &NamedLayout::layout);
    if (found != named_layouts().end()) return std::string(found->name);
    std::string text = "[";
    for (const Position position : layout.positions()) {
        if (text.size() > 1) text += ", ";
        text += to_string(position);
    }
    return text + "]";
}

std::size_t channel_count(std::span<const PortGroup> groups) noexcept
{
    std::size_t count = 0;
    for (const PortGroup& group : groups) count += group.layout.size();
    return count;
}

std::vector<std::string> port_names(std::span<const PortGroup> groups)
{
    std::vector<std::string> names;
    for (const PortGroup& group : groups)
        for (const Position position : group.layout.positions()) names.push_back(group.name + "_" + std::string(to_string(position)));
    return names;
}

}  // namespace stemwire
