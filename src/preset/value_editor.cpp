// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/value_editor.hpp"

#include <array>

#include "preset/quoted.hpp"

namespace stemwire::preset {

namespace {

bool is_control(char letter)
{
    return static_cast<unsigned char>(letter) < 0x20;
}

/// A scalar so that it reads back as this text, in flow style too.
std::string scalar_text(const std::string& text)
{
    constexpr std::array<std::string_view, 5> nothing{"", "~", "null", "Null", "NULL"};
    const bool is_word = std::ranges::all_of(text, [](char letter) {
        return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               static_cast<unsigned char>(letter) >= 0x80 || std::string_view("_./+-% ").find(letter) != std::string_view::npos;
    });
    const bool is_plain = is_word && std::ranges::find(nothing, text) == nothing.end() && text.front() != ' ' && text.back() != ' ' &&
                          text.front() != '%' && (text.front() != '-' || (text.size() > 1 && text[1] != ' ' && text[1] != '-'));
    if (is_plain) return text;
    // In single quotes a line break would be a blank.
    if (std::ranges::any_of(text, is_control)) return quoted(text);
    std::string single = "'";
    for (const char letter : text) single += letter == '\'' ? "''" : std::string(1, letter);
    return single + "'";
}

std::string join(const std::vector<std::string>& parts, std::string_view open, std::string_view close)
{
    std::string text(open);
    for (const std::string& part : parts) text += (&part == parts.data() ? " " : ", ") + part;
    return text + " " + std::string(close);
}

/// A value in flow style.
std::string flow_text(const YamlNode& node)
{
    std::vector<std::string> parts;
    switch (node.what) {
    case YamlNode::What::null: return "~";
    case YamlNode::What::scalar: return scalar_text(node.scalar);
    case YamlNode::What::list:
        for (const YamlNode& item : node.items) parts.push_back(flow_text(item));
        return join(parts, "[", "]");
    case YamlNode::What::map: break;
    }
    for (const YamlEntry& entry : node.entries) parts.push_back(scalar_text(entry.key) + ": " + flow_text(entry.value));
    return join(parts, "{", "}");
}

const YamlNode* child(const YamlNode* node, const Step& step)
{
    if (node == nullptr) return nullptr;
    if (step.item) return *step.item < node->items.size() ? &node->items[*step.item] : nullptr;
    const YamlEntry* entry = node->find(step.key);
    return entry == nullptr ? nullptr : &entry->value;
}

/// What a preset that leaves a gain_map out means by that: all that is heard.
YamlNode written_out(const Value& values)
{
    YamlNode map;
    map.what = YamlNode::What::map;
    for (const auto& [name, gain_db] : values.gains) {
        if (gain_db == gain_off) continue;
        YamlNode& node = map.entries.emplace_back(YamlEntry{name, {}, {}}).value;
        node.what = YamlNode::What::scalar;
        node.scalar = format_number(*values.parameter, gain_db);
    }
    return map;
}

}  // namespace

void ValueEditor::set(Steps steps, const NewValue& value)
{
    edit(root_, &read_, steps, value);
}

void ValueEditor::edit(const TextNode& node, const YamlNode* read, Steps steps, const NewValue& value)
{
    using What = TextNode::What;
    if (steps.empty()) return replace(node, read, value);
    const Step& step = steps.front();
    const YamlNode* inside = child(read, step);
    const TextEntry* own = node.what == What::map ? node.find(step.key) : nullptr;
    if (own != nullptr) return edit(own->value, inside, steps.subspan(1), value);
    if (node.what == What::list && inside != nullptr) return edit(node.items[*step.item], inside, steps.subspan(1), value);
    if (node.what == What::alias && step.item) return edits_.push_back({node.begin, node.end, changed(read, nullptr, steps, value)});

    const std::string entry = step.key + ": " + changed(inside, step.values, steps.subspan(1), value);
    if (node.what == What::map) return insert(node, entry);
    const bool is_bare_unit = read != nullptr && read->what == YamlNode::What::scalar;
    if (is_bare_unit) return edits_.push_back({node.begin, node.end, entry});
    const std::string before = node.begin < node.end ? "" : node.lacks_colon ? ": " : " ";
    const std::string merged = node.what == What::alias ? "<<: " + std::string(text_.substr(node.begin, node.end - node.begin)) + ", " : "";
    edits_.push_back({node.begin, node.end, before + "{ " + merged + entry + " }"});
}

void ValueEditor::replace(const TextNode& node, const YamlNode* read, const NewValue& value)
{
    std::string text = text_of(read, value);
    const char first = node.begin < node.end ? text_[node.begin] : ' ';
    if (value.row != nullptr && node.what == TextNode::What::scalar && (first == '"' || first == '\'')) text = first + text + first;
    if (node.begin == node.end) text.insert(0, node.lacks_colon ? ": " : " ");
    edits_.push_back({node.begin, node.end, std::move(text)});
}

void ValueEditor::insert(const TextNode& map, const std::string& entry)
{
    if (map.entries.empty()) return edits_.push_back({map.begin, map.end, "{ " + entry + " }"});
    const std::size_t end = map.entries.back().value.end;
    if (map.flow) return edits_.push_back({end, end, ", " + entry});
    const std::string indent(map.begin - line_begin(text_, map.begin), ' ');
    // Sections of the preset stand apart.
    const std::string eol(line_break(text_));
    const std::size_t at = line_end(text_, end);
    edits_.push_back({at, at, (&map == &root_ ? eol : "") + eol + indent + entry});
}

bool ValueEditor::remove(Steps steps)
{
    const TextNode* map = &root_;
    const TextNode* removed_from = nullptr;
    const TextEntry* removed = nullptr;
    for (const Step& step : steps) {
        const TextEntry* entry = map->what == TextNode::What::map ? map->find(step.key) : nullptr;
        if (entry == nullptr) return false;
        if (removed == nullptr || map->entries.size() > 1) {
            removed_from = map;
            removed = entry;
        }
        map = &entry->value;
    }
    remove_entry(*removed_from, *removed);
    return true;
}

void ValueEditor::remove_entry(const TextNode& map, const TextEntry& entry)
{
    const auto index = static_cast<std::size_t>(&entry - map.entries.data());
    if (!map.flow) edits_.push_back({line_begin(text_, entry.key.begin), next_line(text_, entry.value.end)});
    else if (index + 1 < map.entries.size()) edits_.push_back({entry.key.begin, map.entries[index + 1].key.begin});
    else edits_.push_back({index > 0 ? map.entries[index - 1].value.end : entry.key.begin, entry.value.end});
}

std::string ValueEditor::text_of(const YamlNode* old, const NewValue& value) const
{
    if (value.row == nullptr) return value.text;
    return old == nullptr ? format_number(*value.row, value.number) : format_number_like(*value.row, value.number, old->scalar, rate_hz_);
}

std::string ValueEditor::changed(const YamlNode* old, const Value* left_out, Steps steps, const NewValue& value) const
{
    if (steps.empty()) return text_of(old, value);
    if (old == nullptr && left_out != nullptr) {
        const YamlNode meant = written_out(*left_out);
        return changed(&meant, nullptr, steps, value);
    }
    const Step& step = steps.front();
    if (step.item && old != nullptr) return changed_list(*old, steps, value);
    const YamlNode nothing;
    std::vector<std::string> parts;
    for (const YamlEntry& entry : (old == nullptr ? nothing : *old).entries)
        parts.push_back(scalar_text(entry.key) + ": " +
                        (entry.key == step.key ? changed(&entry.value, nullptr, steps.subspan(1), value) : flow_text(entry.value)));
    if (child(old, step) == nullptr) parts.push_back(step.key + ": " + changed(nullptr, step.values, steps.subspan(1), value));
    return join(parts, "{", "}");
}

std::string ValueEditor::changed_list(const YamlNode& old, Steps steps, const NewValue& value) const
{
    std::vector<std::string> parts;
    for (std::size_t index = 0; index < old.items.size(); ++index)
        parts.push_back(index == *steps.front().item ? changed(&old.items[index], nullptr, steps.subspan(1), value) : flow_text(old.items[index]));
    return join(parts, "[", "]");
}

}  // namespace stemwire::preset
