// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/measure.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "rt/denormals.hpp"

namespace stemwire::plot {

namespace {

constexpr std::uint32_t block_frames = 1024;
constexpr double impulse_height = 1e-6;   // −120 dBFS: 20 dB below the widest knee at the lowest threshold
constexpr double after_tail_s = 0.01;
constexpr double sine_hz = 1000.0;
constexpr double window_s = 0.1;          // 100 periods, and a whole number of frames at every usual rate
constexpr double least_difference_db = 0.1;

/// A sine that goes on where it left off.
class Sine {
public:
    explicit Sine(double rate_hz) : step_(2.0 * std::numbers::pi * sine_hz / rate_hz) {}

    void next(std::span<float> samples, double height)
    {
        for (float& sample : samples) {
            sample = static_cast<float>(height * std::sin(phase_));
            phase_ = std::remainder(phase_ + step_, 2.0 * std::numbers::pi);
        }
    }

private:
    double step_;
    double phase_ = 0.0;
};

/// The peak of a sine that has the power of these samples, in dBFS.
double sine_level_db(std::span<const float> samples)
{
    double energy = 0.0;
    for (const float sample : samples) energy += static_cast<double>(sample) * sample;
    return linear_to_decibels(std::sqrt(2.0 * energy / static_cast<double>(samples.size())));
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
    node_.process({in, out, frames, cycle});
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

double StaticCurve::bend_db() const noexcept
{
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    for (const auto* branch : {&rising, &falling})
        for (const LevelPoint& point : *branch) {
            least = std::min(least, point.output_db - point.input_db);
            most = std::max(most, point.output_db - point.input_db);
        }
    return most > least ? most - least : 0.0;
}

bool StaticCurve::has_two_branches() const noexcept
{
    for (std::size_t i = 0; i < rising.size(); ++i) {
        const double up = rising[i].output_db;
        const double down = falling[falling.size() - 1 - i].output_db;
        if (up != down && std::abs(up - down) > least_difference_db) return true;
    }
    return false;
}

Expected<StaticCurve> static_curve(Subject& subject, std::span<const double> levels_db, double settle_s)
{
    if (auto prepared = subject.prepare(); !prepared) return tl::unexpected(prepared.error());
    Sine sine(subject.rate_hz());
    std::vector<float> window(seconds_to_frames(window_s, subject.rate_hz()));
    const double latency_s = static_cast<double>(subject.node().latency()) / subject.rate_hz();
    const auto windows = static_cast<std::size_t>(std::ceil((settle_s + latency_s) / window_s));
    const auto measured = [&](double level_db) {
        for (std::size_t i = 0; i < windows && !subject.interrupted(); ++i) {
            sine.next(window, decibels_to_linear(level_db));
            subject.process(window);
        }
        sine.next(window, decibels_to_linear(level_db));
        return LevelPoint{level_db, sine_level_db(subject.process(window).front())};
    };
    StaticCurve curve;
    for (const double level_db : levels_db) curve.rising.push_back(measured(level_db));
    for (auto level = levels_db.rbegin(); level != levels_db.rend(); ++level) curve.falling.push_back(measured(*level));
    return curve;
}

}  // namespace stemwire::plot
