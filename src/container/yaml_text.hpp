// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "preset/quoted.hpp"

/// Pieces of a preset's text.
namespace stemwire::container {

/// A name that a node may have: lower-case letters, digits, `_` and `-`, beginning with a letter.
[[nodiscard]] std::string node_name(std::string_view text);
/// The same with a number behind it where it is taken; it is taken then.
[[nodiscard]] std::string unique_name(std::string name, std::set<std::string>& taken);
using preset::quoted;
/// Relative where the file is below the folder, else absolute.
[[nodiscard]] std::string path_from(const std::filesystem::path& folder, const std::filesystem::path& file);

}  // namespace stemwire::container
