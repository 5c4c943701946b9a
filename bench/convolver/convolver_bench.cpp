// SPDX-License-Identifier: GPL-3.0-or-later
// Processor time and the worst call of our convolver beside zita-convolver, in one process, rounds of all taken in turn.
// For each call the best of all rounds counts, so that what else the machine does is left out.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <zita-convolver.h>

#include "dsp/convolver/convolver.hpp"
#include "rt/denormals.hpp"

namespace {

using namespace stemwire;

constexpr double rate_hz = 48000;
constexpr int rounds = 5;

struct Case {
    double impulse_seconds;
    std::uint32_t block;
    std::size_t paths;  ///< 2: stereo; 4: true stereo
};

std::vector<float> noise(std::size_t frames, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0f, 0.1f);
    std::vector<float> samples(frames);
    for (float& sample : samples) sample = normal(random);
    return samples;
}

/// Something that takes a block of two channels and gives one.
struct Contender {
    std::string name;
    std::function<void(const float* const* in, float* const* out)> process;
    double best_cpu_ns = 1e300;         ///< of one round
    std::vector<double> call_ns{};      ///< best of every call
};

std::vector<std::vector<float>> impulses_of(const Case& what)
{
    std::vector<std::vector<float>> impulses;
    for (std::size_t path = 0; path < what.paths; ++path)
        impulses.push_back(noise(static_cast<std::size_t>(what.impulse_seconds * rate_hz), static_cast<unsigned>(path)));
    return impulses;
}

Contender ours(const Case& what, const std::vector<std::vector<float>>& impulses, const dsp::convolver::Kernels* kernels)
{
    std::vector<dsp::ConvolverPath> paths;
    for (std::size_t i = 0; i < what.paths; ++i)
        paths.push_back(what.paths == 2 ? dsp::ConvolverPath{i, i, impulses[i]} : dsp::ConvolverPath{i / 2, i % 2, impulses[i]});
    const auto convolver = std::make_shared<dsp::Convolver>(2, 2, paths, dsp::ConvolverOptions{.quantum = what.block, .kernels = kernels});
    return {kernels->name, [convolver, block = what.block](const float* const* in, float* const* out) {
        convolver->process({in, 2}, {out, 2}, block);
    }};
}

Contender zita(const Case& what, std::vector<std::vector<float>> impulses, std::uint32_t largest_partition, std::uint32_t options)
{
    const auto convolver = std::make_shared<Convproc>();
    const auto frames = static_cast<std::uint32_t>(impulses[0].size());
    convolver->set_options(options);
    if (convolver->configure(2, 2, frames, what.block, std::max(64u, what.block), largest_partition, 0.0f) != 0) std::abort();
    for (std::uint32_t i = 0; i < what.paths; ++i) {
        const std::uint32_t input = what.paths == 2 ? i : i / 2;
        convolver->impdata_create(input, what.paths == 2 ? i : i % 2, 1, impulses[i].data(), 0, static_cast<int>(frames));
    }
    convolver->start_process(0, SCHED_OTHER);
    return {"zita " + std::to_string(largest_partition) + (options != 0 ? " vector" : ""),
            [convolver, block = what.block](const float* const* in, float* const* out) {
                for (std::uint32_t channel = 0; channel < 2; ++channel) std::copy_n(in[channel], block, convolver->inpdata(channel));
                convolver->process(true);
                for (std::uint32_t channel = 0; channel < 2; ++channel) std::copy_n(convolver->outdata(channel), block, out[channel]);
            }};
}

double process_cpu_ns()
{
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return 1e9 * static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec);
}

double now_ns()
{
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// One round: a whole number of the longest partitions. The first calls, which find the caches full of others' data, count for none.
void run_round(Contender& contender, const std::vector<std::vector<float>>& in, std::uint32_t block)
{
    const std::size_t calls = in[0].size() / block;
    std::vector<float> left(block), right(block);
    contender.call_ns.resize(calls, 1e300);
    float* const out[2] = {left.data(), right.data()};
    const auto run_call = [&](std::size_t call) {
        const float* const at[2] = {in[0].data() + call * block, in[1].data() + call * block};
        contender.process(at, out);
    };
    for (std::size_t call = 0; call < calls / 4; ++call) run_call(call);
    const double begun = process_cpu_ns();
    for (std::size_t call = 0; call < calls; ++call) {
        const double call_begun = now_ns();
        run_call(call);
        contender.call_ns[call] = std::min(contender.call_ns[call], now_ns() - call_begun);
    }
    contender.best_cpu_ns = std::min(contender.best_cpu_ns, process_cpu_ns() - begun);
}

void measure(const Case& what)
{
    const auto impulses = impulses_of(what);
    const std::vector<std::vector<float>> in{noise(65536, 100), noise(65536, 101)};
    std::vector<Contender> contenders;
    for (const std::uint32_t largest : {1024u, 4096u, 8192u})
        for (const std::uint32_t options : {0u, static_cast<std::uint32_t>(Convproc::OPT_VECTOR_MODE)})
            contenders.push_back(zita(what, impulses, largest, options));
    const std::size_t peers = contenders.size();
    for (const auto* kernels : dsp::convolver::usable_kernels()) contenders.push_back(ours(what, impulses, kernels));
    for (int round = 0; round < rounds; ++round)
        for (Contender& contender : contenders) run_round(contender, in, what.block);

    const auto best_peer = std::min_element(contenders.begin(), contenders.begin() + static_cast<std::ptrdiff_t>(peers),
                                            [](const Contender& a, const Contender& b) { return a.best_cpu_ns < b.best_cpu_ns; });
    const double per = static_cast<double>(in[0].size() * what.paths);
    std::printf("%zu paths, %g s, block %u: %s %.1f ns", what.paths, what.impulse_seconds, what.block,
                best_peer->name.c_str(), best_peer->best_cpu_ns / per);
    for (std::size_t i = peers; i < contenders.size(); ++i) {
        const Contender& contender = contenders[i];
        const double worst_ns = *std::ranges::max_element(contender.call_ns);
        const double mean_ns = contender.best_cpu_ns / static_cast<double>(contender.call_ns.size());
        std::printf("; %s %.1f ns = %.2f, worst %.1f us = %.1f x mean", contender.name.c_str(), contender.best_cpu_ns / per,
                    contender.best_cpu_ns / best_peer->best_cpu_ns, worst_ns / 1000, worst_ns / mean_ns);
    }
    std::printf("\n");
    std::fflush(stdout);
}

}  // namespace

int main()
{
    const rt::FlushDenormals flush;
    for (const std::size_t paths : {2u, 4u})
        for (const double seconds : {0.5, 2.0, 6.0})
            for (const std::uint32_t block : {64u, 128u, 256u, 1024u}) measure({seconds, block, paths});
}
