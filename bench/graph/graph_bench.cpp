// SPDX-License-Identifier: GPL-3.0-or-later
// What a node costs on the graph: `stemwire run` with many tracks in a PipeWire of our own, measured from outside, and beside it as many
// plain pw_filter nodes that do nothing, in the same server, where ours are not fused.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>
#include <pipewire/pipewire.h>

#include "bench/graph/cycles.hpp"
#include "bench/graph/material.hpp"
#include "bench/graph/observer.hpp"
#include "bench/graph/peer.hpp"
#include "bench/graph/process.hpp"
#include "bench/graph/shape.hpp"
#include "bench/support/options.hpp"
#include "host/pipewire/private_server.hpp"
#include "media/temporary_folder.hpp"
#include "session/cpu_latency.hpp"

namespace stemwire::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr double rate_hz = 48000;
constexpr double patience_s = 10;           // for a graph to come to life
constexpr double window_s = 0.25;           // in which costs are measured
constexpr double settle_s = 0.5;            // until what starting costs is over
constexpr double longest_trace_s = 5;       // of 256 nodes it has 400 MB
constexpr double longest_measured_s = 10;

struct Plan {
    Shape shape;
    std::uint32_t quantum;
    double seconds;
    std::string stemwire;
    std::string self;
    const host::PrivateServer& server;
    const std::filesystem::path& folder;
    bool processors_sleep;  ///< as deeply as the system lets them, in ours and in the peer

    [[nodiscard]] double cycles_per_second() const { return rate_hz / quantum; }
    [[nodiscard]] double measured_s() const { return std::min(seconds, longest_measured_s); }
    [[nodiscard]] std::vector<std::string> command(const std::string& preset) const
    {
        std::vector<std::string> words{stemwire, "run", preset};
        if (processors_sleep) words.insert(words.end(), {"--cpu-latency", "off"});
        return words;
    }
};

/// What a program on the graph cost while nobody looked into it.
struct Cost {
    double data_loop_us = 0;    ///< of the processor, for one cycle
    double cpu_percent = 0;     ///< of a core, the whole program
    double daemon_percent = 0;  ///< of a core, the server meanwhile
    double memory_mb = 0;
};

/// What a session says that it missed.
struct Said {
    std::size_t xruns = 0;
    std::size_t frames = 0;
};

void sleep_for(double seconds)
{
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

std::string said_by(const Plan& plan)
{
    return "quantum " + std::to_string(plan.quantum);
}

/// Until the program has said so, and a moment more.
void wait_until_running(Process& program, const std::string& log, const std::string& said)
{
    for (double waited_s = 0; waited_s < patience_s && program.alive(); waited_s += 0.05) {
        if (read_file(log).find(said) != std::string::npos) return sleep_for(settle_s);
        sleep_for(0.05);
    }
    throw std::runtime_error("the graph does not come to life:\n" + read_file(log));
}

double median(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

/// Medians over short windows, so that what else the machine does for a moment is left out.
Cost measure(const Plan& plan, const Process& program)
{
    using Clock = std::chrono::steady_clock;
    std::vector<double> data_loop_us;
    std::vector<double> cpu_percent;
    std::vector<double> daemon_percent;
    Usage before = usage_of(program.pid());
    Usage server_before = usage_of(plan.server.pid());
    auto begin = Clock::now();
    for (double waited_s = 0; waited_s < plan.measured_s(); waited_s += window_s) {
        sleep_for(window_s);
        const Usage after = usage_of(program.pid());
        const Usage server_after = usage_of(plan.server.pid());
        const auto now = Clock::now();
        const double passed_s = std::chrono::duration<double>(now - begin).count();
        data_loop_us.push_back(1e6 * (after.data_loop_s - before.data_loop_s) / passed_s / plan.cycles_per_second());
        cpu_percent.push_back(100.0 * (after.cpu_s - before.cpu_s) / passed_s);
        daemon_percent.push_back(100.0 * (server_after.cpu_s - server_before.cpu_s) / passed_s);
        before = after;
        server_before = server_after;
        begin = now;
    }
    return {median(data_loop_us), median(cpu_percent), median(daemon_percent), before.memory_mb};
}

/// When it ends, if it missed anything.
Said said_in(const std::string& log)
{
    Said said;
    const std::string text = read_file(log);
    const auto at = text.find("xruns: ");
    if (at != std::string::npos) std::sscanf(text.c_str() + at, "xruns: %zu, frames that were not decoded in time: %zu", &said.xruns, &said.frames);
    return said;
}

/// What the graph misses in the time that was asked for. Not while costs are measured: who observes wakes, and sends a data loop to the other processor.
Missed observe(const Plan& plan)
{
    const std::string log = (plan.folder / "observer").string();
    Process observer({plan.self, "--as-observer", "--quantum", std::to_string(plan.quantum)}, plan.server.remote(), log);
    wait_until_running(observer, log, "ready\n");
    kill(observer.pid(), SIGUSR1);
    sleep_for(plan.seconds);
    observer.stop();
    return observed(log);
}

Cycles measure_cycles(const Plan& plan, const std::string& preset)
{
    const std::string log = (plan.folder / "log").string();
    const std::string trace = (plan.folder / "trace.json").string();
    const double traced_s = std::min(plan.seconds, longest_trace_s);
    std::vector<std::string> command = plan.command(preset);
    command.insert(command.end(), {"--trace", trace});
    Process traced(command, plan.server.remote(), log);
    wait_until_running(traced, log, said_by(plan));
    sleep_for(traced_s);
    traced.stop();
    const Cycles cycles = cycles_of_trace(trace, traced_s);
    if (cycles.nodes != plan.shape.nodes()) throw std::runtime_error("only " + std::to_string(cycles.nodes) + " nodes ran");
    return cycles;
}

/// Observed for the time that was asked for, left alone for a while, and then, started anew, with a trace for the times of its cycles: what that writes keeps the machine busy for a while.
Json measure_ours(const Plan& plan, const std::string& preset)
{
    const std::string log = (plan.folder / "log").string();
    Process alone(plan.command(preset), plan.server.remote(), log);
    wait_until_running(alone, log, said_by(plan));
    const Missed missed = observe(plan);
    const Cost cost = measure(plan, alone);
    alone.stop();
    const Said said = said_in(log);
    const Cycles cycles = measure_cycles(plan, preset);

    const auto nodes = static_cast<double>(plan.shape.nodes());
    return {{"us_per_node_cycle", cost.data_loop_us / nodes},
            {"wall_us_per_node_cycle", cycles.mean_us / nodes},
            {"cpu_percent", cost.cpu_percent},
            {"data_loop_percent", cost.data_loop_us * plan.cycles_per_second() / 1e4},
            {"daemon_cpu_percent", cost.daemon_percent},
            {"mean_cycle_us", cycles.mean_us},
            {"worst_cycle_us", cycles.worst_us},
            {"budget_us", 1e6 / plan.cycles_per_second()},
            {"xruns", said.xruns},
            {"machine_xruns", missed.beside_stalls},
            {"unexplained_xruns", missed.unexplained},
            {"machine_late_us", missed.latest_us},
            {"missing_frames", said.frames},
            {"rss_mb", cost.memory_mb}};
}

Json measure_peer(const Plan& plan)
{
    const std::string log = (plan.folder / "peer").string();
    std::optional<session::CpuLatency> awake;  // as ours does for itself: nodes are compared here
    if (!plan.processors_sleep) awake.emplace(session::usual_cpu_latency());
    const Shape& shape = plan.shape;
    Process peer({plan.self, "--as-peer", "--shape", shape.kind == Shape::Kind::star ? "star" : "chain", "--tracks", std::to_string(shape.tracks),
                  "--length", std::to_string(shape.length)}, plan.server.remote(), log);
    wait_until_running(peer, log, "ready\n");
    const Missed missed = observe(plan);
    kill(peer.pid(), SIGUSR1);
    const Cost cost = measure(plan, peer);
    peer.stop();
    Cycles cycles;
    std::sscanf(read_file(log).c_str(), "ready\n%zu %lf %lf", &cycles.count, &cycles.mean_us, &cycles.worst_us);
    if (cycles.count == 0) throw std::runtime_error("the peer did not run:\n" + read_file(log));
    const auto nodes = static_cast<double>(shape.nodes());
    return {{"us_per_node_cycle", cost.data_loop_us / nodes},
            {"wall_us_per_node_cycle", cycles.mean_us / nodes},
            {"cpu_percent", cost.cpu_percent},
            {"daemon_cpu_percent", cost.daemon_percent},
            {"mean_cycle_us", cycles.mean_us},
            {"worst_cycle_us", cycles.worst_us},
            {"xruns", missed.beside_stalls + missed.unexplained},
            {"unexplained_xruns", missed.unexplained},
            {"rss_mb", cost.memory_mb}};
}

Json measure_all(const Plan& plan, const std::string& files, bool with_peer)
{
    const bool is_star = plan.shape.kind == Shape::Kind::star;
    Json json{{"shape", std::string(is_star ? "star" : "chain") + (plan.shape.fuse ? ", fused" : "")},
              {"tracks", is_star ? plan.shape.tracks : 1},
              {"nodes", plan.shape.nodes()},
              {"quantum", plan.quantum},
              {"seconds", plan.seconds}};
    json.update(measure_ours(plan, write_preset(plan.folder.string(), plan.shape, files, plan.quantum, plan.seconds + 2 * patience_s)));
    json["rss_mb_per_track"] = json["rss_mb"].get<double>() / json["tracks"].get<double>();
    if (!with_peer) return json;
    const Json peer = measure_peer(plan);
    for (const auto& [key, value] : peer.items()) json["peer_" + key] = value;
    json["ratio"] = json["us_per_node_cycle"].get<double>() / peer["us_per_node_cycle"].get<double>();
    return json;
}

Json run(const Options& options, const Shape& shape)
{
    const std::string self = std::filesystem::canonical("/proc/self/exe");
    const std::string beside = (std::filesystem::path(self).parent_path().parent_path() / "stemwire").string();
    const std::string stemwire = options.text("stemwire") == "beside" ? beside : options.text("stemwire");
    if (!std::filesystem::exists(stemwire)) throw std::runtime_error("no program " + stemwire + " (--stemwire PATH)");
    const auto quantum = static_cast<std::uint32_t>(options.number("quantum"));
    const auto server = host::PrivateServer::start({.rate_hz = rate_hz, .quantum = quantum});
    if (!server) throw std::runtime_error(server.error().message);
    const media::TemporaryFolder folder("graph-bench");
    if (folder.path().empty()) throw std::runtime_error("no temporary folder");
    return measure_all({shape, quantum, options.real("seconds"), stemwire, self, **server, folder.path(), options.flag("sleep")}, options.text("files"), !options.flag("no-peer") && !shape.fuse);
}

void print(const Json& json)
{
    for (const auto& [key, value] : json.items())
        if (value.is_number_float()) std::printf("%-28s %.3g\n", key.c_str(), value.get<double>());
        else std::printf("%-28s %s\n", key.c_str(), value.dump().c_str());
}

int main(int count, char** words)
{
    const Options options(count, words, {{"tracks", "8"}, {"quantum", "256"}, {"seconds", "5"}, {"shape", "star"}, {"length", "10"}, {"files", "flac"},
                                         {"stemwire", "beside"}, {"fuse", ""}, {"no-peer", ""}, {"sleep", ""}, {"as-peer", ""}, {"as-observer", ""}, {"json", ""}});
    const std::string& name = options.text("shape");
    if (name != "star" && name != "chain") options.refuse("shape", "star or chain");
    const Shape shape{.kind = name == "chain" ? Shape::Kind::chain : Shape::Kind::star, .tracks = options.number("tracks"),
                      .length = options.number("length"), .fuse = options.flag("fuse")};
    pw_init(nullptr, nullptr);
    if (options.flag("as-peer")) return run_peer(shape);
    if (options.flag("as-observer")) return run_observer(std::lround(1e9 * static_cast<double>(options.number("quantum")) / rate_hz));
    const Json json = run(options, shape);
    if (options.flag("json")) std::printf("%s\n", json.dump(2).c_str());
    else print(json);
    return 0;
}

}  // namespace
}  // namespace stemwire::bench

int main(int count, char** words)
{
    try {
        return stemwire::bench::main(count, words);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "graph: %s\n", error.what());
        return 1;
    }
}
