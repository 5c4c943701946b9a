// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <cstdio>
#include <iostream>

#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "control/parameter_text.hpp"
#include "preset/preset.hpp"
#include "stemwire/node.hpp"

namespace stemwire::cli {

namespace {

using Json = nlohmann::ordered_json;
using control::default_text;
using control::kind_name;
using control::range_text;
using control::unit_name;

void print_rows(std::span<const Parameter> rows, const std::string& indent)
{
    for (const Parameter& row : rows) {
        const std::string name = indent + std::string(row.name);
        std::string facts(kind_name(row.kind));
        if (const std::string range = range_text(row); !range.empty()) facts += ", " + range;
        if (const std::string fallback = default_text(row); !fallback.empty()) facts += row.required ? ", required" : ", default " + fallback;
        if (row.live) facts += ", live";
        std::cout << name << std::string(name.size() < 22 ? 22 - name.size() : 1, ' ') << row.description << " [" << facts << "]\n";
        print_rows(row.children, indent + "  ");
        for (const Unit& unit : row.units) {
            std::cout << indent << "  " << unit.name << ": " << unit.description << '\n';
            print_rows(unit.parameters, indent + "    ");
        }
    }
}

Json json_rows(std::span<const Parameter> rows);

Json json_row(const Parameter& row)
{
    Json json{{"name", row.name}, {"kind", kind_name(row.kind)}, {"unit", unit_name(row.kind)}, {"description", row.description},
              {"required", row.required}, {"live", row.live}};
    if (std::isfinite(row.minimum)) json["minimum"] = row.minimum;
    if (std::isfinite(row.maximum)) json["maximum"] = row.maximum;
    if (!row.required) json["default"] = default_text(row);
    for (const std::string_view word : row.words) json["words"].push_back(word);
    for (const NamedValue& named : row.named) json["named"].push_back(named.word);
    if (!row.children.empty()) json["parameters"] = json_rows(row.children);
    for (const Unit& unit : row.units) json["units"].push_back({{"name", unit.name}, {"description", unit.description}, {"parameters", json_rows(unit.parameters)}});
    return json;
}

Json json_rows(std::span<const Parameter> rows)
{
    Json json = Json::array();
    for (const Parameter& row : rows) json.push_back(json_row(row));
    return json;
}

Json json_type(const NodeType& type)
{
    return {{"type", type.name}, {"description", type.description}, {"ports", type.ports_text}, {"parameters", json_rows(type.parameters)}};
}

void print_type(const NodeType& type)
{
    std::cout << type.name << ": " << type.description << "\nports: " << type.ports_text << "\n\n";
    print_rows(type.parameters, "");
}

void markdown_rows(std::span<const Parameter> rows, const std::string& prefix)
{
    for (const Parameter& row : rows) {
        std::cout << "| `" << prefix << row.name << "` | " << kind_name(row.kind) << " | " << range_text(row) << " | " << default_text(row) << " | "
                  << (row.live ? "yes" : "no") << " | " << row.description << " |\n";
        markdown_rows(row.children, prefix + std::string(row.name) + ".");
        for (const Unit& unit : row.units) markdown_rows(unit.parameters, prefix + std::string(unit.name) + ".");
    }
}

void print_markdown(const NodeType& type)
{
    std::cout << "# `" << type.name << "`\n\n" << type.description << ". Ports: " << type.ports_text
              << ".\n\n| parameter | kind | range | default | live | what it is |\n|---|---|---|---|---|---|\n";
    markdown_rows(type.parameters, "");
}

int list_types(bool json)
{
    Json all = Json::array();
    for (const NodeType* type : node_types()) {
        if (json) all.push_back(json_type(*type));
        else std::cout << type->name << std::string(12 - type->name.size(), ' ') << type->description << '\n';
    }
    if (json) std::cout << Json{{"types", all}}.dump(2) << '\n';
    return exit_done;
}

}  // namespace

int nodes_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"nodes", "[TYPE]", 0, 1, "Lists the node types, or one type's ports and parameters with unit, range and default.",
                      {{"json", "", "print one JSON object"}, {"markdown", "", "print a page of the reference"}}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    if (options.positional().empty()) return list_types(options.has("json"));
    const std::string& name = options.positional().front();
    const NodeType* type = find_node_type(name);
    if (type == nullptr) {
        std::vector<std::string_view> known;
        for (const NodeType* each : node_types()) known.push_back(each->name);
        const auto near = preset::nearest(name, known);
        return wrong_usage(usage.command, "unknown node type '" + name + "'" + (near ? " (did you mean '" + std::string(*near) + "'?)" : ""));
    }
    if (options.has("json")) std::cout << json_type(*type).dump(2) << '\n';
    else if (options.has("markdown")) print_markdown(*type);
    else print_type(*type);
    return exit_done;
}

}  // namespace stemwire::cli
