// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "preset/address.hpp"
#include "preset/text_lines.hpp"
#include "preset/text_tree.hpp"
#include "preset/yaml_tree.hpp"

namespace stemwire::preset {

/// What is to stand at a place: a number of a row, or a text of its own.
struct NewValue {
    const Parameter* row = nullptr;
    double number = 0.0;
    std::string text{};   ///< used where `row` is null: YAML, written as it is
};

/// Collects edits of a preset's text that give it other values, in the style of what stands there. A value that comes from an alias or a merge key is
/// written over where it is used.
class ValueEditor {
public:
    /// All outlive it. `root` says where everything stands, `read` what it means: two trees of one text.
    ValueEditor(std::string_view text, const TextNode& root, const YamlNode& read, double rate_hz)
        : text_(text), root_(root), read_(read), rate_hz_(rate_hz)
    {
    }

    void set(std::span<const Step> steps, const NewValue& value);
    /// Takes an entry out, with the maps around it that have no other. False where it does not stand there itself.
    [[nodiscard]] bool remove(std::span<const Step> steps);

    [[nodiscard]] std::vector<TextEdit> take() { return std::move(edits_); }

private:
    using Steps = std::span<const Step>;

    void edit(const TextNode& node, const YamlNode* read, Steps steps, const NewValue& value);
    void replace(const TextNode& node, const YamlNode* read, const NewValue& value);
    void insert(const TextNode& map, const std::string& entry);
    void remove_entry(const TextNode& map, const TextEntry& entry);
    [[nodiscard]] std::string text_of(const YamlNode* old, const NewValue& value) const;
    /// A copy in flow style of what a value means, with a change inside.
    [[nodiscard]] std::string changed(const YamlNode* old, const Value* left_out, Steps steps, const NewValue& value) const;
    [[nodiscard]] std::string changed_list(const YamlNode& old, Steps steps, const NewValue& value) const;

    std::string_view text_;
    const TextNode& root_;
    const YamlNode& read_;
    double rate_hz_;
    std::vector<TextEdit> edits_;
};

}  // namespace stemwire::preset
