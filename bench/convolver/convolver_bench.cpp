// SPDX-License-Identifier: GPL-3.0-or-later
// Processor time, worst call and error of our convolver beside zita-convolver and ffmpeg's afir, in one process, rounds of all taken in turn.
// For each call the best of all rounds counts, so that what else the machine does is left out.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <iterator>
#include <numeric>

#include <nlohmann/json.hpp>

#include "bench/convolver/contender.hpp"
#include "bench/support/options.hpp"
#include "rt/denormals.hpp"

namespace {

using namespace stemwire;
using namespace stemwire::bench;

constexpr std::uint32_t largest_block = 16384;  // what a render gives a reverb at a time
constexpr std::size_t warming_frames = 16384;  // calls before those that count, which find the caches full of others' data
constexpr std::size_t round_frames = 65536;    // as long as the longest partition
constexpr std::size_t checked_frames = 65536;  // after the impulse's length, in which every partition has acted

double cpu_ns()
{
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return 1e9 * static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec);
}

double now_ns()
{
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Takes the inputs block by block.
class Player {
public:
    Player(const std::vector<Signal>& in, std::uint32_t block) : in_(in), block_(block), out_(in.size(), Signal(block)), to_(in.size()), from_(in.size())
    {
        for (std::size_t channel = 0; channel < in.size(); ++channel) to_[channel] = out_[channel].data();
    }


    [[nodiscard]] std::size_t calls() const { return in_[0].size() / block_; }
    [[nodiscard]] const Signal& output() const { return out_[0]; }
    void call(const Contender& contender, std::size_t index)
    {
        for (std::size_t channel = 0; channel < in_.size(); ++channel) from_[channel] = in_[channel].data() + index * block_;
        contender.process(from_.data(), to_.data());
    }

private:
    const std::vector<Signal>& in_;
    std::uint32_t block_;
    std::vector<Signal> out_;
    std::vector<float*> to_;
    std::vector<const float*> from_;
};

void run_round(Contender& contender, Player& player, std::size_t warming)
{
    contender.call_ns.resize(player.calls() - warming, 1e300);
    contender.begin_round();
    for (std::size_t call = 0; call < warming; ++call) player.call(contender, call);
    const double begun = cpu_ns();
    for (double& best : contender.call_ns) {
        const double call_begun = now_ns();
        player.call(contender, warming + static_cast<std::size_t>(&best - contender.call_ns.data()));
        best = std::min(best, now_ns() - call_begun);
    }
    contender.best_cpu_ns = std::min(contender.best_cpu_ns, cpu_ns() - begun);
}

/// The largest difference from the exact output; full scale is 1.
double error_dbfs(const Contender& fresh, const Case& what, const std::vector<Signal>& in, const std::vector<double>& wanted)
{
    Player player(in, what.block);
    double worst = 0.0;
    for (std::size_t call = 0; call < player.calls(); ++call) {
        player.call(fresh, call);
        for (std::size_t i = 0; i < what.block; ++i)
            worst = std::max(worst, std::abs(static_cast<double>(player.output()[i]) - wanted[call * what.block + i]));
    }
    return 20.0 * std::log10(worst + 1e-30);
}

nlohmann::json result_of(const Contender& contender, const Case& what)
{
    const auto calls = static_cast<double>(contender.call_ns.size());
    const double path_frames = calls * what.block * static_cast<double>(what.paths);
    return {{"ns_per_frame_path", contender.best_cpu_ns / path_frames},
            {"mean_us", std::accumulate(contender.call_ns.begin(), contender.call_ns.end(), 0.0) / calls / 1e3},
            {"worst_us", *std::ranges::max_element(contender.call_ns) / 1e3}};
}

nlohmann::json measure(const Case& what, const Ours& ours, std::size_t rounds)
{
    const auto impulses = halls(what);
    const auto in = noises(what.channels(), warming_frames + round_frames);
    Player player(in, what.block);
    std::vector<Contender> contenders = zita_convolvers(what, impulses);
    contenders.push_back(our_convolver(what, impulses, ours));
    std::vector<Contender> afirs = afir_convolvers(what, impulses);
    for (std::size_t round = 0; round < rounds; ++round)
        for (auto* group : {&contenders, &afirs})
            for (Contender& contender : *group) run_round(contender, player, warming_frames / what.block);

    const auto long_in = noises(what.channels(), what.taps() + checked_frames);
    auto wanted = exact_output(what, impulses, long_in);
    nlohmann::json result{{"ir_seconds", what.impulse_seconds}, {"rate_hz", what.rate_hz}, {"block", what.block}, {"paths", what.paths},
                          {"isa", ours.kernels.name}, {"latency_quanta", ours.latency_quanta}, {"offline", ours.offline}};
    if (contenders.size() > 1) {
        const auto cheaper = [](const Contender& a, const Contender& b) { return a.best_cpu_ns < b.best_cpu_ns; };
        const auto best = std::min_element(contenders.begin(), std::prev(contenders.end()), cheaper);
        result["zita"] = result_of(*best, what);
        result["zita"]["settings"] = best->name;
        const auto fresh = zita_convolvers(what, impulses);
        result["zita"]["error_dbfs"] = error_dbfs(fresh[static_cast<std::size_t>(best - contenders.begin())], what, long_in, wanted);
        result["of_zita"] = contenders.back().best_cpu_ns / best->best_cpu_ns;
    }
    for (const Contender& afir : afirs) {
        result[afir.name] = result_of(afir, what);
        result["of_" + afir.name] = contenders.back().best_cpu_ns / afir.best_cpu_ns;
    }
    result.update(result_of(contenders.back(), what));
    wanted.insert(wanted.begin(), std::size_t{ours.latency_quanta} * what.block, 0.0);
    result["error_dbfs"] = error_dbfs(our_convolver(what, impulses, ours), what, long_in, wanted);
    return result;
}

void print(const nlohmann::json& result)
{
    const auto number = [](const nlohmann::json& from, const char* name) { return from[name].get<double>(); };
    std::printf("%g s at %g Hz, block %g, %g paths, %s: %.2f ns per frame and path, mean %.1f us, worst %.1f us, error %.1f dBFS",
                number(result, "ir_seconds"), number(result, "rate_hz"), number(result, "block"), number(result, "paths"),
                result["isa"].get<std::string>().c_str(), number(result, "ns_per_frame_path"), number(result, "mean_us"),
                number(result, "worst_us"), number(result, "error_dbfs"));
    if (result.contains("zita"))
        std::printf("; %s %.2f ns, worst %.1f us: ratio %.2f", result["zita"]["settings"].get<std::string>().c_str(),
                    number(result["zita"], "ns_per_frame_path"), number(result["zita"], "worst_us"), number(result, "of_zita"));
    for (const char* afir : {"afir", "afir minp"})
        if (result.contains(afir))
            std::printf("; %s %.2f ns, worst %.1f us: ratio %.2f", afir, number(result[afir], "ns_per_frame_path"), number(result[afir], "worst_us"),
                        number(result, (std::string("of_") + afir).c_str()));
    std::printf("\n");
}

std::vector<Case> cases_of(const Options& options)
{
    const Case one{options.real("ir"), options.real("rate"), static_cast<std::uint32_t>(options.number("block")), options.number("paths")};
    const std::string& sweep = options.text("sweep");
    std::vector<Case> cases;
    const auto add = [&](auto member, auto values) {
        for (const auto value : values) cases.emplace_back(one).*member = value;
    };
    if (sweep == "blocks")
        add(&Case::block, std::initializer_list<std::uint32_t>{32, 64, 100, 128, 192, 256, 441, 480, 512, 960, 1000, 1024, 2048, 4096});
    else if (sweep == "lengths") add(&Case::impulse_seconds, std::initializer_list<double>{0.05, 0.1, 0.2, 0.5, 1, 2, 4, 6, 10, 20, 30});
    else if (sweep == "rates") add(&Case::rate_hz, std::initializer_list<double>{44100, 48000, 96000, 192000});
    else if (sweep == "none") cases.push_back(one);
    else options.refuse("sweep", "blocks, lengths, rates or none");
    return cases;
}

const dsp::convolver::Kernels& kernels_of(const Options& options)
{
    for (const auto* kernels : dsp::convolver::usable_kernels())
        if (options.text("isa") == kernels->name) return *kernels;
    options.refuse("isa", "portable, avx2 or avx512, which this processor must have");
}

void check(const Options& options)
{
    const Case what{.impulse_seconds = 0, .rate_hz = 0, .block = 0, .paths = options.number("paths")};
    if (what.paths != 2 && (what.paths != what.channels() * what.channels() || what.paths < 1 || what.paths > 64)) options.refuse("paths", "1, 2, 4, 9, 16 … 64");
    if (options.number("block") > largest_block) options.refuse("block", "1 to 16384 frames");
    if (options.real("ir") > 30.0) options.refuse("ir", "up to 30 seconds");
    if (options.real("ir") * options.real("rate") < 1.0) options.refuse("ir", "at least one frame");
}

}  // namespace

int main(int count, char** words)
{
    const Options options(count, words, {{"ir", "2"}, {"rate", "48000"}, {"block", "256"}, {"paths", "2"}, {"rounds", "15"},
                                         {"isa", dsp::convolver::usable_kernels().back()->name}, {"latency", "zero"}, {"sweep", "none"},
                                         {"offline", ""}, {"json", ""}});
    check(options);
    const auto latency = options.text("latency") == "zero" ? 0u : static_cast<std::uint32_t>(options.number("latency"));
    const Ours ours{kernels_of(options), latency, options.flag("offline")};
    const rt::FlushDenormals flush;
    nlohmann::json results = nlohmann::json::array();
    for (const Case& what : cases_of(options)) {
        results.push_back(measure(what, ours, options.number("rounds")));
        if (!options.flag("json")) print(results.back());
    }
    if (!options.flag("json")) return 0;
    const bool alone = options.text("sweep") == "none";
    std::printf("%s\n", (alone ? results.front() : results).dump(2).c_str());
}
