// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "stemwire/error.hpp"

namespace stemwire::preset {

struct TextEntry;

/// Where a YAML document's values stand in its text: aliases and merge keys are left as they are written. Offsets are in bytes.
struct TextNode {
    enum class What { null, scalar, list, map, alias };
    What what = What::null;
    bool flow = false;         ///< of a list or map: written in brackets, or, a map of one key in a flow list, without any
    bool lacks_colon = false;  ///< of nothing, as the value of a key: `{ key }`
    std::size_t begin = 0;     ///< first byte, anchor and tag left out; of nothing: where a value would stand
    std::size_t end = 0;       ///< one past its last byte
    std::string scalar;
    std::vector<TextNode> items;
    std::vector<TextEntry> entries;

    /// The entry of a map that has this key itself, not merged.
    [[nodiscard]] const TextEntry* find(std::string_view key) const noexcept;
};

struct TextEntry {
    TextNode key;
    TextNode value;
};

/// The tree of a text that read_yaml accepts, without a byte order mark. Errors: what a person cannot mean, such as a key that is a list.
/// Guarantee: linear in time and memory. Never throws.
[[nodiscard]] Expected<TextNode> read_text_tree(std::string_view text);

}  // namespace stemwire::preset
