// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "preset/yaml_tree.hpp"
#include "stemwire/error.hpp"

namespace stemwire::preset {

/// Where all that reads a preset puts what it finds wrong. Keeps the first hundreds: nobody reads more, and a hostile file has millions.
class Report {
public:
    void add(Error error);
    void error(const Mark& mark, std::string message) { add({std::move(message), "", mark}); }
    void warning(const Mark& mark, std::string message);
    /// `unknown WHAT 'WORD' in PLACE (did you mean 'NEAR'?)`, or what there is, where nothing is near.
    void unknown(const Mark& mark, std::string_view what, std::string_view word, std::string_view place,
                 const std::vector<std::string_view>& known);
    /// True when the node is a map (nothing counts as an empty one); else says so.
    [[nodiscard]] bool is_map(const YamlNode& node, const std::string& place);

    /// How many errors were found, kept or not: whether there are new ones since a time before.
    [[nodiscard]] std::size_t error_count() const noexcept { return error_count_; }
    /// Errors that were found but not kept.
    [[nodiscard]] std::size_t left_out() const noexcept { return error_count_ - errors_.size(); }
    [[nodiscard]] Errors& errors() noexcept { return errors_; }
    [[nodiscard]] Errors& warnings() noexcept { return warnings_; }

private:
    Errors errors_;
    Errors warnings_;
    std::size_t error_count_ = 0;
};

/// `a, b, c`; of a long list the beginning.
[[nodiscard]] std::string list_of(const std::vector<std::string_view>& words);

/// What a node, channel, bus or external may be called: it stands in ports' names and in addresses. Empty where the name is
/// good, else what is wrong.
[[nodiscard]] std::string wrong_name(std::string_view name);

}  // namespace stemwire::preset
