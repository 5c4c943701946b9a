// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/loudness.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <numeric>
#include <random>

#include <ebur128.h>

#include "dsp/true_peak_meter.hpp"
#include "tests/support/lambda_node.hpp"

namespace stemwire::dsp {
namespace {

TEST(Loudness, a_sine_of_one_kilohertz_has_its_level)
{
    // EBU Tech 3341, case 1: a stereo sine of 1 kHz at −23 dBFS peak reads −23 LUFS.
    LoudnessMeter meter(48000, ChannelLayout::stereo());
    std::vector<float> sine(48'000);
    for (std::size_t i = 0; i < sine.size(); ++i)
        sine[i] =
            static_cast<float>(std::pow(10.0, -23.0 / 20.0) * std::sin(2.0 * std::numbers::pi * 1000.0 * static_cast<double>(i) / 48000.0));
    const std::vector<const float*> channels{sine.data(), sine.data()};
    for (int second = 0; second < 20; ++second) meter.add(channels, 48'000);
    EXPECT_NEAR(meter.integrated_lufs(), -23.0, 0.1);
    EXPECT_TRUE(std::isinf(LoudnessMeter(48000, ChannelLayout::stereo()).integrated_lufs()));
}

/// By libebur128, whose channels say what they weigh.
double lufs_by_ebur128(const std::vector<std::vector<float>>& channels, const std::vector<channel>& names, unsigned long rate_hz)
{
    ebur128_state* state = ebur128_init(static_cast<unsigned>(channels.size()), rate_hz, EBUR128_MODE_I);
    for (unsigned i = 0; i < names.size(); ++i) ebur128_set_channel(state, i, names[i]);
    std::vector<float> interleaved;
    for (std::size_t frame = 0; frame < channels[0].size(); ++frame)
        for (const auto& samples : channels) interleaved.push_back(samples[frame]);
    ebur128_add_frames_float(state, interleaved.data(), channels[0].size());
    double lufs = 0;
    ebur128_loudness_global(state, &lufs);
    ebur128_destroy(&state);
    return lufs;
}

TEST(Loudness, of_any_channels_and_rates_is_what_libebur128_measures)
{
    using enum Position;
    const std::vector<std::pair<ChannelLayout, std::vector<channel>>> layouts{
        {ChannelLayout::mono(), {EBUR128_CENTER}},
        {ChannelLayout({FL, FR, FC, LFE, SL, SR}), {EBUR128_LEFT, EBUR128_RIGHT, EBUR128_CENTER, EBUR128_UNUSED, EBUR128_LEFT_SURROUND, EBUR128_RIGHT_SURROUND}}};
    std::minstd_rand random(1);  // NOLINT: the same noise every time
    std::normal_distribution<float> noise(0.0f, 0.1f);
    for (const auto& [layout, names] : layouts) {
        for (const unsigned long rate_hz : {44'100ul, 48'000ul, 96'000ul}) {
            std::vector<std::vector<float>> channels(layout.size(), std::vector<float>(12 * rate_hz));
            for (auto& samples : channels)
                for (std::size_t i = 0; i < samples.size(); ++i) {
                    // Loud, 30 dB below (under the relative gate), silent, loud.
                    const std::size_t part = i / (3 * rate_hz);
                    samples[i] = noise(random) * (part == 1 ? 0.0316f : part == 2 ? 0.0f : 1.0f);
                }
            LoudnessMeter meter(static_cast<double>(rate_hz), layout);
            std::uint32_t count = 0;
            for (std::size_t done = 0; done < channels[0].size(); done += count) {
                count = static_cast<std::uint32_t>(std::min<std::size_t>(1 + done % 5000, channels[0].size() - done));
                std::vector<const float*> at;
                for (const auto& samples : channels) at.push_back(samples.data() + done);
                meter.add(at, count);
            }
            EXPECT_NEAR(meter.integrated_lufs(), lufs_by_ebur128(channels, names, rate_hz), 0.01) << to_string(layout) << " " << rate_hz;
        }
    }
}

/// Noise whose level walks up and down, with rests: `[channel][frame]`.
std::vector<std::vector<float>> lively_noise(std::size_t frames, double rate_hz)
{
    std::minstd_rand random(7);  // NOLINT: the same noise every time
    std::normal_distribution<float> noise(0.0f, 0.2f);
    std::vector<std::vector<float>> channels(2, std::vector<float>(frames));
    for (auto& samples : channels)
        for (std::size_t i = 0; i < frames; ++i) {
            const double seconds = static_cast<double>(i) / rate_hz;
            const double level_db = -12.0 + 12.0 * std::sin(seconds / 2.3) - (std::fmod(seconds, 17.0) > 15.5 ? 90.0 : 0.0);
            samples[i] = noise(random) * static_cast<float>(std::pow(10.0, level_db / 20.0));
        }
    return channels;
}

struct Reference {
    double range_lu = 0;
    double max_momentary_lufs = -1000;
    double max_short_term_lufs = -1000;
    double momentary_lufs = 0;
    double short_term_lufs = 0;
};

Reference by_ebur128(const std::vector<std::vector<float>>& channels, unsigned long rate_hz)
{
    ebur128_state* state = ebur128_init(2, rate_hz, EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_S | EBUR128_MODE_M);
    Reference result;
    for (std::size_t step = 0; step < channels[0].size() / (rate_hz / 10); ++step) {
        std::vector<float> interleaved;
        for (std::size_t frame = step * (rate_hz / 10); frame < (step + 1) * (rate_hz / 10); ++frame)
            for (const auto& samples : channels) interleaved.push_back(samples[frame]);
        ebur128_add_frames_float(state, interleaved.data(), rate_hz / 10);
        ebur128_loudness_momentary(state, &result.momentary_lufs);
        ebur128_loudness_shortterm(state, &result.short_term_lufs);
        result.max_momentary_lufs = std::max(result.max_momentary_lufs, result.momentary_lufs);
        result.max_short_term_lufs = std::max(result.max_short_term_lufs, result.short_term_lufs);
    }
    ebur128_loudness_range(state, &result.range_lu);
    ebur128_destroy(&state);
    return result;
}

TEST(Loudness, range_momentary_and_short_term_are_what_libebur128_measures)
{
    constexpr unsigned long rate_hz = 48'000;
    const auto channels = lively_noise(61 * rate_hz, rate_hz);
    LoudnessMeter meter(rate_hz, ChannelLayout::stereo());
    const std::vector<const float*> planes{channels[0].data(), channels[1].data()};
    meter.add(planes, static_cast<std::uint32_t>(channels[0].size()));
    const Reference expected = by_ebur128(channels, rate_hz);
    EXPECT_GT(expected.range_lu, 10.0);
    EXPECT_NEAR(meter.range_lu(), expected.range_lu, 0.1);
    EXPECT_NEAR(meter.momentary_lufs(), expected.momentary_lufs, 0.01);
    EXPECT_NEAR(meter.short_term_lufs(), expected.short_term_lufs, 0.01);
    EXPECT_NEAR(meter.max_momentary_lufs(), expected.max_momentary_lufs, 0.01);
    EXPECT_NEAR(meter.max_short_term_lufs(), expected.max_short_term_lufs, 0.01);
    EXPECT_EQ(meter.steps(), 610u);
}

TEST(Loudness, starts_afresh_once_it_is_cleared)
{
    const auto channels = lively_noise(8 * 48'000, 48'000);
    const std::vector<const float*> planes{channels[0].data(), channels[1].data()};
    LoudnessMeter fresh(48'000, ChannelLayout::stereo());
    fresh.add(planes, 7 * 48'000);
    LoudnessMeter used(48'000, ChannelLayout::stereo());
    used.add(planes, 8 * 48'000 - 123);
    used.clear();
    used.add(planes, 7 * 48'000);
    EXPECT_EQ(used.integrated_lufs(), fresh.integrated_lufs());
    EXPECT_EQ(used.range_lu(), fresh.range_lu());
    EXPECT_EQ(used.max_momentary_lufs(), fresh.max_momentary_lufs());
}

TEST(Loudness, goes_on_after_what_is_no_number)
{
    const auto channels = lively_noise(8 * 48'000, 48'000);
    const std::vector<float> broken(480, std::nanf(""));
    const std::vector<const float*> planes{channels[0].data(), channels[1].data()};
    LoudnessMeter meter(48'000, ChannelLayout::stereo());
    meter.add(std::vector<const float*>{broken.data(), broken.data()}, 480);
    meter.add(planes, 8 * 48'000);
    LoudnessMeter unbroken(48'000, ChannelLayout::stereo());
    unbroken.add(planes, 8 * 48'000);
    EXPECT_NEAR(meter.integrated_lufs(), unbroken.integrated_lufs(), 0.1);
}

double power_of(double lufs)
{
    return std::pow(10.0, (lufs + 0.691) / 10.0);  // BS.1770-4, equation 2
}

double lufs_of(double power)
{
    return -0.691 + 10.0 * std::log10(power);
}

double mean_of(const std::vector<double>& powers)
{
    return powers.empty() ? 0.0 : std::accumulate(powers.begin(), powers.end(), 0.0) / static_cast<double>(powers.size());
}

/// In rising order.
std::vector<double> louder_than(double gate, std::vector<double> powers)
{
    std::erase_if(powers, [&](double power) { return power <= std::max(gate, power_of(-70.0)); });
    std::ranges::sort(powers);
    return powers;
}

double percentile_of(double share, const std::vector<double>& rising)
{
    return rising[static_cast<std::size_t>(std::lround(share * static_cast<double>(rising.size() - 1)))];
}

/// |H| of a filter as the standard writes it.
double response(const std::array<double, 3>& b, const std::array<double, 2>& a, double hz)
{
    const auto delayed = std::polar(1.0, -2.0 * std::numbers::pi * hz / 48'000.0);
    return std::abs((b[0] + b[1] * delayed + b[2] * delayed * delayed) / (1.0 + a[0] * delayed + a[1] * delayed * delayed));
}

TEST(Loudness, of_a_sine_is_its_power_through_both_filters_of_the_standard_in_the_smallest_pieces)
{
    // BS.1770-4, tables 1 and 2, for 48 kHz. All frequencies have whole periods in 400 ms.
    for (const double hz : {10.0, 20.0, 37.5, 100.0, 997.5, 2'500.0, 15'000.0}) {
        const double shelf = response({1.53512485958697, -2.69169618940638, 1.19839281085285}, {-1.69065929318241, 0.73248077421585}, hz);
        const double pass = response({1.0, -2.0, 1.0}, {-1.99004745483398, 0.99007225036621}, hz);
        LoudnessMeter meter(48'000, ChannelLayout::mono());
        for (std::size_t i = 0; i < 96'000; ++i) {
            const auto sample = static_cast<float>(0.5 * std::sin(2.0 * std::numbers::pi * hz / 48'000.0 * static_cast<double>(i)));
            meter.add(std::vector<const float*>{&sample}, 1);
        }
        EXPECT_NEAR(meter.momentary_lufs(), lufs_of(0.125 * shelf * shelf * pass * pass), 1e-4) << hz;
    }
}

TEST(LoudnessHistogram, has_the_gated_means_and_percentiles_of_what_lies_in_the_middle_of_its_steps)
{
    LoudnessHistogram histogram;
    histogram.add(power_of(-23.0));
    histogram.clear();
    EXPECT_EQ(histogram.mean_above(0.0), 0.0);
    std::vector<double> powers;
    for (std::uint64_t i = 0; i < 4'000; ++i) {
        powers.push_back(power_of(-80.0 + 0.05 * std::floor((test::noise(i) + 1.0) * 1'000.0) + 0.025));
        histogram.add(powers.back());
    }
    for (const double lufs : {29.925, 29.975}) {  // the last steps
        powers.push_back(power_of(lufs));
        histogram.add(powers.back());
    }
    // Between two steps, just below and above the middle of one, and beyond all of them.
    for (const double gate_lufs : {-90.0, -75.0, -69.975, -40.0, -39.985, -39.965, 12.0, 19.5, 25.0, 29.95, 40.0}) {
        const auto louder = louder_than(power_of(gate_lufs), powers);
        EXPECT_NEAR(histogram.mean_above(power_of(gate_lufs)), mean_of(louder), 1e-9 * mean_of(louder)) << gate_lufs;
        for (const double share : {0.0, 0.1, 0.5, 0.95, 1.0}) {
            const double lufs = histogram.percentile_lufs(share, power_of(gate_lufs));
            if (louder.empty()) EXPECT_EQ(lufs, -std::numeric_limits<double>::infinity()) << gate_lufs;
            else EXPECT_NEAR(lufs, lufs_of(percentile_of(share, louder)), 1e-9) << gate_lufs << ' ' << share;
        }
    }
}

TEST(Loudness, range_is_between_percentiles_of_the_short_term_loudness_of_every_whole_second)
{
    // EBU Tech 3342: gated at −70 LUFS, and at 20 LU below the mean of what is left.
    const auto channels = lively_noise(19 * 48'000, 48'000);
    LoudnessMeter meter(48'000, ChannelLayout::stereo());
    std::vector<double> terms;
    for (std::size_t second = 0; second < 19; ++second) {
        const std::vector<const float*> planes{channels[0].data() + second * 48'000, channels[1].data() + second * 48'000};
        meter.add(planes, 48'000);
        if (second < 2) {
            EXPECT_EQ(meter.range_lu(), 0.0);
            continue;
        }
        terms.push_back(power_of(meter.short_term_lufs()));
        const auto louder = louder_than(0.01 * mean_of(louder_than(0.0, terms)), terms);
        const double range_lu = lufs_of(percentile_of(0.95, louder)) - lufs_of(percentile_of(0.1, louder));
        EXPECT_NEAR(meter.range_lu(), range_lu, 0.05) << second;  // a step of the histogram
    }
}

TEST(TruePeakMeter, finds_the_peak_between_samples_in_any_pieces_and_at_the_very_end)
{
    // A tone at a quarter of the rate, whose samples all miss its crest by 45°: they read 3.01 dB low.
    std::vector<float> tone(4'800);
    for (std::size_t i = 0; i < tone.size(); ++i) tone[i] = 0.5f * static_cast<float>(std::sin(std::numbers::pi / 2.0 * static_cast<double>(i) + std::numbers::pi / 4.0));
    for (std::size_t i = 0; i < 500; ++i) tone[i] *= static_cast<float>(i) / 500.0f;  // a step would ring
    std::vector<float> silence(tone.size(), 0.0f);
    TruePeakMeter meter(2);
    for (std::size_t done = 0, count = 0; done < tone.size(); done += count) {
        count = std::min<std::size_t>(1 + done % 97, tone.size() - done);
        meter.add(std::vector<const float*>{silence.data() + done, tone.data() + done}, static_cast<std::uint32_t>(count));
    }
    EXPECT_NEAR(20.0 * std::log10(meter.peak()), 20.0 * std::log10(0.5), 0.1);
    TruePeakMeter end(1);
    std::vector<float> last(200, 0.0f);
    last.back() = 0.25f;
    end.add(std::vector<const float*>{last.data()}, 200);
    end.finish();
    EXPECT_GE(end.peak(), 0.25f);
}

TEST(TruePeakMeter, starts_afresh_once_it_is_cleared)
{
    const auto channels = lively_noise(1'000, 48'000);
    const std::vector<const float*> planes{channels[0].data(), channels[1].data()};
    TruePeakMeter fresh(2);
    fresh.add(planes, 500);
    TruePeakMeter used(2);
    const std::vector<float> loud(100, 10.0f);
    used.add(std::vector<const float*>{loud.data(), loud.data()}, 100);
    used.clear();
    EXPECT_EQ(used.peak(), 0.0f);
    used.add(planes, 500);
    EXPECT_EQ(used.peak(), fresh.peak());
}

}  // namespace
}  // namespace stemwire::dsp
