// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/measure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "rt/denormals.hpp"

namespace stemwire::plot {

namespace {

constexpr std::uint32_t block_frames = 1024;
constexpr double impulse_height = 1e-6;   // −120 dBFS: 20 dB below the widest knee at the lowest threshold
constexpr double after_tail_s = 0.01;
constexpr double window_s = 0.1;
constexpr double periods = 100.0;         // in a window: 1 kHz
constexpr double branch_db = 0.1;
constexpr double rest_db = 0.02;
constexpr std::size_t patience = 12;
constexpr double bend_db = 0.05;
constexpr std::array test_levels_db{-84.0, -60.0, -30.0, 0.0, 12.0};
constexpr std::size_t test_windows = 3;

/// A steady sine at one level after the other, and what comes of it.
class SteadySine {
public:
    explicit SteadySine(Subject& subject) : subject_(subject), window_(seconds_to_frames(window_s, subject.rate_hz()))
    {
        set_level(0.0);
    }

    void set_level(double level_db)
    {
        for (std::size_t i = 0; i < window_.size(); ++i)
            window_[i] = static_cast<float>(decibels_to_linear(level_db) * std::sin(2.0 * std::numbers::pi * periods * static_cast<double>(i) / static_cast<double>(window_.size())));
    }

    /// Goes on by a window; the output's level over it.
    double next_db();

private:
    Subject& subject_;
    std::vector<float> window_;  ///< whole periods: it can be repeated
};

/// The peak of a sine that has the power of these samples, in dBFS.
double sine_level_db(std::span<const float> samples)
{
    double energy = 0.0;
    for (const float sample : samples) energy += static_cast<double>(sample) * sample;
    return linear_to_decibels(std::sqrt(2.0 * energy / static_cast<double>(samples.size())));
}

double SteadySine::next_db()
{
    return sine_level_db(subject_.process(window_).front());
}

/// The level at which the output stays.
double settled_db(SteadySine& sine, double slowest_s, const Subject& subject)
{
    const auto calm_windows = static_cast<std::size_t>(std::ceil(slowest_s / window_s)) + 1;
    // What still decays with the slowest time constant has so many windows' change before it.
    const double calm_db = rest_db / static_cast<double>(calm_windows);
    double level_db = sine.next_db();
    std::size_t calm = 0;
    for (std::size_t window = 0; window < patience * calm_windows && calm < calm_windows && !subject.interrupted(); ++window) {
        const double next_db = sine.next_db();
        calm = next_db == level_db || std::abs(next_db - level_db) <= calm_db ? calm + 1 : 0;
        level_db = next_db;
    }
    return level_db;
}

}  // namespace

Subject::Subject(Node& node, const Ports& ports, double rate_hz, const std::atomic<bool>& interrupted)
    : node_(node), rate_hz_(rate_hz), interrupted_(interrupted), inputs_(channel_count(ports.inputs)), outputs_(channel_count(ports.outputs))
{
}

Expected<void> Subject::prepare()
{
    clock_ = 0;
    return node_.prepare({.rate_hz = rate_hz_, .max_frames = block_frames, .offline = true, .quantum = block_frames});
}

const std::vector<std::vector<float>>& Subject::process(std::span<const float> input)
{
    const rt::FlushDenormals flush;
    for (auto& output : outputs_) output.assign(input.size(), 0.0f);
    for (std::size_t offset = 0; offset < input.size() && !interrupted_; offset += block_frames) process_block(input, offset);
    return outputs_;
}

void Subject::process_block(std::span<const float> input, std::size_t offset)
{
    const auto frames = static_cast<std::uint32_t>(std::min<std::size_t>(block_frames, input.size() - offset));
    const std::vector<const float*> in(inputs_, input.data() + offset);
    std::vector<float*> out;
    for (auto& output : outputs_) out.push_back(output.data() + offset);
    TransportCycle cycle{.clock = clock_, .segment_count = 1};
    cycle.segment[0] = {.frames = frames, .rolling = true, .epoch = 1, .unrolled = clock_, .timeline = clock_};
    node_.fill(frames);
    {
        const EnterAudioThread role;
        node_.process({in, out, frames, cycle});
    }
    clock_ += frames;
}

Expected<std::vector<std::vector<float>>> impulse_response(Subject& subject, double longest_s)
{
    if (auto prepared = subject.prepare(); !prepared) return tl::unexpected(prepared.error());
    const Frames longest = seconds_to_frames(longest_s, subject.rate_hz());
    const Frames heard = std::min(subject.node().tail(), longest) + subject.node().latency() + seconds_to_frames(after_tail_s, subject.rate_hz());
    std::vector<float> impulse(std::min(heard, longest));
    impulse.front() = static_cast<float>(impulse_height);
    auto response = subject.process(impulse);
    for (auto& output : response)
        for (float& sample : output) sample = static_cast<float>(sample / impulse_height);
    return response;
}

bool StaticCurve::has_two_branches() const noexcept
{
    for (std::size_t i = 0; i < rising.size(); ++i) {
        const double up = rising[i].output_db;
        const double down = falling[falling.size() - 1 - i].output_db;
        if (up != down && std::abs(up - down) > branch_db) return true;
    }
    return false;
}

Expected<StaticCurve> static_curve(Subject& subject, std::span<const double> levels_db, double slowest_s)
{
    if (auto prepared = subject.prepare(); !prepared) return tl::unexpected(prepared.error());
    SteadySine sine(subject);
    const double latency_s = static_cast<double>(subject.node().latency()) / subject.rate_hz();
    const auto measured = [&](double level_db) {
        sine.set_level(level_db);
        return LevelPoint{level_db, settled_db(sine, slowest_s + latency_s, subject)};
    };
    StaticCurve curve;
    for (const double level_db : levels_db) curve.rising.push_back(measured(level_db));
    for (auto level = levels_db.rbegin(); level != levels_db.rend(); ++level) curve.falling.push_back(measured(*level));
    return curve;
}

Expected<bool> depends_on_level(Subject& subject)
{
    std::vector<double> gains_db;
    for (const double level_db : test_levels_db) {
        // From the same beginning: what is linear is then the same even before it has settled.
        if (auto prepared = subject.prepare(); !prepared) return tl::unexpected(prepared.error());
        SteadySine sine(subject);
        sine.set_level(level_db);
        const auto late = static_cast<std::size_t>(subject.node().latency() / (window_s * subject.rate_hz()));
        for (std::size_t window = 1; window < test_windows + late; ++window) sine.next_db();
        gains_db.push_back(sine.next_db() - level_db);
    }
    const auto [least, most] = std::ranges::minmax(gains_db);
    return least != most && !(most - least <= bend_db);
}

}  // namespace stemwire::plot
