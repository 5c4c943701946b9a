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

}  // namespace
}  // namespace stemwire::dsp
