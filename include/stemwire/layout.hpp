// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stemwire {

/// Where a channel's loudspeaker stands. The names are PipeWire's (SPA_AUDIO_CHANNEL_*) and end every port's name.
enum class Position {
    MONO, FL, FR, FC, LFE, RL, RR, SL, SR, RC, FLC, FRC, TC, TFL, TFC, TFR, TRL, TRC, TRR,
    AUX0, AUX1, AUX2, AUX3, AUX4, AUX5, AUX6, AUX7, AUX8, AUX9, AUX10, AUX11, AUX12, AUX13, AUX14, AUX15,
};

[[nodiscard]] std::string_view to_string(Position position) noexcept;
[[nodiscard]] std::optional<Position> parse_position(std::string_view name) noexcept;

/// The channels of a port group in their order, every position at most once; never empty once checked.
class ChannelLayout {
public:
    ChannelLayout() = default;
    explicit ChannelLayout(std::vector<Position> positions) : positions_(std::move(positions)) {}

    [[nodiscard]] static ChannelLayout mono() { return ChannelLayout({Position::MONO}); }
    [[nodiscard]] static ChannelLayout stereo() { return ChannelLayout({Position::FL, Position::FR}); }
    /// The usual layout of a file with this many channels: mono, stereo, 3.0, quad, 5.0, 5.1, 6.1, 7.1, and AUX0… beyond (1 … 16).
    [[nodiscard]] static ChannelLayout usual(std::size_t channels);
    /// `mono`, `stereo`, `quad`, `5.1`, `7.1`: nothing for any other name.
    [[nodiscard]] static std::optional<ChannelLayout> named(std::string_view name);

    [[nodiscard]] std::size_t size() const noexcept { return positions_.size(); }
    [[nodiscard]] bool empty() const noexcept { return positions_.empty(); }
    [[nodiscard]] Position operator[](std::size_t channel) const { return positions_[channel]; }
    [[nodiscard]] std::span<const Position> positions() const noexcept { return positions_; }
    [[nodiscard]] bool is_mono() const noexcept { return positions_.size() == 1; }
    /// The channel at this position, if there is one.
    [[nodiscard]] std::optional<std::size_t> find(Position position) const noexcept;

    friend bool operator==(const ChannelLayout&, const ChannelLayout&) = default;

private:
    std::vector<Position> positions_;
};

/// `stereo` where the layout has a name, else `[FL, FR, LFE]`.
[[nodiscard]] std::string to_string(const ChannelLayout& layout);

/// Ports that share a name up to their position: group `output` in stereo is `output_FL` and `output_FR`.
struct PortGroup {
    std::string name;
    ChannelLayout layout;
    friend bool operator==(const PortGroup&, const PortGroup&) = default;
};

/// A node's ports. `process()` sees them flat: every channel of the first group, then of the second, and so on.
/// The default group, which a node's name alone means, is the first of the outputs, and the only one of the inputs.
struct Ports {
    std::vector<PortGroup> inputs;
    std::vector<PortGroup> outputs;
    friend bool operator==(const Ports&, const Ports&) = default;
};

/// How many ports the groups have in all.
[[nodiscard]] std::size_t channel_count(std::span<const PortGroup> groups) noexcept;
/// `output_FL`, `output_FR`, …: the ports' names in the order in which `process()` sees them.
[[nodiscard]] std::vector<std::string> port_names(std::span<const PortGroup> groups);

}  // namespace stemwire
