// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/echo.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "dsp/control.hpp"
#include "tests/support/lambda_node.hpp"

namespace stemwire::dsp {
namespace {

constexpr double rate_hz = 48000.0;

void run(Echo& echo, std::vector<float>& samples, std::size_t from, std::size_t to)
{
    for (std::size_t frame = from; frame < to; frame += control_frames) {
        float* piece = samples.data() + frame;
        echo.process({&piece, 1}, static_cast<std::uint32_t>(std::min<std::size_t>(control_frames, to - frame)), true);
    }
}

std::vector<float> noise(std::size_t frames)
{
    std::vector<float> samples(frames);
    for (std::size_t i = 0; i < frames; ++i) samples[i] = test::noise(i);
    return samples;
}

TEST(Echo, is_the_recursion_it_says)
{
    for (const std::size_t delay : {1u, 7u, 32u, 1000u}) {
        const auto in = noise(8000);
        auto out = in;
        Echo echo;
        echo.prepare(rate_hz, 1, 0.5, {.time_s = static_cast<double>(delay) / rate_hz, .feedback = 0.6, .mix = 0.3});
        run(echo, out, 0, out.size());
        std::vector<double> line(in.size());
        for (std::size_t i = 0; i < in.size(); ++i) {
            const double tap = i < delay ? 0.0 : line[i - delay];
            line[i] = in[i] + 0.6 * tap;
            ASSERT_NEAR(out[i], 0.7 * in[i] + 0.3 * tap, 2e-6) << delay << ' ' << i;
        }
    }
}

TEST(Echo, a_change_of_time_fades_from_tap_to_tap_over_50_ms)
{
    const auto in = noise(16'000);
    auto out = in;
    Echo echo;
    echo.prepare(rate_hz, 1, 0.5, {.time_s = 0.010, .feedback = 0.0, .mix = 1.0});
    run(echo, out, 0, 6400);
    echo.set({.time_s = 0.030, .feedback = 0.0, .mix = 1.0});
    run(echo, out, 6400, out.size());
    for (std::size_t i = 1500; i < in.size(); ++i) {
        const double faded = i < 6400 ? 0.0 : std::min(1.0, static_cast<double>(i - 6400) / 2400.0);
        ASSERT_NEAR(out[i], (1.0 - faded) * in[i - 480] + faded * in[i - 1440], 1e-6) << i;
    }
}

TEST(Echo, is_100_dB_down_when_its_tail_is_over_and_not_long_before)
{
    const Echo::Controls controls{.time_s = 0.010, .feedback = 0.7, .mix = 1.0};
    std::vector<float> samples(48'000, 0.0f);
    samples[0] = 1.0f;
    Echo echo;
    echo.prepare(rate_hz, 1, 0.5, controls);
    run(echo, samples, 0, samples.size());
    const auto tail = static_cast<std::ptrdiff_t>(echo_tail(controls, rate_hz));
    const auto loudest = [&](std::ptrdiff_t from) { return *std::max_element(samples.begin() + from, samples.end()); };
    EXPECT_LE(loudest(tail + 1), 1e-5f);
    EXPECT_GT(loudest(tail - 480), 1e-5f / 0.7f * 0.7f * 0.7f);
}

TEST(Echo, forgets_what_it_held_when_it_settles)
{
    auto samples = noise(9600);
    Echo echo;
    echo.prepare(rate_hz, 1, 0.5, {.time_s = 0.05, .feedback = 0.5, .mix = 0.5});
    run(echo, samples, 0, samples.size());
    echo.settle();
    std::vector<float> silence(9600, 0.0f);
    run(echo, silence, 0, silence.size());
    EXPECT_EQ(silence, std::vector<float>(9600, 0.0f));
}

/// What holds from a frame on, which is a control step.
struct Change {
    std::size_t at;
    Echo::Controls controls;
};

/// By its definition, in double precision. Feedback and mix go to new values in a straight line over 20 ms; a fade between two times takes 50 ms, and the
/// next one waits for its end.
std::vector<double> echoes_by_definition(const std::vector<float>& in, const std::vector<Change>& changes, double rate)
{
    const auto frames_of = [&](const Echo::Controls& controls) { return static_cast<std::size_t>(std::lround(controls.time_s * rate)); };
    const double ramp = 0.020 * rate;
    const double fade = 0.050 * rate;
    std::vector<double> line(in.size());
    std::vector<double> out(in.size());
    std::size_t now = 0, delay = frames_of(changes[0].controls), old_delay = delay, fade_begun = 0;
    double feedback = changes[0].controls.feedback, mix = changes[0].controls.mix, feedback_step = 0.0, mix_step = 0.0;
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (now + 1 < changes.size() && changes[now + 1].at == i) {
            ++now;
            feedback_step = (changes[now].controls.feedback - feedback) / ramp;
            mix_step = (changes[now].controls.mix - mix) / ramp;
        }
        const bool fades = delay != old_delay && static_cast<double>(i - fade_begun) < fade;
        if (i % control_frames == 0 && !fades && delay != frames_of(changes[now].controls)) {
            old_delay = delay;
            delay = frames_of(changes[now].controls);
            fade_begun = i;
        }
        const auto tap = [&](std::size_t frames) { return i < frames ? 0.0 : line[i - frames]; };
        const double way = std::min(1.0, static_cast<double>(i - fade_begun) / fade);
        const double echo = (1.0 - way) * tap(old_delay) + way * tap(delay);
        line[i] = in[i] + feedback * echo;
        out[i] = (1.0 - mix) * in[i] + mix * echo;
        if (static_cast<double>(i - changes[now].at) < ramp) {
            feedback += feedback_step;
            mix += mix_step;
        }
    }
    return out;
}

TEST(Echo, is_its_recursion_while_all_of_its_controls_change)
{
    const std::vector<Change> changes{{0, {.time_s = 0.010, .feedback = 0.6, .mix = 0.3}},
                                      {6'400, {.time_s = 0.0417, .feedback = 0.2, .mix = 0.9}},
                                      {8'000, {.time_s = 0.005, .feedback = 0.5, .mix = 0.5}},  // while the fade before goes on
                                      {20'000, {.time_s = 0.005, .feedback = 0.8, .mix = 0.5}}};
    const std::vector<std::vector<float>> in{noise(24'000), [] {
                                                 auto samples = noise(24'000);
                                                 std::ranges::reverse(samples);
                                                 return samples;
                                             }()};
    for (const double rate : {rate_hz, 2.0 * rate_hz}) {
        auto out = in;
        Echo echo;
        echo.prepare(rate, 2, 0.0417, changes[0].controls, rate == rate_hz);
        for (std::uint32_t frame = 0; frame < in[0].size(); frame += control_frames) {
            for (const Change& change : changes)
                if (change.at == frame) echo.set(change.controls);
            // A control step that comes in two pieces.
            const std::vector<float*> piece{out[0].data() + frame, out[1].data() + frame};
            const std::vector<float*> rest{piece[0] + 20, piece[1] + 20};
            echo.process(piece, 20, true);
            echo.process(rest, control_frames - 20, false);
        }
        for (std::size_t channel = 0; channel < in.size(); ++channel) {
            const auto expected = echoes_by_definition(in[channel], changes, rate);
            for (std::size_t i = 0; i < in[channel].size(); ++i) ASSERT_NEAR(out[channel][i], expected[i], 1e-5) << channel << ' ' << i;
        }
    }
}

TEST(Echo, settled_is_as_new_at_what_was_set_last)
{
    const Echo::Controls controls{.time_s = 0.02, .feedback = 0.4, .mix = 0.8};
    const auto in = noise(9600);
    Echo as_new;
    as_new.prepare(rate_hz, 1, 0.05, controls);
    auto expected = in;
    run(as_new, expected, 0, in.size());
    Echo used;
    used.prepare(rate_hz, 1, 0.05, {.time_s = 0.05, .feedback = 0.9, .mix = 0.1});
    auto heard = in;
    run(used, heard, 0, 9000);  // more than the line has room for
    used.set(controls);
    run(used, heard, 9000, 9000 + control_frames);
    used.settle();
    heard = in;
    run(used, heard, 0, in.size());
    EXPECT_EQ(heard, expected);
}

}  // namespace
}  // namespace stemwire::dsp
