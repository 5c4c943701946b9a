// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <span>

#include "stemwire/node.hpp"

namespace stemwire::nodes::lv2 {

/// The rows of a plugin's `params`: Parameter::rows_of.
[[nodiscard]] std::span<const Parameter> plugin_rows(std::string_view uri);

/// What can be set on a plugin wherever it is.
inline constexpr std::array<Parameter, 3> plugin_parameters{{
    {.name = "uri", .kind = Kind::text, .description = "the plugin's URI, as lv2ls lists it", .required = true},
    {.name = "params", .kind = Kind::record, .description = "the plugin's own parameters, by its symbols (lv2info URI lists them)",
     .live = true, .rows_of = &plugin_rows, .rows_from = "uri"},
    {.name = "tail", .kind = Kind::time, .description = "how long it sounds on after its input has ended",
     .minimum = 0.0, .maximum = 600.0, .fallback_text = "5 s for a reverb or delay, else 0 s"},
}};

/// All that can be set on an lv2 node.
[[nodiscard]] std::span<const Parameter> node_parameters() noexcept;

/// Says what keeps the plugin of these settings from being played: it is not installed, or of a kind that cannot be.
void check_plugin(const Settings& settings, Errors& errors);

/// NodeType::ports: `input`, `sidechain` and `output` as the plugin has them; a mono plugin is played on as many channels as are linked to it.
[[nodiscard]] Ports node_ports(const Settings& settings, const PortHints& hints, Errors& errors);

/// True where the plugin of these settings is there and may be late.
[[nodiscard]] bool reports_latency(const Settings& settings);

/// Says that the plugin of a unit does not fit a chain of this many channels.
void check_unit(const Settings& settings, std::size_t channels, Errors& errors);

}  // namespace stemwire::nodes::lv2
