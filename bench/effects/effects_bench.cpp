// SPDX-License-Identifier: GPL-3.0-or-later
// What each unit of an effects node costs, and an equalizer with a compressor beside the same work done sample by sample.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/effects/scalar.hpp"
#include "bench/support/options.hpp"
#include "bench/support/timing.hpp"
#include "nodes/effects/effects.hpp"
#include "nodes/effects/parameters.hpp"
#include "rt/denormals.hpp"
#include "stemwire/thread_roles.hpp"

namespace {

using namespace stemwire;
using bench::Contender;

constexpr double rate_hz = 48000.0;
constexpr std::size_t blocks = 16;  // of signal that are played again and again

struct Shape {
    std::size_t channels;
    std::size_t bands;
    std::uint32_t frames;
};

struct NoHints final : PortHints {
    std::optional<ChannelLayout> linked(std::string_view) const override { return std::nullopt; }
};

/// `[channel][frame]`, music-like in that it is neither silent nor steady: noise that swells.
std::vector<std::vector<float>> make_signal(const Shape& shape, float amplitude)
{
    std::vector<std::vector<float>> signal(shape.channels, std::vector<float>(blocks * shape.frames));
    std::uint32_t seed = 1;
    for (auto& channel : signal)
        for (std::size_t i = 0; i < channel.size(); ++i) {
            seed = seed * 1664525u + 1013904223u;  // Numerical Recipes, 3rd edition, section 7.1
            const float swell = 0.6f + 0.4f * std::sin(6.2831853f * static_cast<float>(i) / static_cast<float>(channel.size()));
            channel[i] = amplitude * swell * (static_cast<float>(seed >> 8) * 0x1p-23f - 1.0f);
        }
    return signal;
}

dsp::BiquadCoefficients band_coefficients(std::size_t band)
{
    return dsp::design_biquad(dsp::FilterShape::peak, 100.0 * std::pow(2.0, static_cast<double>(band)), 3.0, 0.7, rate_hz);
}

void add_unit(Value& chain, const std::string& name, std::size_t bands)
{
    const auto table = nodes::effects_parameters();
    const auto units = std::ranges::find(table, "chain", &Parameter::name)->units;
    const Unit& kind = *std::ranges::find(units, name, &Unit::name);
    Settings unit(kind.parameters, kind.name);
    if (name == "gain") unit["gain"].number = -3.0;
    if (name == "eq")
        for (std::size_t band = 0; band < bands; ++band) {
            Settings settings(std::ranges::find(kind.parameters, "bands", &Parameter::name)->children);
            settings["frequency"].number = 100.0 * std::pow(2.0, static_cast<double>(band));
            settings["gain"].number = 3.0;
            unit["bands"].records.emplace_back(std::to_string(band + 1), settings);
        }
    chain.records.emplace_back(name, unit);
}

/// A node with these units, which goes on through a signal of its own.
std::function<void()> chain_of(const Shape& shape, std::initializer_list<const char*> units, float amplitude)
{
    Settings settings(nodes::effects_parameters());
    settings["chain"].given = true;
    for (const char* unit : units) add_unit(settings["chain"], unit, shape.bands);
    settings["channels"].layout = ChannelLayout::usual(shape.channels);
    Errors errors;
    const auto node = std::make_shared<nodes::Effects>(settings, nodes::effects_ports(settings, NoHints{}, errors));
    if (!node->prepare({.rate_hz = rate_hz})) std::abort();
    const auto out = std::make_shared<std::vector<std::vector<float>>>(shape.channels, std::vector<float>(shape.frames));
    return [node, out, frames = shape.frames, signal = make_signal(shape, amplitude), block = std::size_t{0}]() mutable {
        std::vector<const float*> inputs;
        std::vector<float*> outputs;
        for (const auto& channel : signal) inputs.push_back(channel.data() + block * frames);
        for (auto& channel : *out) outputs.push_back(channel.data());
        block = (block + 1) % blocks;
        const EnterAudioThread role;
        node->process({inputs, outputs, frames, TransportCycle{}});
    };
}

std::function<void()> scalar_chain(const Shape& shape)
{
    std::vector<dsp::BiquadCoefficients> bands;
    for (std::size_t band = 0; band < shape.bands; ++band) bands.push_back(band_coefficients(band));
    std::vector<bench::ScalarChannel> channels(shape.channels, bench::ScalarChannel(bands));
    return [channels, out = std::vector<float>(shape.frames), frames = shape.frames, signal = make_signal(shape, 0.5f),
            block = std::size_t{0}]() mutable {
        for (std::size_t channel = 0; channel < channels.size(); ++channel) {
            std::copy_n(signal[channel].data() + block * frames, frames, out.data());
            channels[channel].equalize(out.data(), frames);
            channels[channel].compress(out.data(), frames);
        }
        block = (block + 1) % blocks;
    };
}

nlohmann::json measure(const Shape& shape)
{
    std::vector<Contender> contenders{
        {"scalar eq + compressor", scalar_chain(shape)},
        {"eq + compressor", chain_of(shape, {"eq", "compressor"}, 0.5f)},
        {"eq", chain_of(shape, {"eq"}, 0.5f)},
        {"compressor", chain_of(shape, {"compressor"}, 0.5f)},
        {"gate", chain_of(shape, {"gate"}, 0.5f)},
        {"delay", chain_of(shape, {"delay"}, 0.5f)},
        {"gain", chain_of(shape, {"gain"}, 0.5f)},
        {"limiter, under its ceiling", chain_of(shape, {"limiter"}, 0.05f)},
        {"limiter, over its ceiling", chain_of(shape, {"limiter"}, 2.0f)},
        {"eq + compressor + limiter", chain_of(shape, {"eq", "compressor", "limiter"}, 0.5f)},
    };
    bench::race(contenders, 50);
    nlohmann::json rows = nlohmann::json::array();
    for (const Contender& contender : contenders)
        rows.push_back({{"chain", contender.name},
                        {"ns_per_block", contender.best_ns},
                        {"ns_per_channel_frame", contender.best_ns / static_cast<double>(shape.channels) / shape.frames},
                        {"share_of_a_core", contender.best_ns * 1e-9 * rate_hz / shape.frames},
                        {"of_scalar", contender.best_ns / contenders[0].best_ns}});
    return {{"channels", shape.channels}, {"bands", shape.bands}, {"frames", shape.frames}, {"rate_hz", rate_hz}, {"rows", rows}};
}

void print(const nlohmann::json& result)
{
    std::printf("%zu channels, %zu bands, %u frames, %.0f Hz\n", result["channels"].get<std::size_t>(), result["bands"].get<std::size_t>(),
                result["frames"].get<unsigned>(), rate_hz);
    for (const auto& row : result["rows"])
        std::printf("  %-28s %7.2f us a block  %6.2f ns per channel and frame  %6.3f %% of a core  %5.2f of the scalar chain\n",
                    row["chain"].get<std::string>().c_str(), row["ns_per_block"].get<double>() * 1e-3,
                    row["ns_per_channel_frame"].get<double>(), row["share_of_a_core"].get<double>() * 100.0,
                    row["of_scalar"].get<double>());
}

}  // namespace

int main(int count, char** words)
{
    const bench::Options options(count, words, {{"channels", "8"}, {"bands", "4"}, {"frames", "256"}, {"json", ""}});
    const rt::FlushDenormals flush;
    const auto result =
        measure({options.number("channels"), options.number("bands"), static_cast<std::uint32_t>(options.number("frames"))});
    if (options.flag("json")) std::printf("%s\n", result.dump(2).c_str());
    else print(result);
}
