// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/graph/cycles.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <map>

#include <nlohmann/json.hpp>

namespace stemwire::bench {

namespace {

struct Cycle {
    double begin_us = std::numeric_limits<double>::max();
    double end_us = 0;
    std::size_t nodes = 0;
};

/// The trace has one event a line; other events of long traces are many, and are not looked into.
std::map<std::int64_t, Cycle> read_cycles(const std::string& path)
{
    std::map<std::int64_t, Cycle> cycles;  // by clock
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.find("\"cat\":\"node\"") == std::string::npos) continue;
        if (line.ends_with(',')) line.pop_back();
        const auto event = nlohmann::json::parse(line);
        const double begin_us = event["ts"];
        Cycle& cycle = cycles[event["args"]["clock"].get<std::int64_t>()];
        cycle.begin_us = std::min(cycle.begin_us, begin_us);
        cycle.end_us = std::max(cycle.end_us, begin_us + event["dur"].get<double>());
        ++cycle.nodes;
    }
    return cycles;
}

}  // namespace

Cycles cycles_of_trace(const std::string& path, double seconds)
{
    const auto cycles = read_cycles(path);
    Cycles result;
    if (cycles.empty()) return result;
    const double from_us = std::prev(cycles.end())->second.end_us - 1e6 * seconds;
    for (const auto& [clock, cycle] : cycles) {
        if (cycle.begin_us < from_us) continue;
        const double us = cycle.end_us - cycle.begin_us;
        ++result.count;
        result.nodes = std::max(result.nodes, cycle.nodes);
        result.mean_us += us;
        result.worst_us = std::max(result.worst_us, us);
    }
    if (result.count > 0) result.mean_us /= static_cast<double>(result.count);
    return result;
}

}  // namespace stemwire::bench
