// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nodes/lv2/world.hpp"
#include "stemwire/parameter.hpp"

namespace stemwire::nodes::lv2 {

/// What one port of a plugin is for.
enum class PortRole : std::uint8_t {
    audio_in,
    side_chain_in,
    audio_out,
    parameter,   ///< a control that people turn
    freewheel,   ///< a control that says whether this is a render
    latency,     ///< where the plugin says how late it is
    meter,       ///< any other control output
    cv_in,       ///< hears zeros
    cv_out,
    atom_in,     ///< gets no messages
    atom_out,    ///< nobody listens
    open,        ///< may stay without a connection
    unknown,
};

struct PluginPort {
    PortRole role = PortRole::unknown;
    std::string symbol;
    std::size_t bytes = 0;             ///< of an atom port's buffer
    bool times_rate = false;           ///< its range is a multiple of the sample rate
    float minimum = 0.0f;              ///< as the plugin says it
    float maximum = 0.0f;
};

/// What an installed plugin says of itself. It lives as long as the program.
class Plugin {
public:
    /// With the world's mutex held.
    Plugin(World& world, const LilvPlugin* lilv);

    [[nodiscard]] const LilvPlugin* lilv() const noexcept { return lilv_; }
    [[nodiscard]] const std::string& uri() const noexcept { return uri_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::span<const PluginPort> ports() const noexcept { return ports_; }
    [[nodiscard]] std::size_t count(PortRole role) const noexcept;
    /// One row for each port that is a parameter, in the order of the ports and under their symbols.
    [[nodiscard]] std::span<const Parameter> rows() const noexcept { return rows_; }
    /// It calls itself a reverb or a delay: there is more to come after its input has ended.
    [[nodiscard]] bool rings() const noexcept { return rings_; }
    /// Why it cannot be played here; empty where it can.
    [[nodiscard]] const std::string& obstacle() const noexcept { return obstacle_; }

private:
    friend class PluginReader;
    const LilvPlugin* lilv_;
    std::string uri_;
    std::string name_;
    std::vector<PluginPort> ports_;
    std::vector<Parameter> rows_;
    std::deque<std::string> texts_;                ///< what the rows point at
    std::deque<std::vector<NamedValue>> named_;    ///< the same
    bool rings_ = false;
    std::string obstacle_;
};

/// The plugin of this URI; null where none is installed. Guarantee: blocking. Thread: any but realtime.
[[nodiscard]] const Plugin* find_plugin(std::string_view uri);

/// Says that there is no such plugin, with the one that was perhaps meant or the Debian package that has it.
[[nodiscard]] std::string missing_plugin(std::string_view uri);

}  // namespace stemwire::nodes::lv2
