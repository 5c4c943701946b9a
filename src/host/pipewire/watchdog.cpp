// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/watchdog.hpp"

#include <algorithm>

namespace stemwire::host {

namespace {

constexpr std::uint64_t millisecond = 1'000'000;  // ns
/// Longer than a late cycle ever takes, shorter than anybody waits: even the largest quantum at 44.1 kHz lasts 186 ms.
constexpr std::uint64_t patience_ns = 250 * millisecond;
constexpr std::uint64_t longest_patience_ns = 10'000 * millisecond;
/// After as much of running without a break, earlier attempts are forgotten.
constexpr std::uint64_t recovered_ns = 5'000 * millisecond;

std::uint64_t patience(int attempts)
{
    return std::min(patience_ns << std::min(attempts, 10), longest_patience_ns);
}

}  // namespace

Watchdog::Watchdog(const graph::Graph& graph)
{
    follow(graph, std::vector<std::optional<std::uint32_t>>(graph.nodes.size()));
}

void Watchdog::follow(const graph::Graph& graph, const std::vector<std::optional<std::uint32_t>>& before)
{
    std::vector<Pulse> pulses;
    for (const auto& index : before) pulses.push_back(index ? pulses_[*index] : Pulse{});
    pulses_ = std::move(pulses);
    feeders_.assign(graph.nodes.size(), {});
    for (const graph::Wire& wire : graph.wires)
        if (!wire.feedback) feeders_[wire.to.node].push_back(wire.from.node);
}

void Watchdog::feel(Pulse& pulse, const Beat& beat)
{
    if (beat.driver_ns == 0) {
        pulse.moved_ns = 0;
        pulse.runs = false;
        return;
    }
    if (beat.cycles != pulse.cycles) {
        if (!pulse.runs) pulse.began_ns = beat.driver_ns;
        pulse.runs = true;
        pulse.cycles = beat.cycles;
        pulse.moved_ns = beat.driver_ns;
        if (beat.driver_ns > pulse.began_ns + recovered_ns) pulse.attempts = 0;
    }
    if (pulse.moved_ns == 0 || beat.driver_ns < pulse.moved_ns) pulse.moved_ns = beat.driver_ns;
    if (beat.driver_ns - pulse.moved_ns > patience_ns) pulse.runs = false;
}

std::vector<std::uint32_t> Watchdog::check(const std::vector<Beat>& beats)
{
    for (std::size_t node = 0; node < pulses_.size(); ++node) feel(pulses_[node], beats[node]);
    std::vector<std::uint32_t> stalled;
    for (std::uint32_t node = 0; node < pulses_.size(); ++node) {
        const Pulse& pulse = pulses_[node];
        if (pulse.runs || pulse.moved_ns == 0 || beats[node].driver_ns - pulse.moved_ns <= patience(pulse.attempts)) continue;
        if (std::ranges::all_of(feeders_[node], [&](std::uint32_t feeder) { return pulses_[feeder].runs; })) stalled.push_back(node);
    }
    return stalled;
}

void Watchdog::restarted(std::uint32_t node)
{
    pulses_[node] = {.attempts = pulses_[node].attempts + 1};
}

void Watchdog::forgive()
{
    for (Pulse& pulse : pulses_) pulse.moved_ns = 0;
}

bool Watchdog::all_run() const noexcept
{
    return std::ranges::all_of(pulses_, &Pulse::runs);
}

}  // namespace stemwire::host
