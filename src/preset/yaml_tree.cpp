// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/yaml_tree.hpp"

#include <algorithm>

#include <yaml-cpp/yaml.h>

namespace stemwire::preset {

namespace {

constexpr std::size_t most_values = 100'000;
constexpr int deepest = 64;

Mark mark_of(const YAML::Mark& mark)
{
    return {mark.line + 1, mark.column + 1};
}

/// Copies yaml-cpp's nodes, counting as it goes.
class Copier {
public:
    explicit Copier(Errors& errors) : errors_(errors) {}

    YamlNode copy(const YAML::Node& node, int depth = 0)
    {
        YamlNode result;
        result.mark = mark_of(node.Mark());
        if (++values_ > most_values || depth > deepest) {
            if (!std::exchange(too_large_, true)) errors_.push_back({"the preset is too large or too deeply nested (aliases that multiply?)", "", result.mark});
            return result;
        }
        if (node.IsScalar()) {
            result.what = YamlNode::What::scalar;
            result.scalar = node.Scalar();
            result.plain = node.Tag() != "!";
        } else if (node.IsSequence()) {
            result.what = YamlNode::What::list;
            for (const auto& item : node) {
                result.items.push_back(copy(item, depth + 1));
                if (too_large_) break;
            }
        } else if (node.IsMap()) {
            result.what = YamlNode::What::map;
            copy_map(node, result, depth);
        }
        return result;
    }

private:
    void copy_map(const YAML::Node& node, YamlNode& result, int depth)
    {
        std::vector<YamlEntry> merged;
        for (const auto& pair : node) {
            if (too_large_) return;
            const Mark mark = mark_of(pair.first.Mark());
            if (!pair.first.IsScalar()) {
                errors_.push_back({"a key must be a word", "", mark});
                continue;
            }
            const std::string& key = pair.first.Scalar();
            YamlNode value = copy(pair.second, depth + 1);
            if (key == "<<") {
                merge(value, merged);
                continue;
            }
            if (const YamlEntry* twin = result.find(key))
                errors_.push_back({"duplicate key '" + key + "' (first in line " + std::to_string(twin->mark.line) + ")", "", mark});
            else result.entries.push_back({key, mark, std::move(value)});
        }
        // The map's own keys win over merged ones, and earlier merged maps over later ones (YAML merge key draft, 2005).
        for (YamlEntry& entry : merged)
            if (result.find(entry.key) == nullptr) result.entries.push_back(std::move(entry));
    }

    void merge(YamlNode& from, std::vector<YamlEntry>& merged)
    {
        if (from.what == YamlNode::What::map)
            std::ranges::move(from.entries, std::back_inserter(merged));
        else if (from.what == YamlNode::What::list)
            for (YamlNode& item : from.items) merge(item, merged);
        else errors_.push_back({"'<<' merges a map, or a list of maps (such as *base), not " + describe(from), "", from.mark});
    }

    Errors& errors_;
    std::size_t values_ = 0;
    bool too_large_ = false;
};

template <class Entries>
auto find_in(Entries& entries, std::string_view key) -> decltype(entries.data())
{
    const auto found = std::ranges::find(entries, key, &YamlEntry::key);
    return found == entries.end() ? nullptr : &*found;
}

}  // namespace

const YamlEntry* YamlNode::find(std::string_view key) const noexcept
{
    return find_in(entries, key);
}

YamlEntry* YamlNode::find(std::string_view key) noexcept
{
    return find_in(entries, key);
}

YamlNode read_yaml(std::string_view text, Errors& errors)
{
    if (text.size() > largest_preset) {
        errors.push_back({"the preset is larger than 4 MiB", "", {1, 1}});
        return {};
    }
    if (text.find('\0') != std::string_view::npos) {
        errors.push_back({"this is no text", "", {1, 1}});
        return {};
    }
    try {
        const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
        if (documents.empty()) return {};
        if (documents.size() > 1) errors.push_back({"a preset is one YAML document; here begins another", "", mark_of(documents[1].Mark())});
        return Copier(errors).copy(documents.front());
    } catch (const YAML::Exception& error) {
        errors.push_back({"YAML: " + error.msg, "", mark_of(error.mark)});
    }
    return {};
}

std::string describe(const YamlNode& node)
{
    switch (node.what) {
    case YamlNode::What::null: return "nothing";
    case YamlNode::What::scalar: return "'" + node.scalar + "'";
    case YamlNode::What::list: return "a list";
    case YamlNode::What::map: return "a map";
    }
    return "";
}

}  // namespace stemwire::preset
