// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "preset/preset.hpp"

namespace stemwire::preset {

inline Preset good(const std::string& yaml, const std::vector<Override>& overrides = {})
{
    Loaded loaded = load_text(yaml, "test.yaml", overrides);
    for (const Error& error : loaded.errors) ADD_FAILURE() << to_string(error);
    return loaded.preset ? std::move(*loaded.preset) : Preset{};
}

inline std::vector<std::string> errors_of(const std::string& yaml, const std::vector<Override>& overrides = {})
{
    std::vector<std::string> texts;
    for (const Error& error : load_text(yaml, "test.yaml", overrides).errors) texts.push_back(to_string(error));
    return texts;
}

/// Each as `LINE:COLUMN: MESSAGE`.
inline std::vector<std::string> warnings_of(const std::string& yaml)
{
    std::vector<std::string> texts;
    for (const Error& warning : load_text(yaml, "test.yaml").warnings)
        texts.push_back(std::to_string(warning.mark.line) + ":" + std::to_string(warning.mark.column) + ": " + warning.message);
    return texts;
}

/// Wires as `a:output_FL -> b:input_FL`.
inline std::vector<std::string> wires_of(const Preset& preset)
{
    std::vector<std::string> texts;
    for (const graph::Wire& wire : preset.graph.wires) {
        const NodeModel& from = preset.nodes[wire.from.node];
        const NodeModel& to = preset.nodes[wire.to.node];
        texts.push_back(from.name + ":" + port_names(from.ports.outputs)[wire.from.port] + " -> " + to.name + ":" +
                        port_names(to.ports.inputs)[wire.to.port] + (wire.feedback ? " (late)" : ""));
    }
    return texts;
}

inline const std::string head = "stemwire: 1\nexternal: { speakers: { sink: default }, microphone: { source: default } }\n";

}  // namespace stemwire::preset
