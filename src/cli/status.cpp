// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>

#include "cli/command.hpp"
#include "cli/session_command.hpp"
#include "control/position.hpp"

namespace stemwire::cli {

namespace {

using control::Json;

std::string text(const Json& json, const char* key)
{
    return json[key].get<std::string>();
}

std::string transport_text(const Json& transport)
{
    std::string line = text(transport, "state") + " at " + control::format_position(transport["seconds"].get<double>());
    if (!transport["end_seconds"].is_null()) line += " of " + control::format_position(transport["end_seconds"].get<double>());
    if (const Json& loop = transport["loop"]; !loop.is_null())
        line += ", loop " + control::format_position(loop[0].get<double>()) + " … " + control::format_position(loop[1].get<double>());
    return line;
}

void print_head(const Json& status)
{
    const std::string server = text(status, "server");
    std::cout << text(status, "session") << ": " << transport_text(status["transport"]) << "\npreset  " << text(status, "preset") << "\nserver  "
              << (server.empty() ? "away" : server) << " (" << text(status, "backend") << "), " << status["rate"].get<double>() << " Hz, quantum " << status["quantum"]
              << "\nxruns   " << status["xruns"] << "\nmissing " << status["missing_frames"] << " frames\n";
}

void print_xruns(const Json& xruns)
{
    for (const Json& xrun : xruns)
        std::cout << "  xrun at " << control::format_position(xrun["timeline_seconds"].get<double>()) << ": " << xrun["missed_cycles"] << " cycles; longest at work was "
                  << text(xrun, "node") << " (" << xrun["node_us"].get<double>() << " of " << xrun["budget_us"].get<double>() << " µs)\n";
}

void print_nodes(const Json& nodes, double budget_us)
{
    std::cout << "\nnode              type       state    load: mean      worst   latency   buffer\n";
    for (const Json& node : nodes) {
        std::array<char, 160> line{};
        const double mean_us = node["load_mean_us"].get<double>();
        std::snprintf(line.data(), line.size(), "%-17s %-10s %-8s %6.1f us %3.0f%% %7.1f us %8u", text(node, "name").c_str(), text(node, "type").c_str(),
                      text(node, "state").c_str(), mean_us, budget_us > 0.0 ? 100.0 * mean_us / budget_us : 0.0, node["load_worst_us"].get<double>(),
                      node["latency_frames"].get<unsigned>());
        std::cout << line.data();
        if (node.contains("buffer_seconds")) {
            std::snprintf(line.data(), line.size(), " %6.2f s", node["buffer_seconds"].get<double>());
            std::cout << line.data();
        }
        if (node.contains("missing_frames") && node["missing_frames"] != 0) std::cout << ", " << node["missing_frames"] << " frames missing";
        std::cout << '\n';
    }
}

/// Links that are made are what everybody expects: they are counted, the others are named.
void print_links(const Json& links)
{
    const auto made = std::ranges::count_if(links, [](const Json& link) { return link["state"] == "made"; });
    std::cout << "\nlinks: " << made << " of " << links.size() << " made\n";
    for (const Json& link : links)
        if (link["state"] != "made") std::cout << "  " << text(link, "state") << ": " << text(link, "from") << " -> " << text(link, "to") << '\n';
}

}  // namespace

int status_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"status", "", 0, 0, "Says how a running session is: transport, nodes with their load, links, xruns.", {session_option, json_option}};
    const auto parsed = parse(usage, arguments);
    if (const int* exit = std::get_if<int>(&parsed)) return *exit;
    const Arguments& options = std::get<Arguments>(parsed);
    const auto answer = ask(usage, options, "status");
    if (const int* exit = std::get_if<int>(&answer)) return *exit;
    const Json& status = std::get<Json>(answer);
    if (options.has("json")) {
        std::cout << status.dump(2) << '\n';
        return exit_done;
    }
    const double rate_hz = status["rate"].get<double>();
    print_head(status);
    print_xruns(status["latest_xruns"]);
    print_nodes(status["nodes"], rate_hz > 0.0 ? 1e6 * status["quantum"].get<double>() / rate_hz : 0.0);
    print_links(status["links"]);
    return exit_done;
}

}  // namespace stemwire::cli
