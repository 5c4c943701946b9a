// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stemwire/error.hpp"

namespace stemwire::preset {

/// Bytes; a preset that a person writes has some thousands.
inline constexpr std::size_t largest_preset = 1u << 20;

struct YamlEntry;

/// A YAML document as a plain tree: aliases expanded, merge keys merged, every key once, every place known.
struct YamlNode {
    enum class What { null, scalar, list, map };
    What what = What::null;
    Mark mark{};
    std::string scalar;
    bool plain = false;               ///< the scalar stands in the file letter by letter: a place inside it is a place in the file
    std::vector<YamlNode> items;      ///< of a list
    std::vector<YamlEntry> entries;   ///< of a map, in the order of the file

    [[nodiscard]] const YamlEntry* find(std::string_view key) const noexcept;
    [[nodiscard]] YamlEntry* find(std::string_view key) noexcept;
};

struct YamlEntry {
    std::string key;
    Mark mark{};
    YamlNode value;
};

/// Reads one document. What is wrong (syntax, duplicate keys, a key that is no scalar, merges of no map) goes to `errors`, without a
/// file; what could be read is returned, and nothing after an error of syntax or size. Bounded in time and memory: text beyond largest_preset, more
/// than 100,000 values (aliases expanded) and nesting deeper than 64 are errors.
[[nodiscard]] YamlNode read_yaml(std::string_view text, Errors& errors);

/// `a map`, `a list`, `'text'`, `nothing`: for messages.
[[nodiscard]] std::string describe(const YamlNode& node);

}  // namespace stemwire::preset
