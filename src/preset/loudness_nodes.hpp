// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "preset/preset.hpp"

namespace stemwire::preset {

/// Puts a node with one gain, at 0 dB, before each sink: what was linked to the sink is linked to the node. The first is called `loudness`, others
/// `loudness-SINK`. False where nothing is linked to a sink. The links of the graph must be resolved, feedback is marked afterwards.
bool add_loudness_nodes(Preset& preset);

/// Sets the gain of those nodes, within what their table allows; returns what it is then.
double set_loudness_gain(Preset& preset, double gain_db);

/// Their gain in dB; nothing where there are none.
[[nodiscard]] std::optional<double> loudness_gain(const Preset& preset);

/// A node of the model as the graph has it, without latency.
[[nodiscard]] graph::GraphNode graph_node(const NodeModel& node);

}  // namespace stemwire::preset
