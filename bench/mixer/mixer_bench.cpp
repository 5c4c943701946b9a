// SPDX-License-Identifier: GPL-3.0-or-later
// Time of the mixer's kernels, per channel and frame, beside the fewest multiply-adds that the work needs and beside a plain loop.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <new>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/mixer/limit.hpp"
#include "bench/mixer/plain.hpp"
#include "bench/support/options.hpp"
#include "bench/support/timing.hpp"
#include "dsp/kernels/kernels.hpp"

namespace {

using namespace stemwire;
using bench::Contender;

constexpr std::size_t line_floats = 16;  // of the cache: 64 bytes

struct Shape {
    std::size_t channels;
    std::size_t outputs;
    std::uint32_t frames;
    [[nodiscard]] double sends() const { return static_cast<double>(channels * outputs * frames); }
};

/// Lines of samples that begin where vectors like them, and not all at the same place of the cache.
class Lines {
public:
    Lines(std::size_t count, std::uint32_t frames, float value)
        : stride_((frames + line_floats - 1) / line_floats * line_floats + line_floats), samples_(count * stride_ + line_floats, value)
    {
        void* begin = samples_.data();
        std::size_t space = samples_.size() * sizeof(float);
        first_ = static_cast<float*>(std::align(line_floats * sizeof(float), count * stride_ * sizeof(float), begin, space));
    }

    [[nodiscard]] float* operator[](std::size_t line) const { return first_ + line * stride_; }

private:
    std::size_t stride_;
    std::vector<float> samples_;
    float* first_;
};

/// A block that is mixed again and again.
struct Scene {
    explicit Scene(const Shape& wanted)
        : shape(wanted), inputs(shape.channels, shape.frames, 0.25f), outputs(shape.outputs, shape.frames, 0.0f), levels(shape.channels)
    {
    }

    Shape shape;
    Lines inputs;
    Lines outputs;
    std::vector<dsp::Level> levels;
};

dsp::GainLine gain_of(std::size_t channel, std::size_t output, bool ramps)
{
    const float gain = 0.5f + 0.01f * static_cast<float>(channel + 7 * output);
    return ramps ? dsp::GainLine{gain, 1e-5f, -1e6f} : dsp::GainLine{gain, 0.0f, 0.0f};
}

void mix_two(const dsp::Kernels& kernels, const std::vector<dsp::PairTerm>& terms, dsp::Level* levels, float* first, float* second,
             std::uint32_t frames)
{
    if (levels != nullptr) kernels.mix_pair_measured(terms.data(), terms.size(), levels, first, second, frames);
    else kernels.mix_pair(terms.data(), terms.size(), first, second, frames);
}

void mix_one(const dsp::Kernels& kernels, const std::vector<dsp::MixTerm>& terms, dsp::Level* levels, float* out, std::uint32_t frames)
{
    if (levels != nullptr) kernels.mix_measured(terms.data(), terms.size(), levels, out, frames);
    else kernels.mix(terms.data(), terms.size(), out, frames);
}

/// Our way: outputs in pairs, an odd one alone.
std::function<void()> ours(Scene& scene, const dsp::Kernels& kernels, bool ramps, bool meters)
{
    std::vector<std::vector<dsp::PairTerm>> pairs(scene.shape.outputs / 2);
    std::vector<dsp::MixTerm> last;
    for (std::size_t channel = 0; channel < scene.shape.channels; ++channel) {
        const float* samples = scene.inputs[channel];
        for (std::size_t pair = 0; pair < pairs.size(); ++pair)
            pairs[pair].push_back({samples, {gain_of(channel, 2 * pair, ramps), gain_of(channel, 2 * pair + 1, ramps)}});
        last.push_back({samples, gain_of(channel, scene.shape.outputs - 1, ramps)});
    }
    return [&scene, &kernels, meters, pairs, last] {
        const auto& [channels, outputs, frames] = scene.shape;
        dsp::Level* levels = meters ? scene.levels.data() : nullptr;
        for (std::size_t pair = 0; pair < pairs.size(); ++pair, levels = nullptr)
            mix_two(kernels, pairs[pair], levels, scene.outputs[2 * pair], scene.outputs[2 * pair + 1], frames);
        if (outputs % 2 == 1) mix_one(kernels, last, levels, scene.outputs[outputs - 1], frames);
    };
}

/// Channel after channel onto output after output.
std::function<void()> plain(Scene& scene, bool ramps, bool meters)
{
    return [&scene, ramps, meters] {
        const auto& [channels, outputs, frames] = scene.shape;
        for (std::size_t output = 0; output < outputs; ++output) std::fill_n(scene.outputs[output], frames, 0.0f);
        for (std::size_t channel = 0; channel < channels; ++channel) {
            if (meters) scene.levels[channel] = bench::plain_level(scene.inputs[channel], frames);
            for (std::size_t output = 0; output < outputs; ++output) {
                const dsp::GainLine gain = gain_of(channel, output, ramps);
                bench::plain_mix(scene.inputs[channel], scene.outputs[output], gain.target, gain.slope, frames);
            }
        }
    };
}

struct Case {
    const char* name;
    bool ramps;
    bool meters;
};
constexpr Case cases[]{{"constant", false, false}, {"ramps", true, false}, {"constant, meters", false, true}, {"ramps, meters", true, true}};

nlohmann::json measure(const Shape& shape, const dsp::Kernels& kernels)
{
    Scene scene(shape);
    const auto sends = static_cast<std::size_t>(shape.sends());
    std::vector<Contender> contenders{{"limit", [&kernels, sends] { bench::multiply_add_only(kernels.name, sends); }}};
    for (const Case& each : cases) {
        contenders.push_back({each.name, ours(scene, kernels, each.ramps, each.meters)});
        contenders.push_back({each.name, plain(scene, each.ramps, each.meters)});
    }
    bench::race(contenders);
    const double channel_frames = static_cast<double>(shape.channels) * shape.frames;
    const double limit_ns = contenders[0].best_ns;
    nlohmann::json rows = nlohmann::json::array();
    for (std::size_t i = 1; i + 1 < contenders.size(); i += 2) {
        const double ours_ns = contenders[i].best_ns;
        const double plain_ns = contenders[i + 1].best_ns;
        rows.push_back({{"case", contenders[i].name},
                        {"ns_per_channel_frame", ours_ns / channel_frames},
                        {"plain_ns_per_channel_frame", plain_ns / channel_frames},
                        {"of_limit", ours_ns / limit_ns},
                        {"of_plain", ours_ns / plain_ns}});
    }
    return {{"channels", shape.channels},
            {"outputs", shape.outputs},
            {"frames", shape.frames},
            {"instruction_set", kernels.name},
            {"limit_ns_per_channel_frame", limit_ns / channel_frames},
            {"rows", rows}};
}

void print(const nlohmann::json& result)
{
    std::printf("%zu channels to %zu outputs, %u frames, %s: limit %.4f ns per channel and frame\n",
                result["channels"].get<std::size_t>(), result["outputs"].get<std::size_t>(), result["frames"].get<unsigned>(), result["instruction_set"].get<std::string>().c_str(),
                result["limit_ns_per_channel_frame"].get<double>());
    for (const auto& row : result["rows"])
        std::printf("  %-18s %.4f ns  %5.2f of the limit  %5.2f of a plain loop\n", row["case"].get<std::string>().c_str(),
                    row["ns_per_channel_frame"].get<double>(), row["of_limit"].get<double>(), row["of_plain"].get<double>());
}

std::vector<Shape> shapes_of(const bench::Options& options)
{
    const Shape one{options.number("channels"), options.number("outputs"), static_cast<std::uint32_t>(options.number("frames"))};
    std::vector<Shape> shapes;
    if (options.text("sweep") == "channels")
        for (std::size_t channels = 2; channels <= 128; channels *= 2) shapes.push_back({channels, one.outputs, one.frames});
    else if (options.text("sweep") == "blocks")
        for (std::uint32_t frames = 32; frames <= 4096; frames *= 2) shapes.push_back({one.channels, one.outputs, frames});
    else shapes.push_back(one);
    return shapes;
}

}  // namespace

int main(int count, char** words)
{
    const bench::Options options(
        count, words,
        {{"channels", "32"}, {"outputs", "2"}, {"frames", "256"}, {"sweep", "none"}, {"isa", dsp::best_kernels().name}, {"json", ""}});
    nlohmann::json results = nlohmann::json::array();
    for (const dsp::Kernels* kernels : dsp::usable_kernels())
        if (options.text("isa") == kernels->name)
            for (const Shape& shape : shapes_of(options)) results.push_back(measure(shape, *kernels));
    if (options.flag("json")) std::printf("%s\n", results.dump(2).c_str());
    else for (const auto& result : results) print(result);
}
