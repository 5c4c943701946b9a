// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "preset/preset.hpp"
#include "preset/report.hpp"
#include "preset/yaml_tree.hpp"

namespace stemwire::preset {

/// Writes overrides into the tree before it is read. What an override puts in has the mark {−1 − its index, 0}, so that what is wrong
/// with it can be told from what is wrong with the file.
void apply_overrides(YamlNode& root, const std::vector<Override>& overrides, Report& report);

/// Makes errors of overrides speak of them (`--set drums.gian=3: …`), errors of the file name it, and puts them in the order of the file.
void finish_errors(Errors& errors, const std::string& path, const std::vector<Override>& overrides);

}  // namespace stemwire::preset
