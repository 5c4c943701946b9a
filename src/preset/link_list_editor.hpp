// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "preset/text_lines.hpp"
#include "preset/text_tree.hpp"
#include "stemwire/error.hpp"

namespace stemwire::preset {

/// Edits that turn each item of a list of texts into others, none, one or several, and leave alone what stays as it is. `wanted`: one for each item;
/// the last may have more that are new.
[[nodiscard]] std::vector<TextEdit> edit_items(std::string_view text, const TextNode& list, const std::vector<std::vector<std::string>>& wanted);

/// Edits that add links to a preset whose list of links is empty or left out.
[[nodiscard]] Expected<std::vector<TextEdit>> begin_links(std::string_view text, const TextNode& root, const std::vector<std::string>& links);

/// The list of links: below `links`, or below `links.list`. Null where there is none.
[[nodiscard]] const TextNode* find_links(const TextNode& root);

}  // namespace stemwire::preset
