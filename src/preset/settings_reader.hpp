// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "preset/report.hpp"
#include "preset/yaml_tree.hpp"
#include "stemwire/settings.hpp"

namespace stemwire::preset {

/// What the n-th unit of its kind (from 1) in a chain is called in addresses: `eq`, `eq-2`.
[[nodiscard]] std::string unit_address(std::string_view kind, int number);

/// An item of a list of records as its record. Of records that are mostly one file or one time, a bare value stands for that; a whole number, which
/// names no file, for what comes behind it.
[[nodiscard]] YamlNode as_record(const Parameter& row, const YamlNode& item);

/// Reads records by their tables: the only place where YAML becomes values.
class SettingsReader {
public:
    /// `folder`: absolute, what paths are relative to.
    SettingsReader(Report& report, std::string folder, double rate_hz) : report_(report), folder_(std::move(folder)), rate_hz_(rate_hz) {}

    /// `place` names the record in messages (`nodes.hall`); `skip` are keys that belong to the caller (`type`).
    [[nodiscard]] Settings read(std::span<const Parameter> table, const YamlNode& node, const std::string& place,
                                std::string_view unit = {}, const std::vector<std::string_view>& skip = {});

private:
    void read_entries(const YamlNode& node, const std::string& place, const std::vector<std::string_view>& skip, Settings& settings);
    void read_records(const YamlNode& node, const std::string& place, Settings& settings);
    void read_value(const Parameter& row, const YamlNode& node, const std::string& place, Value& value);
    void read_number(const Parameter& row, const YamlNode& node, double& number);
    void read_choice(const Parameter& row, const YamlNode& node, Value& value);
    void read_path(const YamlNode& node, Value& value);
    void read_layout(const YamlNode& node, ChannelLayout& layout);
    void read_time_range(const Parameter& row, const YamlNode& node, Value& value);
    void read_named(const Parameter& row, const YamlNode& node, const std::string& place, Value& value);
    void read_list(const Parameter& row, const YamlNode& node, const std::string& place, Value& value);
    void read_chain(const Parameter& row, const YamlNode& node, const std::string& place, Value& value);
    [[nodiscard]] std::filesystem::path in_folder(const std::string& name) const;
    [[nodiscard]] bool is_scalar(const Parameter& row, const YamlNode& node);

    Report& report_;
    std::string folder_;
    double rate_hz_;
};

}  // namespace stemwire::preset
