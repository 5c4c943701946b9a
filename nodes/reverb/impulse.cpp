// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/reverb/impulse.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "dsp/resampler.hpp"
#include "media/matroska.hpp"
#include "stemwire/units.hpp"

namespace stemwire::nodes {

namespace {

using Channels = std::vector<std::vector<float>>;

double peak_of(const Channels& channels)
{
    double peak = 0.0;
    for (const auto& channel : channels)
        for (const float sample : channel) peak = std::max(peak, std::abs(static_cast<double>(sample)));
    return peak;
}

/// As of what a node may put out: a resampler can add up what is larger to no number.
constexpr double loudest_sample = 1e10;

bool all_finite(const Channels& channels)
{
    return std::ranges::all_of(channels, [](const auto& channel) {
        return std::ranges::all_of(channel, [](float sample) { return std::isfinite(sample); });
    });
}

void scale(Channels& channels, double factor)
{
    for (auto& channel : channels)
        for (float& sample : channel) sample = static_cast<float>(sample * factor);
}

/// Frames up to the last one that reaches `level` in any channel.
std::size_t heard_frames(const Channels& channels, double level)
{
    std::size_t frames = 0;
    for (const auto& channel : channels)
        for (std::size_t frame = channel.size(); frame > frames; --frame)
            if (std::abs(static_cast<double>(channel[frame - 1])) >= level) frames = frame;
    return frames;
}

double loudest_energy(const Channels& channels)
{
    double loudest = 0.0;
    for (const auto& channel : channels) {
        double energy = 0.0;
        for (const float sample : channel) energy += static_cast<double>(sample) * sample;
        loudest = std::max(loudest, energy);
    }
    return loudest;
}

std::vector<float*> pointers_at(Channels& channels, std::size_t frame)
{
    std::vector<float*> pointers;
    for (auto& channel : channels) pointers.push_back(channel.data() + frame);
    return pointers;
}

/// What is shorter than half a frame of the new rate is one frame, with the same gain for all that the new rate can carry.
Channels one_frame(const Channels& input)
{
    Channels output;
    for (const auto& channel : input) output.push_back({static_cast<float>(std::accumulate(channel.begin(), channel.end(), 0.0))});
    return output;
}

/// A resampled signal keeps its height, so an impulse, which is a density over time, gets `from / to` to keep its gain.
Channels resample(Channels& input, double from_hz, double to_hz)
{
    dsp::Resampler resampler(from_hz, to_hz, input.size(), dsp::ResamplerQuality::best);
    const std::size_t frames = input.front().size();
    const auto length = static_cast<std::size_t>(resampler.output_length(frames));
    if (length == 0) return one_frame(input);
    Channels output(input.size(), std::vector<float>(length));
    std::size_t taken = 0;
    std::size_t made = 0;
    resampler.start(0, 0);
    while (made < length) {
        const auto in = pointers_at(input, taken);
        const auto out = pointers_at(output, made);
        const auto room = static_cast<std::uint32_t>(length - made);
        if (taken == frames) {
            made += resampler.drain(out, room);
            continue;
        }
        const std::vector<const float*> readable(in.begin(), in.end());
        const auto step = resampler.process(readable, static_cast<std::uint32_t>(frames - taken), out, room);
        taken += step.consumed;
        made += step.produced;
    }
    scale(output, from_hz / to_hz);
    return output;
}

}  // namespace

std::vector<ImpulsePath> impulse_paths(std::size_t impulse_channels, std::size_t node_channels, bool parallel)
{
    if (impulse_channels == 4 && node_channels == 2 && !parallel) return {{0, 0, 0}, {0, 1, 1}, {1, 0, 2}, {1, 1, 3}};
    const bool fits = parallel || impulse_channels == 1 || impulse_channels == node_channels;
    if (!fits || impulse_channels == 0) return {};
    std::vector<ImpulsePath> paths;
    for (std::size_t channel = 0; channel < node_channels; ++channel) paths.push_back({channel, channel, channel % impulse_channels});
    return paths;
}

Expected<media::AudioFile> read_impulse(const std::string& path)
{
    auto impulse = media::read_audio_file(path, {}, longest_impulse_s, most_impulse_samples);
    if (!impulse) return impulse;
    if (impulse->channels.empty() || impulse->channels.front().empty())
        return failure("is empty (an impulse response has at least one frame)");
    const std::size_t channels = impulse->channels.size();
    if (static_cast<double>(channels * impulse->channels.front().size()) / impulse->rate_hz > most_impulse_channel_seconds)
        return failure("is too long for " + std::to_string(channels) + " channels (30 s in up to 4, 15 s in 8)");
    if (!all_finite(impulse->channels)) return failure("has samples that are no numbers");
    const double peak = peak_of(impulse->channels);
    if (peak > loudest_sample) return failure("has samples above +200 dB");
    if (peak == 0.0) return failure("is silent, so nothing would be heard");
    return impulse;
}

Expected<media::AudioFile> read_impulse(const Settings& settings)
{
    const std::string& attachment = settings.text("attachment");
    if (attachment.empty()) return read_impulse(settings.text("impulse"));
    const auto file = media::AttachedFile::open(settings.text("impulse"), attachment);
    if (!file) return failure(file.error().message);
    return read_impulse(file->path());
}

media::AudioFile shape_impulse(media::AudioFile impulse, const ImpulseShape& shape)
{
    Channels& channels = impulse.channels;
    if (shape.trim_db > gain_off) {
        const std::size_t frames = heard_frames(channels, peak_of(channels) * decibels_to_linear(shape.trim_db));
        for (auto& channel : channels) channel.resize(frames);
    }
    if (impulse.rate_hz != shape.rate_hz) channels = resample(channels, impulse.rate_hz, shape.rate_hz);
    if (shape.normalize_energy)
        if (const double energy = loudest_energy(channels); energy > 0.0) scale(channels, 1.0 / std::sqrt(energy));
    impulse.rate_hz = shape.rate_hz;
    return impulse;
}

}  // namespace stemwire::nodes
