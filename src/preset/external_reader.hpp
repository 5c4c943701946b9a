// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "preset/preset.hpp"
#include "preset/report.hpp"
#include "preset/settings_reader.hpp"
#include "preset/yaml_tree.hpp"

namespace stemwire::preset {

/// One entry of `external`. With an error it is given back as a pattern, which may stand on either side of a link.
[[nodiscard]] ExternalModel read_external(const YamlEntry& entry, SettingsReader reader, Report& report);

}  // namespace stemwire::preset
