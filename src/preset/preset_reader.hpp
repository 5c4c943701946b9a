// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "preset/preset.hpp"
#include "preset/report.hpp"
#include "preset/yaml_tree.hpp"

namespace stemwire::preset {

/// The model of a tree that is a map. `path` is the preset's. What is returned is meant only where the report has no errors.
[[nodiscard]] Preset read_preset(YamlNode root, const std::string& path, Report& report);

}  // namespace stemwire::preset
