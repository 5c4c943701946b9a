// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "stemwire/parameter.hpp"

namespace stemwire::preset {

/// What every node may say beside its type's own parameters. Lives as long as the program.
[[nodiscard]] std::span<const Parameter> common_rows() noexcept;
/// Their names, and `type`.
[[nodiscard]] const std::vector<std::string_view>& common_keys();

}  // namespace stemwire::preset
