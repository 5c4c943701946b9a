// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/overrides.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <tuple>

#include "preset/common_rows.hpp"
#include "preset/settings_reader.hpp"
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

/// A record inside of a row, and what it is called in addresses.
struct Inner {
    std::string name;
    std::span<const Parameter> table;
    YamlNode* record;
};

std::vector<Inner> units_in(const Parameter& row, YamlNode& chain)
{
    std::vector<Inner> units;
    std::map<std::string_view, int> count;
    for (YamlNode& item : chain.items) {
        if (item.what == YamlNode::What::scalar) {  // `- limiter` is `- limiter: {}`
            YamlNode nothing;
            nothing.mark = item.mark;
            item.what = YamlNode::What::map;
            item.entries.push_back({item.scalar, item.mark, std::move(nothing)});
        }
        if (item.entries.size() != 1) continue;
        const auto unit = std::ranges::find(row.units, item.entries[0].key, &Unit::name);
        if (unit != row.units.end())
            units.push_back({unit_address(unit->name, ++count[unit->name]), unit->parameters, &item.entries[0].value});
    }
    return units;
}

/// The rows of a record in this map.
std::span<const Parameter> rows_of(const Parameter& row, YamlNode& map)
{
    const YamlEntry* from = map.find(row.rows_from);
    return row.rows_of(from == nullptr ? std::string_view{} : std::string_view(from->value.scalar));
}

/// The records that stand in this row's value.
std::vector<Inner> records_in(const Parameter& row, YamlNode& value)
{
    std::vector<Inner> records;
    if (row.kind == Kind::record_map)
        for (YamlEntry& entry : value.entries) records.push_back({entry.key, row.children, &entry.value});
    if (row.kind == Kind::record_list)
        for (YamlNode& item : value.items) {
            item = as_record(row, item);
            records.push_back({std::to_string(records.size() + 1), row.children, &item});
        }
    return row.kind == Kind::chain ? units_in(row, value) : records;
}

/// Finds the place that one override names, making maps on the way where a preset left them out.
class Walk {
public:
    Walk(Report& report, std::vector<std::string> words, YamlNode value)
        : report_(report),
          words_(std::move(words)),
          value_(std::move(value))
    {
    }

    void start(YamlNode& nodes)
    {
        YamlEntry* entry = nodes.find(words_[0]);
        if (entry == nullptr) {
            std::vector<std::string_view> known;
            for (const YamlEntry& node : nodes.entries) known.push_back(node.key);
            report_.unknown(value_.mark, "node", words_[0], "", known);
            return;
        }
        const YamlEntry* type_name = entry->value.find("type");
        const NodeType* type = type_name == nullptr ? nullptr : find_node_type(type_name->value.scalar);
        if (words_.size() == 2 && std::ranges::find(common_keys(), words_[1]) != common_keys().end()) put(entry->value, words_[1]);
        else if (type != nullptr) record(type->parameters, entry->value, 1);  // without a type, the file's own error is enough
    }

private:
    YamlNode& child(YamlNode& map, std::string_view key) const
    {
        // What is no map stays what it is, so that the file's mistake is heard of.
        if (map.what == YamlNode::What::null) map.what = YamlNode::What::map;
        if (YamlEntry* entry = map.find(key)) return entry->value;
        map.entries.push_back({std::string(key), value_.mark, {}});
        map.entries.back().value.mark = value_.mark;
        return map.entries.back().value;
    }

    void put(YamlNode& map, std::string_view key) { child(map, key) = value_; }

    /// A name that is new to the map, such as a bus that a channel did not go to: if it is wrong, the override is to blame.
    void put_name(YamlNode& map, const std::string& name)
    {
        if (map.find(name) == nullptr) map.mark = value_.mark;
        put(map, name);
    }

    /// Goes on in a record with this table at word `at`. A parameter goes before a channel or unit of the same name.
    void record(std::span<const Parameter> table, YamlNode& map, std::size_t at)
    {
        if (at == words_.size()) return unknown(table, map, at);
        const auto row = std::ranges::find(table, words_[at], &Parameter::name);
        if (row != table.end() && at + 1 == words_.size()) return put(map, row->name);
        if (row != table.end() && row->kind == Kind::record) return record(rows_of(*row, map), child(map, row->name), at + 1);
        if (row != table.end() && !row->hidden_in_address) return inside(*row, child(map, row->name), at + 1);
        for (const Parameter& hidden : table)
            if (YamlEntry* entry = hidden.hidden_in_address ? map.find(hidden.name) : nullptr;
                entry != nullptr && enter(hidden, entry->value, at))
                return;
        unknown(table, map, at);
    }

    void inside(const Parameter& row, YamlNode& value, std::size_t at)
    {
        const bool names_values = row.kind == Kind::gain_map || row.kind == Kind::layout_map;
        if (names_values && at + 1 == words_.size()) put_name(value, words_[at]);
        else if (!enter(row, value, at)) refuse(at, names_of(row, value));
    }

    /// Enters the record that word `at` names; false where there is none.
    bool enter(const Parameter& row, YamlNode& value, std::size_t at)
    {
        for (Inner& inner : records_in(row, value)) {
            if (inner.name != words_[at]) continue;
            record(inner.table, *inner.record, at + 1);
            return true;
        }
        return false;
    }

    static std::vector<std::string> names_of(const Parameter& row, YamlNode& value)
    {
        std::vector<std::string> names;
        for (const Inner& inner : records_in(row, value)) names.push_back(inner.name);
        return names;
    }

    void unknown(std::span<const Parameter> table, YamlNode& map, std::size_t at)
    {
        std::vector<std::string> known;
        for (const Parameter& row : table) {
            if (!row.hidden_in_address) known.emplace_back(row.name);
            else if (YamlEntry* entry = map.find(row.name)) std::ranges::move(names_of(row, entry->value), std::back_inserter(known));
        }
        refuse(at, known);
    }

    /// The first `count` words of the address.
    [[nodiscard]] std::string address(std::size_t count) const
    {
        std::string text;
        for (std::size_t word = 0; word < count; ++word) text += (word == 0 ? "" : ".") + words_[word];
        return text;
    }

    /// Says that word `at` is none of what there is after the words before it.
    void refuse(std::size_t at, const std::vector<std::string>& known)
    {
        const std::vector<std::string_view> words(known.begin(), known.end());
        const auto near = at < words_.size() ? nearest(words_[at], words) : std::nullopt;
        std::string message = at < words_.size() ? "there is no '" + address(at + 1) + "'" : "'" + address(at) + "' is not one value";
        if (near) {
            words_[at] = *near;
            message += " (did you mean '" + address(words_.size()) + "'?)";
        } else if (!known.empty()) message += " ('" + address(at) + "' has " + list_of(words) + ")";
        report_.error(value_.mark, std::move(message));
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
    const auto same = [](const Error& a, const Error& b) { return a.mark == b.mark && a.message == b.message && a.file == b.file; };
    errors.erase(std::unique(errors.begin(), errors.end(), same), errors.end());
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
