// SPDX-License-Identifier: GPL-3.0-or-later
// The small pieces by themselves, each with every instruction set that the processor has. items_per_second counts samples, bins or messages.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "dsp/biquad.hpp"
#include "dsp/convolver/aligned.hpp"
#include "dsp/convolver/kernels/kernels.hpp"
#include "dsp/convolver/transform.hpp"
#include "dsp/kernels/kernels.hpp"
#include "dsp/resampler/kernels/kernels.hpp"
#include "dsp/resampler_filter.hpp"
#include "dsp/true_peak.hpp"
#include "rt/denormals.hpp"
#include "rt/published.hpp"
#include "rt/spsc_queue.hpp"
#include "rt/trace.hpp"
#include "rt/trace_file.hpp"

namespace {

using namespace stemwire;
using dsp::convolver::AlignedFloats;

constexpr std::uint32_t frames = 256;
constexpr std::size_t channels = 8;

/// Something that is neither silent nor a denormal, at multiples of 64 bytes.
AlignedFloats samples(std::size_t count)
{
    AlignedFloats values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = 0.5f - static_cast<float>(i % 97) / 97.0f;
    return values;
}

void count_items(benchmark::State& state, std::size_t items)
{
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
}

void mix_pair(benchmark::State& state, const dsp::Kernels& kernels, float slope)
{
    const auto in = samples(channels * frames);
    AlignedFloats out(2 * frames);
    std::vector<dsp::PairTerm> terms;
    for (std::size_t channel = 0; channel < channels; ++channel)
        terms.push_back({in.data() + channel * frames, {{0.5f, slope, -1e6f}, {0.25f, slope, -1e6f}}});
    for (auto _ : state) {
        kernels.mix_pair(terms.data(), terms.size(), out.data(), out.data() + frames, frames);
        benchmark::ClobberMemory();
    }
    count_items(state, channels * frames);
}

void measure(benchmark::State& state, const dsp::Kernels& kernels)
{
    const auto in = samples(channels * frames);
    std::vector<dsp::MixTerm> terms;
    for (std::size_t channel = 0; channel < channels; ++channel) terms.push_back({in.data() + channel * frames, {0.5f, 0.0f, 0.0f}});
    std::array<dsp::Level, channels> levels;
    for (auto _ : state) {
        kernels.measure(terms.data(), terms.size(), levels.data(), frames);
        benchmark::ClobberMemory();
    }
    count_items(state, channels * frames);
}

/// Four bands; as many channels as the benchmark's argument says.
void biquads(benchmark::State& state, const dsp::Kernels& kernels)
{
    const rt::FlushDenormals flush;
    const auto count = static_cast<std::size_t>(state.range(0));
    auto signal = samples(count * frames);
    std::vector<float*> lines;
    for (std::size_t channel = 0; channel < count; ++channel) lines.push_back(signal.data() + channel * frames);
    const auto coefficients = dsp::design_biquad(dsp::FilterShape::allpass, 1000.0, 0.0, 0.7, 48000.0);  // stays as loud as it was
    std::vector<std::vector<dsp::BiquadState>> states(4, std::vector<dsp::BiquadState>(count));
    std::vector<dsp::FilterBand> bands;
    for (auto& band : states) bands.push_back({&coefficients, band.data()});
    for (auto _ : state) {
        kernels.filter(bands.data(), bands.size(), lines.data(), count, frames);
        benchmark::ClobberMemory();
    }
    count_items(state, count * frames);
}

void true_peak(benchmark::State& state, const dsp::Kernels& kernels)
{
    const auto in = samples(dsp::true_peak_taps + dsp::control_frames + dsp::true_peak_slack);
    std::array<float, dsp::control_frames> peaks{};
    float last = 0.0f;
    for (auto _ : state) {
        kernels.true_peaks(in.data() + dsp::true_peak_taps, dsp::true_peak_filter(), peaks.data(), dsp::control_frames, last);
        benchmark::ClobberMemory();
    }
    count_items(state, dsp::control_frames);
}

/// One tile of a spectrum over so many partitions.
void multiply_accumulate(benchmark::State& state, const dsp::convolver::Kernels& kernels)
{
    const auto partitions = static_cast<std::size_t>(state.range(0));
    const auto impulse = samples(partitions * dsp::convolver::tile_floats);
    const auto history = samples(partitions * dsp::convolver::tile_floats);
    AlignedFloats sum(dsp::convolver::tile_floats);
    for (auto _ : state) {
        kernels.multiply_accumulate(sum.data(), impulse.data(), {history.data(), partitions, history.data(), 0}, false);
        benchmark::ClobberMemory();
    }
    count_items(state, partitions * dsp::convolver::tile_bins);
}

void transform(benchmark::State& state, const dsp::convolver::Kernels& kernels)
{
    const auto size = static_cast<std::size_t>(state.range(0));
    const dsp::convolver::Transform transform(size, kernels);
    const auto block = samples(size);
    AlignedFloats work(2 * size);
    AlignedFloats spectrum(2 * size);
    for (auto _ : state) {
        for (std::size_t step = 0; step < transform.steps(); ++step)
            transform.forward(step, block.data(), block.data(), work.data(), spectrum.data(), dsp::convolver::tile_floats);
        benchmark::ClobberMemory();
    }
    count_items(state, size);
}

/// From the rate that the arguments say to the other, in stereo.
void resample(benchmark::State& state, const dsp::resampler::Kernels& kernels)
{
    const auto filter =
        dsp::resampler_filter(static_cast<double>(state.range(0)), static_cast<double>(state.range(1)), dsp::ResamplerQuality::best);
    const auto in = samples(2 * frames + 4 * filter->rows().span);
    AlignedFloats out(2 * 8 * frames);
    auto time = filter->time_of(0);
    std::size_t made = 0;
    for (auto _ : state) {
        const auto count = static_cast<std::uint32_t>(filter->frames_within(time, frames));
        const float* first = in.data() + filter->margin();
        kernels.two_channels({filter->rows(), filter->walk(time), {first, first + frames}, {out.data(), out.data() + 8 * frames}, count});
        time = filter->later(time, count);
        made += count;
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(made));
}

struct Message {
    std::uint64_t words[4];
};

void queue(benchmark::State& state)
{
    rt::SpscQueue<Message> queue(64);
    Message message{};
    for (auto _ : state) {
        benchmark::DoNotOptimize(queue.push(message));
        benchmark::DoNotOptimize(queue.pop(message));
    }
    count_items(state, 1);
}

void published(benchmark::State& state)
{
    rt::Published<Message> value;
    for (auto _ : state) {
        value.set({{1, 2, 3, 4}});
        benchmark::DoNotOptimize(value.try_get());
    }
    count_items(state, 1);
}

/// A marker's cost; with a file it is the ring's too, which overflows: what is lost costs as much as what is kept.
void trace_span(benchmark::State& state, bool traced)
{
    const auto file = traced ? rt::trace::TraceFile::open("/dev/null").value_or(nullptr) : nullptr;
    const rt::trace::Name name = rt::trace::name("bench", "span");
    for (auto _ : state) {
        const rt::trace::Span span(name);
        benchmark::ClobberMemory();
    }
    count_items(state, 1);
}

void add_benchmarks()
{
    for (const dsp::Kernels* kernels : dsp::usable_kernels()) {
        const std::string set = std::string("/") + kernels->name;
        benchmark::RegisterBenchmark(("mix_pair/constant" + set).c_str(), mix_pair, *kernels, 0.0f);
        benchmark::RegisterBenchmark(("mix_pair/ramps" + set).c_str(), mix_pair, *kernels, 1e-6f);
        benchmark::RegisterBenchmark(("measure" + set).c_str(), measure, *kernels);
        benchmark::RegisterBenchmark(("biquads" + set).c_str(), biquads, *kernels)->Arg(1)->Arg(2)->Arg(8);
        benchmark::RegisterBenchmark(("true_peak" + set).c_str(), true_peak, *kernels);
    }
    for (const dsp::convolver::Kernels* kernels : dsp::convolver::usable_kernels()) {
        const std::string set = std::string("/") + kernels->name;
        benchmark::RegisterBenchmark(("multiply_accumulate" + set).c_str(), multiply_accumulate, *kernels)->Arg(8)->Arg(64);
        benchmark::RegisterBenchmark(("transform" + set).c_str(), transform, *kernels)->Arg(256)->Arg(4096);
    }
    for (const dsp::resampler::Kernels* kernels : dsp::resampler::usable_kernels())
        benchmark::RegisterBenchmark((std::string("resample/") + kernels->name).c_str(), resample, *kernels)
            ->Args({44100, 48000})
            ->Args({16000, 11025})
            ->Args({44100, 47998});
    benchmark::RegisterBenchmark("spsc_queue", queue);
    benchmark::RegisterBenchmark("published", published);
    benchmark::RegisterBenchmark("trace_span/off", trace_span, false);
    benchmark::RegisterBenchmark("trace_span/on", trace_span, true);
}

}  // namespace

int main(int count, char** words)
{
    add_benchmarks();
    benchmark::Initialize(&count, words);
    if (benchmark::ReportUnrecognizedArguments(count, words)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
