// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/overrides.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <tuple>

#include "stemwire/node.hpp"

namespace stemwire::preset {

namespace {

void set_marks(YamlNode& node, const Mark& mark)
{
    node.mark = mark;
    for (YamlNode& item : node.items) set_marks(item, mark);
    for (YamlEntry& entry : node.entries) {
        entry.mark = mark;
        set_marks(entry.value, mark);
    }
}

std::vector<std::string> split(const std::string& address)
{
    std::vector<std::string> words;
    for (std::size_t from = 0; from <= address.size();) {
        const std::size_t dot = std::min(address.find('.', from), address.size());
        words.push_back(address.substr(from, dot - from));
        from = dot + 1;
    }
    return words;
}

/// Finds the place that one override names, making maps on the way where a preset left them out.
class Walk {
public:
    Walk(Report& report, std::vector<std::string> words, YamlNode value) : report_(report), words_(std::move(words)), value_(std::move(value)) {}

    void start(YamlNode& nodes)
    {
        YamlEntry* entry = nodes.find(words_[0]);
        if (entry == nullptr) {
            report_.unknown(value_.mark, "node", words_[0], "", keys(nodes));
            return;
        }
        const YamlEntry* type_name = entry->value.find("type");
        const NodeType* type = type_name == nullptr ? nullptr : find_node_type(type_name->value.scalar);
        if (type == nullptr) return;  // the file's own error
        if (words_.size() == 2 && words_[1] == "type") return put(entry->value, "type");
        record(type->parameters, entry->value, 1);
    }

private:
    static std::vector<std::string_view> keys(const YamlNode& node)
    {
        std::vector<std::string_view> keys;
        for (const YamlEntry& entry : node.entries) keys.push_back(entry.key);
        return keys;
    }

    YamlNode& child(YamlNode& map, std::string_view key) const
    {
        map.what = YamlNode::What::map;
        if (YamlEntry* entry = map.find(key)) return entry->value;
        map.entries.push_back({std::string(key), value_.mark, {}});
        map.entries.back().value.mark = value_.mark;
        return map.entries.back().value;
    }

    void put(YamlNode& map, std::string_view key) { child(map, key) = value_; }

    /// Goes on in a record with this table at word `at`.
    void record(std::span<const Parameter> table, YamlNode& map, std::size_t at)
    {
        if (at == words_.size()) return unknown(table, at - 1);
        const auto row = std::ranges::find(table, words_[at], &Parameter::name);
        if (row != table.end() && !row->hidden_in_address) return parameter(*row, map, at + 1);
        for (const Parameter& hidden : table)
            if (hidden.hidden_in_address && enter(hidden, child(map, hidden.name), at)) return;
        unknown(table, at);
    }

    void parameter(const Parameter& row, YamlNode& map, std::size_t at)
    {
        if (at == words_.size()) return put(map, row.name);
        if (row.kind == Kind::gain_map || row.kind == Kind::layout_map) {
            if (at + 1 == words_.size()) return put(child(map, row.name), words_[at]);
        } else if (enter(row, child(map, row.name), at)) return;
        report_.error(value_.mark, "there is no '" + words_[at] + "' in " + std::string(row.name));
    }

    /// Enters the record that word `at` names inside a row of records; false where there is none.
    bool enter(const Parameter& row, YamlNode& value, std::size_t at)
    {
        if (row.kind == Kind::record_map) {
            YamlEntry* entry = value.find(words_[at]);
            if (entry != nullptr) record(row.children, entry->value, at + 1);
            return entry != nullptr;
        }
        if (row.kind == Kind::record_list) return enter_list(row, value, at);
        return row.kind == Kind::chain && enter_chain(row, value, at);
    }

    bool enter_list(const Parameter& row, YamlNode& value, std::size_t at)
    {
        std::size_t number = 0;
        const std::string& word = words_[at];
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error != std::errc() || end != word.data() + word.size() || number < 1 || number > value.items.size()) return false;
        record(row.children, value.items[number - 1], at + 1);
        return true;
    }

    bool enter_chain(const Parameter& row, YamlNode& value, std::size_t at)
    {
        for (const Unit& unit : row.units) {
            int number = 0;
            for (YamlNode& item : value.items) {
                const bool bare = item.what == YamlNode::What::scalar;
                if ((bare ? item.scalar : item.entries.empty() ? "" : item.entries[0].key) != unit.name) continue;
                ++number;
                if (words_[at] != std::string(unit.name) + (number == 1 ? "" : "-" + std::to_string(number))) continue;
                if (bare) child(item, unit.name);
                record(unit.parameters, item.entries[0].value, at + 1);
                return true;
            }
        }
        return false;
    }

    void unknown(std::span<const Parameter> table, std::size_t at)
    {
        std::vector<std::string_view> known;
        for (const Parameter& row : table)
            if (!row.hidden_in_address) known.push_back(row.name);
        report_.unknown(value_.mark, "parameter", words_[at], "", known);
    }

    Report& report_;
    std::vector<std::string> words_;
    YamlNode value_;
};

}  // namespace

void apply_overrides(YamlNode& root, const std::vector<Override>& overrides, Report& report)
{
    YamlEntry* nodes = root.find("nodes");
    for (std::size_t index = 0; index < overrides.size(); ++index) {
        const Mark mark{-1 - static_cast<int>(index), 0};
        Errors syntax;
        YamlNode value = read_yaml(overrides[index].value, syntax);
        if (value.what == YamlNode::What::null) value.what = YamlNode::What::scalar;
        set_marks(value, mark);
        std::vector<std::string> words = split(overrides[index].address);
        if (!syntax.empty()) report.error(mark, syntax.front().message);
        else if (words.size() < 2) report.error(mark, "name a node and its parameter: NODE.PARAM=VALUE");
        else if (nodes != nullptr) Walk(report, std::move(words), std::move(value)).start(nodes->value);
    }
}

void finish_errors(Errors& errors, const std::string& path, const std::vector<Override>& overrides)
{
    // Overrides first, in their own order, which their marks count down; then the file from its beginning.
    const auto place = [](const Error& error) { return std::tuple(error.mark.line >= 0, std::abs(error.mark.line), error.mark.column); };
    std::ranges::stable_sort(errors, {}, place);
    // The middle of `A -> B -> C` is read twice, and so is what an alias repeats.
    const auto repeated = std::ranges::unique(errors, [](const Error& a, const Error& b) { return a.mark == b.mark && a.message == b.message && a.file == b.file; });
    errors.erase(repeated.begin(), repeated.end());
    for (Error& error : errors) {
        if (error.mark.line >= 0) {
            if (error.file.empty()) error.file = path;
            continue;
        }
        const Override& override = overrides[static_cast<std::size_t>(-1 - error.mark.line)];
        error.message = "--set " + override.address + "=" + override.value + ": " + error.message;
        error.mark = {};
    }
}

}  // namespace stemwire::preset
