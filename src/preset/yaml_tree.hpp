// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stemwire/error.hpp"

namespace stemwire::preset {

/// Bytes; a preset that a person writes has some thousands.
inline constexpr std::size_t largest_preset = 4u << 20;

struct YamlEntry;

/// A YAML document as a plain tree: aliases expanded, merge keys merged, every key once, every place known.
struct YamlNode {
    enum class What { null, scalar, list, map };
    What what = What::null;
    Mark mark{};
    std::string scalar;
    bool plain = true;                ///< a scalar without quotation marks: its columns are the file's
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

/// Reads one document. What is wrong (syntax, duplicate keys, a key that is no scalar, merges of no map) goes to `errors`, without a file;
/// what could be read is returned. Bounded: text beyond 4 MiB, deep nesting, or aliases that multiply beyond 100,000 values are errors.
[[nodiscard]] YamlNode read_yaml(std::string_view text, Errors& errors);

/// `a map`, `a list`, `'text'`, `nothing`: for messages.
[[nodiscard]] std::string describe(const YamlNode& node);

}  // namespace stemwire::preset
