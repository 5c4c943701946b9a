// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <iostream>

#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/preset_argument.hpp"
#include "cli/terminal.hpp"
#include "session/instance.hpp"

namespace stemwire::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr double default_rate_hz = 48000.0;
constexpr std::uint32_t default_quantum = 256;

/// A link as people write it: `drums:output_FL -> mix:drums_FL`.
struct LinkText {
    std::string from;
    std::string to;
    bool feedback = false;
    bool unaligned = false;
};

std::vector<LinkText> links_of(const preset::Preset& preset, const graph::Alignment& alignment)
{
    std::vector<LinkText> links;
    const auto output = [&](std::uint32_t node, std::uint32_t port) { return preset.nodes[node].name + ":" + port_names(preset.nodes[node].ports.outputs)[port]; };
    const auto input = [&](std::uint32_t node, std::uint32_t port) { return preset.nodes[node].name + ":" + port_names(preset.nodes[node].ports.inputs)[port]; };
    for (std::uint32_t index = 0; index < preset.graph.wires.size(); ++index) {
        const graph::Wire& wire = preset.graph.wires[index];
        links.push_back({output(wire.from.node, wire.from.port), input(wire.to.node, wire.to.port), wire.feedback,
                         std::ranges::find(alignment.unaligned, index) != alignment.unaligned.end()});
    }
    for (const graph::OuterLink& link : preset.graph.outer_links) {
        const std::string external = preset.externals[link.external].name + (link.external_port.empty() ? "" : ":" + link.external_port);
        for (std::uint32_t channel = 0; channel < link.layout.size(); ++channel) {
            if (link.outward) links.push_back({output(link.node, link.first_port + channel), external});
            else links.push_back({external, input(link.node, link.first_port + channel)});
        }
    }
    return links;
}

Json json_of(const Errors& errors)
{
    Json list = Json::array();
    for (const Error& error : errors)
        list.push_back({{"file", error.file}, {"line", error.mark.line}, {"column", error.mark.column}, {"message", error.message}});
    return list;
}

Json json_of(const preset::Preset& preset, session::Instance& instance)
{
    Json json{{"name", preset.name}, {"rate", instance.rate_hz()}};
    json["nodes"] = Json::array();
    for (std::size_t index = 0; index < preset.nodes.size(); ++index) {
        const preset::NodeModel& node = preset.nodes[index];
        json["nodes"].push_back({{"name", node.name}, {"type", node.type->name}, {"inputs", port_names(node.ports.inputs)},
                                 {"outputs", port_names(node.ports.outputs)}, {"latency_frames", instance.graph().nodes[index].latency}});
    }
    json["links"] = Json::array();
    for (const LinkText& link : links_of(preset, instance.alignment()))
        json["links"].push_back({{"from", link.from}, {"to", link.to}, {"feedback", link.feedback}});
    json["externals"] = Json::array();
    for (std::size_t index = 0; index < preset.externals.size(); ++index)
        json["externals"].push_back({{"name", preset.externals[index].name}, {"latency_frames", instance.alignment().external_latency[index]}});
    return json;
}

std::string join(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text.empty() ? "-" : text;
}

void print_nodes(const preset::Preset& preset, session::Instance& instance)
{
    std::size_t widest = 0;
    for (const preset::NodeModel& node : preset.nodes) widest = std::max(widest, node.name.size());
    std::cout << "\nnodes\n";
    for (std::size_t index = 0; index < preset.nodes.size(); ++index) {
        const preset::NodeModel& node = preset.nodes[index];
        const std::uint32_t latency = instance.graph().nodes[index].latency;
        std::cout << "  " << node.name << std::string(widest + 2 - node.name.size(), ' ') << node.type->name << ": " << join(port_names(node.ports.inputs))
                  << " => " << join(port_names(node.ports.outputs));
        if (latency > 0) std::cout << ", latency " << latency << " frames";
        std::cout << '\n';
    }
}

void print_summary(const preset::Preset& preset, session::Instance& instance)
{
    const auto links = links_of(preset, instance.alignment());
    std::cout << preset.name << ": " << preset.nodes.size() << " nodes, " << links.size() << " links, " << instance.rate_hz() << " Hz\n";
    print_nodes(preset, instance);
    std::cout << "\nlinks\n";
    for (const LinkText& link : links) {
        std::cout << "  " << link.from << " -> " << link.to;
        if (link.feedback) std::cout << "   closes a loop: heard one quantum late";
        if (link.unaligned) std::cout << "   cannot be aligned with the parallel path: give it a node of its own";
        std::cout << '\n';
    }
    for (std::size_t index = 0; index < preset.externals.size(); ++index)
        if (const std::uint32_t latency = instance.alignment().external_latency[index]; latency > 0)
            std::cout << "\nlatency to " << preset.externals[index].name << ": " << latency << " frames (" << 1000.0 * latency / instance.rate_hz() << " ms)\n";
}

void print_verdict(const preset::Preset& preset, session::Instance& instance, const Errors& warnings, bool as_json)
{
    if (!as_json) {
        print_summary(preset, instance);
        return;
    }
    Json json{{"ok", true}};
    json.update(json_of(preset, instance));
    json["errors"] = Json::array();
    json["warnings"] = json_of(warnings);
    std::cout << json.dump(2) << '\n';
}

int refuse(const Errors& errors, const Errors& warnings, bool as_json)
{
    print_errors(errors);
    if (as_json) std::cout << Json{{"ok", false}, {"errors", json_of(errors)}, {"warnings", json_of(warnings)}}.dump(2) << '\n';
    return exit_bad_input;
}

}  // namespace

int check_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"check", "PRESET", 1, 1, "Says all that is wrong with a preset (status 3), or what it would do: nodes, ports, links, latencies.",
                      {set_option, memory_option, {"json", "", "print one JSON object"}}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    const bool as_json = options.has("json");
    const auto how = preset_options_of(usage, options);
    if (const int* status = std::get_if<int>(&how)) return *status;

    preset::Loaded loaded = std::get<PresetOptions>(how).load(options.positional().front());
    print_warnings(loaded.warnings);
    if (!loaded.preset) return refuse(loaded.errors, loaded.warnings, as_json);
    media::DecodePool decoders(0);
    auto instance = session::Instance::make(*loaded.preset, decoders);
    if (!instance) return refuse(instance.error(), loaded.warnings, as_json);
    if (const Errors errors = (*instance)->prepare({.rate_hz = loaded.preset->rate_hz.value_or(default_rate_hz), .offline = true, .quantum = loaded.preset->quantum.value_or(default_quantum)}); !errors.empty())
        return refuse(errors, loaded.warnings, as_json);
    print_verdict(*loaded.preset, **instance, loaded.warnings, as_json);
    return exit_done;
}

}  // namespace stemwire::cli
