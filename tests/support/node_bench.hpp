// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "rt/denormals.hpp"
#include "stemwire/node.hpp"
#include "tests/support/lambda_node.hpp"

/// Runs one node without any host.
namespace stemwire::test {

/// `[channel][frame]`
using Signals = std::vector<std::vector<float>>;

inline constexpr double bench_rate_hz = 48000.0;
inline constexpr std::uint32_t cuts[] = {1, 63, 64, 256, 1000, 4096};

/// Whether they are the same but for the rounding of gains while they move, which depends on where blocks begin: less than −130 dB of
/// full scale.
inline bool sound_the_same(const Signals& a, const Signals& b)
{
    constexpr float rounding = 3.16e-7f;
    const auto close = [](float left, float right) { return std::abs(left - right) <= rounding; };
    return std::ranges::equal(a, b, [&](const auto& left, const auto& right) { return std::ranges::equal(left, right, close); });
}

/// A live parameter set before this frame is processed.
struct Change {
    std::uint32_t at;
    std::string address;
    double value;
};

struct Run {
    std::uint32_t block = 256;
    std::vector<Change> changes{};   ///< in the order of time
    std::vector<std::pair<std::uint32_t, TransportSegment>>
        transport{};  ///< from this frame on, in the order of time; default: rolling from 0
    double rate_hz = bench_rate_hz;
};

/// Frames from `frame` to the next change, at most `frames`.
inline std::uint32_t until_change(const Run& run, std::uint32_t frame, std::uint32_t frames)
{
    for (const Change& change : run.changes)
        if (change.at > frame) frames = std::min(frames, change.at - frame);
    return frames;
}

inline TransportCycle cycle_at(const Run& run, std::uint32_t frame, std::uint32_t frames)
{
    TransportCycle cycle{.clock = frame};
    std::vector<std::pair<std::uint32_t, TransportSegment>> parts = run.transport;
    if (parts.empty()) parts.push_back({0, {.rolling = true, .epoch = 1}});
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::uint32_t from = std::max(frame, parts[i].first);
        const std::uint32_t to = i + 1 < parts.size() ? std::min(frame + frames, parts[i + 1].first) : frame + frames;
        if (from >= to) continue;
        TransportSegment segment = parts[i].second;
        segment.offset = from - frame;
        segment.frames = to - from;
        if (segment.rolling) segment.unrolled += from - parts[i].first;
        segment.timeline = segment.unrolled;
        cycle.segment[cycle.segment_count++] = segment;
    }
    return cycle;
}

/// Prepares the node and gives it `frames` frames in blocks (cut where a parameter changes).
inline Signals process(Node& node, const Signals& inputs, std::size_t outputs, std::uint32_t frames, const Run& run = {})
{
    EXPECT_TRUE(node.prepare({.rate_hz = run.rate_hz}));
    const rt::FlushDenormals flush;
    Signals result(outputs, std::vector<float>(frames, 9.0f));
    for (std::uint32_t frame = 0; frame < frames;) {
        for (const Change& change : run.changes)
            if (change.at == frame) node.live().find(change.address)->set(change.value);
        const std::uint32_t count = until_change(run, frame, std::min(run.block, frames - frame));
        std::vector<const float*> in;
        std::vector<float*> out;
        for (const auto& channel : inputs) in.push_back(channel.data() + frame);
        for (auto& channel : result) out.push_back(channel.data() + frame);
        const TransportCycle cycle = cycle_at(run, frame, count);
        node.process({in, out, count, cycle});
        frame += count;
    }
    return result;
}

inline std::vector<float> noise_channel(std::size_t frames, std::uint64_t seed = 0, float amplitude = 1.0f)
{
    std::vector<float> samples(frames);
    for (std::size_t i = 0; i < frames; ++i) samples[i] = amplitude * noise(i, seed);
    return samples;
}

inline std::vector<float> sine_channel(std::size_t frames, double frequency_hz, double amplitude, double phase = 0.0)
{
    std::vector<float> samples(frames);
    for (std::size_t i = 0; i < frames; ++i)
        samples[i] = static_cast<float>(amplitude * std::sin(2.0 * M_PI * frequency_hz / bench_rate_hz * static_cast<double>(i) + phase));
    return samples;
}

/// The row of this name.
inline const Parameter& row(std::span<const Parameter> table, std::string_view name)
{
    return *std::ranges::find(table, name, &Parameter::name);
}

/// Sets a number as a preset would.
inline void give(Settings& settings, std::string_view name, double number)
{
    settings[name].number = number;
    settings[name].given = true;
}

struct NoHints final : PortHints {
    std::optional<ChannelLayout> linked(std::string_view) const override { return std::nullopt; }
};

}  // namespace stemwire::test
