// SPDX-License-Identifier: GPL-3.0-or-later
// Time and quality of our resampler beside libswresample with good options: both convert the same signals, in rounds taken in turn, and
// the best round counts, so that what else the machine does is left out.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
}

#include <nlohmann/json.hpp>

#include "bench/support/options.hpp"
#include "dsp/resampler.hpp"
#include "dsp/resampler/kernels/kernels.hpp"
#include "dsp/resampler_filter.hpp"

namespace {

using namespace stemwire;

constexpr std::uint32_t piece = 1024;
constexpr std::size_t pieces = 20;

using Stereo = std::vector<std::vector<float>>;
using Clock = std::chrono::steady_clock;

struct Rates {
    int from;
    int to;
};

/// Takes a piece of input and returns how many frames it has made of it.
using Stream = std::function<std::size_t(const float* const (&in)[2], float* const (&out)[2])>;

struct Contender {
    std::string name;
    std::function<Stream()> start;
    double best_ns = 1e300;        ///< per output frame
    double best_start_ns = 1e300;
};

std::size_t most_output(Rates rates)
{
    return piece * static_cast<std::size_t>(rates.to) / static_cast<std::size_t>(rates.from) + piece;
}

Stream ours(Rates rates, dsp::ResamplerQuality quality)
{
    const auto resampler = std::make_shared<dsp::Resampler>(rates.from, rates.to, 2, quality);
    return [resampler, room = static_cast<std::uint32_t>(most_output(rates))](const float* const (&in)[2], float* const (&out)[2]) {
        return resampler->process(in, piece, out, room).produced;
    };
}

/// The inner loop alone, over the same rows, for each instruction set. What it is given to read is its own.
Stream kernel_alone(Rates rates, const dsp::resampler::Kernels& kernels)
{
    const auto filter = dsp::resampler_filter(rates.from, rates.to, dsp::ResamplerQuality::best);
    const std::vector<float> samples(2 * piece + 4 * filter->rows().span, 0.1f);
    return [filter, samples, &kernels, time = filter->time_of(0)](const float* const (&)[2], float* const (&out)[2]) mutable {
        const auto frames = static_cast<std::uint32_t>(filter->frames_within(time, piece));
        const float* in = samples.data() + filter->margin();
        kernels.two_channels({filter->rows(), filter->walk(time), {in, in + piece}, {out[0], out[1]}, frames});
        time = filter->later(time, frames);
        return std::size_t{frames};
    };
}

Stream swresample(Rates rates)
{
    SwrContext* context = nullptr;
    AVChannelLayout layout = AV_CHANNEL_LAYOUT_STEREO;
    swr_alloc_set_opts2(&context, &layout, AV_SAMPLE_FMT_FLTP, rates.to, &layout, AV_SAMPLE_FMT_FLTP, rates.from, 0, nullptr);
    av_opt_set_int(context, "filter_size", 128, 0);
    av_opt_set_double(context, "cutoff", 0.975, 0);
    av_opt_set(context, "filter_type", "kaiser", 0);
    av_opt_set_double(context, "kaiser_beta", 14, 0);
    av_opt_set_int(context, "exact_rational", 1, 0);
    if (swr_init(context) < 0) std::abort();
    const std::shared_ptr<SwrContext> owner(context, [](SwrContext* each) { swr_free(&each); });
    return [owner, room = static_cast<int>(most_output(rates))](const float* const (&in)[2], float* const (&out)[2]) {
        const std::uint8_t* from[2] = {reinterpret_cast<const std::uint8_t*>(in[0]), reinterpret_cast<const std::uint8_t*>(in[1])};
        std::uint8_t* to[2] = {reinterpret_cast<std::uint8_t*>(out[0]), reinterpret_cast<std::uint8_t*>(out[1])};
        const int made = swr_convert(owner.get(), to, room, from, piece);
        if (made < 0) std::abort();
        return static_cast<std::size_t>(made);
    };
}

/// All of a signal, in pieces; the last one is dropped where it is not whole.
Stereo convert(const Stream& stream, Rates rates, const Stereo& in)
{
    Stereo out(2);
    std::size_t done = 0;
    for (std::size_t at = 0; at + piece <= in[0].size(); at += piece) {
        for (auto& channel : out) channel.resize(done + most_output(rates));
        done += stream({&in[0][at], &in[1][at]}, {&out[0][done], &out[1][done]});
    }
    for (auto& channel : out) channel.resize(done);
    return out;
}

Stereo tones(double frequency, int rate_hz, std::size_t frames)
{
    Stereo signal(2, std::vector<float>(frames));
    for (std::size_t i = 0; i < frames; ++i) {
        const double angle = 2.0 * std::numbers::pi * frequency / rate_hz * static_cast<double>(i);
        signal[0][i] = static_cast<float>(0.5 * std::sin(angle));
        signal[1][i] = static_cast<float>(0.5 * std::cos(angle));
    }
    return signal;
}

struct Fit {
    double gain_db;
    double residue_db;  ///< peak of all that is not the tone, against the tone that went in
};

/// Least squares of a sine and a cosine over the middle half.
Fit fit(const std::vector<float>& out, double frequency, int rate_hz)
{
    double ss = 0, cc = 0, sc = 0, sy = 0, cy = 0;
    const auto angle = [&](std::size_t i) { return 2.0 * std::numbers::pi * frequency / rate_hz * static_cast<double>(i); };
    const std::size_t begin = out.size() / 4;
    const std::size_t end = out.size() * 3 / 4;
    for (std::size_t i = begin; i < end; ++i) {
        const double s = std::sin(angle(i));
        const double c = std::cos(angle(i));
        ss += s * s, cc += c * c, sc += s * c, sy += s * out[i], cy += c * out[i];
    }
    const double determinant = ss * cc - sc * sc;
    const double a = (sy * cc - cy * sc) / determinant;
    const double b = (cy * ss - sy * sc) / determinant;
    double worst = 0.0;
    for (std::size_t i = begin; i < end; ++i) worst = std::max(worst, std::abs(out[i] - a * std::sin(angle(i)) - b * std::cos(angle(i))));
    return {20.0 * std::log10(std::hypot(a, b) / 0.5), 20.0 * std::log10(worst / 0.5)};
}

void measure_time(Rates rates, std::vector<Contender>& contenders, std::size_t rounds)
{
    const Stereo in = tones(997.0, rates.from, pieces * piece);
    Stereo out(2, std::vector<float>(most_output(rates)));
    for (std::size_t round = 0; round < rounds; ++round) {
        for (Contender& contender : contenders) {
            const auto begin = Clock::now();
            const Stream stream = contender.start();
            const auto started = Clock::now();
            std::size_t frames = 0;
            for (std::size_t i = 0; i < pieces; ++i)
                frames += stream({&in[0][i * piece], &in[1][i * piece]}, {out[0].data(), out[1].data()});
            const auto end = Clock::now();
            contender.best_start_ns = std::min(contender.best_start_ns, std::chrono::duration<double, std::nano>(started - begin).count());
            contender.best_ns =
                std::min(contender.best_ns, std::chrono::duration<double, std::nano>(end - started).count() / static_cast<double>(frames));
        }
    }
}

/// The largest frequency that passes within ±0.1 dB, and the worst residue up to 20.4 kHz of 22.05 and up to half the lower rate.
nlohmann::json quality_of(Rates rates, const Contender& contender)
{
    double flat_hz = 0;
    double in_band_db = -300;
    double everywhere_db = -300;
    const double half = std::min(rates.from, rates.to) / 2.0;
    const double audible = half * 20'400.0 / 22'050.0;
    bool flat = true;
    for (double frequency = 0.02 * half; frequency < half; frequency += 0.0083 * half) {
        const Fit found = fit(convert(contender.start(), rates, tones(frequency, rates.from, static_cast<std::size_t>(rates.from) / 2))[0],
                              frequency, rates.to);
        flat = flat && std::abs(found.gain_db) < 0.1;
        if (flat) flat_hz = frequency;
        if (frequency < audible) in_band_db = std::max(in_band_db, found.residue_db);
        everywhere_db = std::max(everywhere_db, found.residue_db);
    }
    return {{"flat_hz", flat_hz}, {"residue_db_in_band", in_band_db}, {"residue_db_everywhere", everywhere_db}};
}

std::vector<Contender> contenders_of(Rates rates, bool kernels_too)
{
    std::vector<Contender> contenders{{"libswresample, 128 taps", [rates] { return swresample(rates); }}};
    const char* names[] = {"fast", "high", "best"};
    for (int i = 0; i < 3; ++i) contenders.push_back({names[i], [rates, i] { return ours(rates, static_cast<dsp::ResamplerQuality>(i)); }});
    for (const dsp::resampler::Kernels* kernels : dsp::resampler::usable_kernels())
        if (kernels_too)
            contenders.push_back(
                {std::string("best, kernel alone, ") + kernels->name, [rates, kernels] { return kernel_alone(rates, *kernels); }});
    return contenders;
}

nlohmann::json measure(Rates rates, const bench::Options& options)
{
    std::vector<Contender> contenders = contenders_of(rates, options.flag("kernels"));
    measure_time(rates, contenders, options.number("rounds"));
    nlohmann::json rows = nlohmann::json::array();
    for (std::size_t i = 0; i < contenders.size(); ++i) {
        const Contender& contender = contenders[i];
        rows.push_back({{"name", contender.name},
                        {"ns_per_output_frame", contender.best_ns},
                        {"times_as_fast", contenders[0].best_ns / contender.best_ns},
                        {"start_ms", contender.best_start_ns * 1e-6}});
        if (options.flag("quality") && i < 4) rows.back().update(quality_of(rates, contender));
    }
    return {{"from_hz", rates.from}, {"to_hz", rates.to}, {"channels", 2}, {"rows", rows}};
}

void print(const nlohmann::json& result)
{
    std::printf("%d -> %d Hz, stereo: ns per output frame, times as fast as libswresample, ms to start\n", result["from_hz"].get<int>(),
                result["to_hz"].get<int>());
    for (const auto& row : result["rows"]) {
        std::printf("  %-30s %7.2f  x%5.2f  %5.2f", row["name"].get<std::string>().c_str(), row["ns_per_output_frame"].get<double>(),
                    row["times_as_fast"].get<double>(), row["start_ms"].get<double>());
        if (row.contains("flat_hz"))
            std::printf("  flat to %5.1f kHz, residue %6.1f dB, to half the lower rate %6.1f dB", row["flat_hz"].get<double>() / 1000.0,
                        row["residue_db_in_band"].get<double>(), row["residue_db_everywhere"].get<double>());
        std::printf("\n");
    }
}

constexpr int common_rates[] = {8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000};
constexpr Rates odd_pairs[] = {{48000, 47999}, {47999, 48000}, {44100, 47998}, {44056, 48000}, {96000, 47999}, {47999, 96000}};

std::vector<Rates> pairs_of(const bench::Options& options)
{
    if (options.text("sweep") == "none") return {{static_cast<int>(options.number("from")), static_cast<int>(options.number("to"))}};
    std::vector<Rates> pairs;
    if (options.text("sweep") == "all")
        for (const int from : common_rates)
            for (const int to : common_rates)
                if (from != to) pairs.push_back({from, to});
    pairs.insert(pairs.end(), std::begin(odd_pairs), std::end(odd_pairs));
    return pairs;
}

}  // namespace

int main(int count, char** words)
{
    const bench::Options options(count, words,
                                 {{"from", "44100"}, {"to", "48000"}, {"sweep", "none"}, {"rounds", "30"}, {"kernels", ""}, {"quality", ""},
                                  {"json", ""}});
    nlohmann::json results = nlohmann::json::array();
    for (const Rates rates : pairs_of(options)) results.push_back(measure(rates, options));
    if (options.flag("json")) std::printf("%s\n", results.dump(2).c_str());
    else for (const auto& result : results) print(result);
}
