// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/settings_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include <unistd.h>

#include "preset/preset.hpp"

namespace stemwire::preset {

namespace {

std::vector<std::string_view> names_of(std::span<const Parameter> table, std::vector<std::string_view> names)
{
    for (const Parameter& row : table) names.push_back(row.name);
    return names;
}

/// What is wrong with a file that is to be read; empty where nothing is.
std::string unreadable(const std::filesystem::path& path)
{
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (std::filesystem::is_directory(status)) return "is a folder, not a file";
    if (status.type() == std::filesystem::file_type::not_found) return "does not exist (looked for " + path.string() + ")";
    if (!std::filesystem::status_known(status)) return "cannot be read: " + error.message();
    // A pipe would be waited for, and cannot be sought in.
    if (!std::filesystem::is_regular_file(status)) return "is no regular file";
    return access(path.c_str(), R_OK) == 0 ? "" : std::string("cannot be read: ") + std::strerror(errno);
}

bool is_whole_number(const std::string& text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

std::string unit_address(std::string_view kind, int number)
{
    return std::string(kind) + (number == 1 ? "" : "-" + std::to_string(number));
}

YamlNode as_record(const Parameter& row, const YamlNode& item)
{
    const Kind first = row.children.front().kind;
    if (item.what != YamlNode::What::scalar || (first != Kind::path && first != Kind::time)) return item;
    const bool behind = first == Kind::path && row.children.size() > 1 && is_whole_number(item.scalar);
    YamlNode record;
    record.what = YamlNode::What::map;
    record.mark = item.mark;
    record.entries.push_back({std::string(row.children[behind ? 1 : 0].name), item.mark, item});
    return record;
}

Settings SettingsReader::read(std::span<const Parameter> table, const YamlNode& node, const std::string& place, std::string_view unit,
                              const std::vector<std::string_view>& skip)
{
    Settings settings(table, unit, node.mark);
    if (report_.is_map(node, place)) read_entries(node, place, skip, settings);
    read_records(node, place, settings);
    return settings;
}

void SettingsReader::read_entries(const YamlNode& node, const std::string& place, const std::vector<std::string_view>& skip,
                                  Settings& settings)
{
    const std::span<const Parameter> table = settings.table();
    for (const YamlEntry& entry : node.entries) {
        if (std::ranges::find(skip, entry.key) != skip.end()) continue;
        const auto row = std::ranges::find(table, entry.key, &Parameter::name);
        if (row == table.end()) {
            report_.unknown(entry.mark, "key", entry.key, place, names_of(table, skip));
            continue;
        }
        Value& value = settings[row->name];
        value.given = true;
        value.mark = entry.value.mark;
        read_value(*row, entry.value, place, value);
    }
    for (const Parameter& row : table)
        if (row.required && !settings.given(row.name))
            report_.error(node.mark, place + " lacks '" + std::string(row.name) + "' (" + std::string(row.description) + ")");
}

/// After all else: what their rows are depends on it. Where those are not known, what says so is to blame.
void SettingsReader::read_records(const YamlNode& node, const std::string& place, Settings& settings)
{
    const YamlNode nothing;
    for (const Parameter& row : settings.table()) {
        if (row.kind != Kind::record) continue;
        const auto rows = row.rows_of(settings.text(row.rows_from));
        if (rows.empty()) continue;
        const YamlEntry* entry = node.find(row.name);
        Value& value = settings[row.name];
        value.given = true;
        value.records = {{"", read(rows, entry == nullptr ? nothing : entry->value, place + "." + std::string(row.name))}};
    }
}

bool SettingsReader::is_scalar(const Parameter& row, const YamlNode& node)
{
    if (node.what == YamlNode::What::scalar) return true;
    report_.error(node.mark, "'" + std::string(row.name) + "' must be a single value, not " + describe(node));
    return false;
}

void SettingsReader::read_value(const Parameter& row, const YamlNode& node, const std::string& place, Value& value)
{
    switch (row.kind) {
    case Kind::text:
        if (is_scalar(row, node)) value.text = node.scalar;
        break;
    case Kind::choice: read_choice(row, node, value); break;
    case Kind::path:
        if (is_scalar(row, node)) read_path(node, value);
        break;
    case Kind::new_file:
        if (is_scalar(row, node)) value.text = in_folder(node.scalar).string();
        if (node.scalar.empty()) report_.error(node.mark, "no file is named");
        break;
    case Kind::layout: read_layout(node, value.layout); break;
    case Kind::time_range: read_time_range(row, node, value); break;
    case Kind::layout_map:
    case Kind::gain_map:
    case Kind::record_map: read_named(row, node, place, value); break;
    case Kind::record_list: read_list(row, node, place, value); break;
    case Kind::chain: read_chain(row, node, place, value); break;
    case Kind::record: break;  // read_records
    default: read_number(row, node, value.number);
    }
}

void SettingsReader::read_number(const Parameter& row, const YamlNode& node, double& number)
{
    if (!is_scalar(row, node)) return;
    const auto parsed = parse_number(row, node.scalar, rate_hz_);
    if (parsed) number = *parsed;
    else report_.error(node.mark, std::string(row.name) + ": " + parsed.error().message);
}

void SettingsReader::read_choice(const Parameter& row, const YamlNode& node, Value& value)
{
    if (!is_scalar(row, node)) return;
    const std::vector<std::string_view> words(row.words.begin(), row.words.end());
    if (std::ranges::find(words, node.scalar) != words.end()) value.text = node.scalar;
    else {
        const auto near = nearest(node.scalar, words);
        report_.error(node.mark, std::string(row.name) + ": '" + node.scalar + "' is " + (words.size() == 1 ? "not " : "none of ") +
                                     list_of(words) + (near ? " (did you mean '" + std::string(*near) + "'?)" : ""));
    }
}

std::filesystem::path SettingsReader::in_folder(const std::string& name) const
{
    return (std::filesystem::path(folder_) / name).lexically_normal();
}

void SettingsReader::read_path(const YamlNode& node, Value& value)
{
    const std::filesystem::path path = in_folder(node.scalar);
    value.text = path.string();
    if (node.scalar.empty()) report_.error(node.mark, "no file is named");
    else if (const std::string wrong = unreadable(path); !wrong.empty())
        report_.error(node.mark, "the file '" + node.scalar + "' " + wrong);
}

void SettingsReader::read_layout(const YamlNode& node, ChannelLayout& layout)
{
    constexpr std::string_view expected = "a channel layout is mono, stereo, quad, 5.1, 7.1, or a list such as [FL, FR, LFE]";
    if (node.what == YamlNode::What::scalar) {
        if (const auto named = ChannelLayout::named(node.scalar)) layout = *named;
        else report_.error(node.mark, "'" + node.scalar + "' is no channel layout (" + std::string(expected) + ")");
        return;
    }
    std::vector<Position> positions;
    for (const YamlNode& item : node.items) {
        const auto position = parse_position(item.scalar);
        if (!position)
            report_.error(item.mark, describe(item) + " is no channel position (such as FL, FR, FC, LFE, SL, SR, RL, RR, MONO, AUX0)");
        else if (std::ranges::find(positions, *position) != positions.end())
            report_.error(item.mark, "the position " + item.scalar + " is there twice");
        else positions.push_back(*position);
    }
    if (node.items.empty()) report_.error(node.mark, std::string(expected) + ", not " + describe(node));
    layout = ChannelLayout(std::move(positions));
}

void SettingsReader::read_time_range(const Parameter& row, const YamlNode& node, Value& value)
{
    if (node.what != YamlNode::What::list || node.items.size() != 2) {
        report_.error(node.mark, "'" + std::string(row.name) + "' must be a list of two times, such as [8 s, 24 s]");
        return;
    }
    double from = 0.0;
    double to = 0.0;
    const std::size_t before = report_.error_count();
    read_number(row, node.items[0], from);
    read_number(row, node.items[1], to);
    if (report_.error_count() != before) return;
    if (from >= to)
        report_.error(node.mark,
                      std::string(row.name) + ": ends before it begins ([" + node.items[0].scalar + ", " + node.items[1].scalar + "])");
    value.numbers = {from, to};
}

void SettingsReader::read_named(const Parameter& row, const YamlNode& node, const std::string& place, Value& value)
{
    const std::string inside = place + "." + std::string(row.name);
    if (!report_.is_map(node, inside)) return;
    for (const YamlEntry& entry : node.entries) {
        if (const std::string wrong = wrong_name(entry.key); !wrong.empty()) report_.error(entry.mark, wrong);
        if (row.kind == Kind::record_map) value.records.emplace_back(entry.key, read(row.children, entry.value, inside + "." + entry.key));
        else if (row.kind == Kind::gain_map) read_number(row, entry.value, value.gains.emplace_back(entry.key, row.fallback).second);
        else read_layout(entry.value, value.layouts.emplace_back(entry.key, ChannelLayout()).second);
    }
}

void SettingsReader::read_list(const Parameter& row, const YamlNode& node, const std::string& place, Value& value)
{
    if (node.what != YamlNode::What::list) {
        report_.error(node.mark, "'" + std::string(row.name) + "' must be a list, not " + describe(node));
        return;
    }
    for (const YamlNode& item : node.items) {
        const std::string number = std::to_string(value.records.size() + 1);
        const YamlNode record = as_record(row, item);
        value.records.emplace_back(number, read(row.children, record, place + "." + std::string(row.name) + "." + number));
    }
}

void SettingsReader::read_chain(const Parameter& row, const YamlNode& node, const std::string& place, Value& value)
{
    if (node.what != YamlNode::What::list) {
        report_.error(node.mark, "'" + std::string(row.name) + "' must be a list of units, not " + describe(node));
        return;
    }
    std::vector<std::string_view> known;
    for (const Unit& unit : row.units) known.push_back(unit.name);
    std::map<std::string, int> count;
    const YamlNode nothing;
    for (const YamlNode& item : node.items) {
        const bool bare = item.what == YamlNode::What::scalar;
        if (!bare && item.entries.size() != 1) {
            report_.error(item.mark, "each unit of '" + std::string(row.name) +
                                         "' is one key and its parameters, such as { limiter: { ceiling: -1 dB } }");
            continue;
        }
        const std::string& name = bare ? item.scalar : item.entries[0].key;
        const auto unit = std::ranges::find(row.units, name, &Unit::name);
        if (unit == row.units.end()) {
            report_.unknown(bare ? item.mark : item.entries[0].mark, "unit", name, place + "." + std::string(row.name), known);
            continue;
        }
        const std::string address = unit_address(name, ++count[name]);
        YamlNode parameters = bare ? nothing : item.entries[0].value;
        if (parameters.what == YamlNode::What::null) parameters.mark = bare ? item.mark : item.entries[0].mark;
        value.records.emplace_back(address, read(unit->parameters, parameters, place + "." + address, unit->name));
    }
}

}  // namespace stemwire::preset
