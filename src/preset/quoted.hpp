// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace stemwire::preset {

/// A double-quoted YAML scalar.
[[nodiscard]] std::string quoted(const std::string& text);

}  // namespace stemwire::preset
