// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/yaml_builder.hpp"

#include <algorithm>

namespace stemwire::preset {

namespace {

constexpr int deepest = 64;
constexpr std::size_t bytes_per_value = 64;  ///< a longer text counts as several values

}  // namespace

Mark mark_of(const YAML::Mark& mark)
{
    return {mark.line + 1, mark.column + 1};
}

void YamlBuilder::OnDocumentStart(const YAML::Mark& mark)
{
    if (std::exchange(begun_, true)) throw YamlRefused{"a preset is one YAML document; here begins another", mark_of(mark)};
}

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor)
{
    count(1, 1, mark_of(mark));
    Open value;
    value.node.mark = mark_of(mark);
    value.anchor = anchor;
    add(std::move(value));
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, const std::string& text)
{
    Open value;
    value.weight = 1 + text.size() / bytes_per_value;
    count(value.weight, 1, mark_of(mark));
    value.node.what = YamlNode::What::scalar;
    value.node.mark = mark_of(mark);
    value.node.scalar = text;
    const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
    value.node.plain = at < text_.size() && text_.substr(at).starts_with(text);
    value.anchor = anchor;
    add(std::move(value));
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor)
{
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw YamlRefused{"an alias inside of what it stands for never ends", mark_of(mark)};
    const auto& [node, weight, depth] = found->second;
    count(weight, depth, mark_of(mark));
    Open value;
    value.node = node;
    value.weight = weight;
    value.depth = depth;
    add(std::move(value));
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value)
{
    open(YamlNode::What::list, mark, anchor);
}

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value)
{
    open(YamlNode::What::map, mark, anchor);
}

void YamlBuilder::OnMapEnd()
{
    // The map's own keys win over merged ones, and earlier merged maps over later ones (YAML merge key draft, 2005).
    Open& map = open_.back();
    for (YamlEntry& entry : map.merged)
        if (map.lines.try_emplace(entry.key, entry.mark.line).second) map.node.entries.push_back(std::move(entry));
    close();
}

void YamlBuilder::open(YamlNode::What what, const YAML::Mark& mark, YAML::anchor_t anchor)
{
    count(1, 1, mark_of(mark));
    Open& begun = open_.emplace_back();
    begun.node.what = what;
    begun.node.mark = mark_of(mark);
    begun.anchor = anchor;
}

void YamlBuilder::close()
{
    Open done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done));
}

void YamlBuilder::add(Open value)
{
    if (value.anchor != 0) {
        // What is kept for aliases is a copy, and counts as such.
        count(value.weight, value.depth, value.node.mark);
        anchors_.insert_or_assign(value.anchor, Anchored{value.node, value.weight, value.depth});
    }
    if (open_.empty()) {
        root_ = std::move(value.node);
        return;
    }
    Open& parent = open_.back();
    parent.weight += value.weight;
    parent.depth = std::max(parent.depth, value.depth + 1);
    if (parent.node.what == YamlNode::What::map) add_to_map(parent, std::move(value));
    else parent.node.items.push_back(std::move(value.node));
}

void YamlBuilder::add_to_map(Open& map, Open value)
{
    if (!map.key) return read_key(map, value.node);
    const std::string key = *std::exchange(map.key, std::nullopt);
    if (key.empty()) return;
    const auto [first, is_new] = map.lines.try_emplace(key, map.key_mark.line);
    if (!is_new) errors_.push_back({"duplicate key '" + key + "' (first in line " + std::to_string(first->second) + ")", "", map.key_mark});
    else if (key == "<<") merge(value.node, map);
    else map.node.entries.push_back({key, map.key_mark, std::move(value.node)});
}

void YamlBuilder::read_key(Open& map, const YamlNode& key)
{
    map.key = key.scalar;
    map.key_mark = key.mark;
    if (key.what != YamlNode::What::scalar || key.scalar.empty())
        errors_.push_back({"a key must be a word, not " + describe(key), "", key.mark});
}

void YamlBuilder::merge(YamlNode& from, Open& into)
{
    if (from.what == YamlNode::What::map)
        std::ranges::move(from.entries, std::back_inserter(into.merged));
    else if (from.what == YamlNode::What::list)
        for (YamlNode& item : from.items) merge(item, into);
    else errors_.push_back({"'<<' merges a map, or a list of maps (such as *base), not " + describe(from), "", from.mark});
}

void YamlBuilder::count(std::size_t weight, int depth, const Mark& mark)
{
    values_ += weight;
    if (values_ > most_values || static_cast<int>(open_.size()) + depth > deepest) throw YamlRefused{std::string(too_large), mark};
}

}  // namespace stemwire::preset
