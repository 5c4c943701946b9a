// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/limiter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <ebur128.h>

#include "dsp/kernels/kernels.hpp"
#include "stemwire/units.hpp"
#include "tests/support/lambda_node.hpp"

namespace stemwire::dsp {
namespace {

constexpr double rate_hz = 48000.0;

double bessel_i0(double x)
{
    return std::cyl_bessel_i(0.0, x);
}

/// A low-pass of any rate that the true peak is measured through: sixteen values a sample, by the sum that defines it under a Kaiser
/// window.
class Reconstruction {
public:
    Reconstruction(int reach, double beta, double cutoff = 0.5) : reach_(reach)
    {
        for (int phase = 0; phase < 16; ++phase)
            for (int i = -reach; i <= reach; ++i) {
                const double distance = i - phase / 16.0;
                const double position = std::min(1.0, std::abs(distance / reach));
                const double turns = 2.0 * cutoff * distance;
                const double sinc = turns == 0.0 ? 1.0 : std::sin(M_PI * turns) / (M_PI * turns);
                weights_.push_back(2.0 * cutoff * sinc * bessel_i0(beta * std::sqrt(1.0 - position * position)) / bessel_i0(beta));
            }
    }

    double value(const std::vector<float>& samples, std::size_t at, int phase) const
    {
        double sum = 0.0;
        for (int i = -reach_; i <= reach_; ++i) {
            const auto index = static_cast<std::ptrdiff_t>(at) + i;
            if (index < 0 || index >= static_cast<std::ptrdiff_t>(samples.size())) continue;
            sum += samples[static_cast<std::size_t>(index)] * weights_[static_cast<std::size_t>(phase * (2 * reach_ + 1) + i + reach_)];
        }
        return sum;
    }

    /// Looked for where the samples around are large enough to have it.
    double true_peak(const std::vector<float>& samples) const
    {
        double peak = 0.0;
        for (const float sample : samples) peak = std::max(peak, std::abs(static_cast<double>(sample)));
        const double worth_a_look = 0.4 * peak;
        for (std::size_t i = 0; i + 1 < samples.size(); ++i)
            if (std::max(std::abs(samples[i]), std::abs(samples[i + 1])) > worth_a_look)
                for (int phase = 1; phase < 16; ++phase) peak = std::max(peak, std::abs(value(samples, i, phase)));
        return peak;
    }

private:
    int reach_;
    std::vector<double> weights_;  ///< [phase][i + reach]
};

const Reconstruction& nearly_ideal()
{
    static const Reconstruction filter(160, 10.0);
    return filter;
}

const Reconstruction& ordinary()
{
    static const Reconstruction filter(24, 8.0);
    return filter;
}

/// By libebur128, which has the filter that the standard suggests.
double true_peak_by_ebur128(const std::vector<float>& samples)
{
    ebur128_state* state = ebur128_init(1, static_cast<unsigned long>(rate_hz), EBUR128_MODE_TRUE_PEAK);
    ebur128_add_frames_float(state, samples.data(), samples.size());
    double peak = 0.0;
    ebur128_true_peak(state, 0, &peak);
    ebur128_destroy(&state);
    return peak;
}

std::vector<float> limit(std::vector<float> samples, const Limiter::Controls& controls, double lookahead_s = 0.005)
{
    Limiter limiter;
    limiter.prepare(rate_hz, 1, lookahead_s, controls);
    for (std::uint32_t frame = 0; frame < samples.size(); frame += control_frames) {
        float* piece = samples.data() + frame;
        limiter.process({&piece, 1}, std::min<std::uint32_t>(control_frames, static_cast<std::uint32_t>(samples.size()) - frame));
    }
    return samples;
}

constexpr std::size_t silence = 600;

/// With silence before and behind, so that nothing that is heard is cut off.
std::vector<float> signal(const std::function<double(double)>& value, std::size_t frames = 6000)
{
    std::vector<float> samples(frames + 2 * silence, 0.0f);
    for (std::size_t i = 0; i < frames; ++i) samples[silence + i] = static_cast<float>(value(static_cast<double>(i)));
    return samples;
}

struct Hostile {
    std::string name;
    std::vector<float> samples;
};

std::vector<Hostile> hostile_signals()
{
    const auto tone = [](double turns_per_frame, double phase) {
        return [=](double i) { return 2.0 * std::sin(2.0 * M_PI * turns_per_frame * i + phase); };
    };
    return {
        {"a quarter of the rate at 45 degrees, which peaks between samples", signal(tone(0.25, M_PI / 4.0))},
        {"a quarter of the rate that begins late", signal([&](double i) { return i < 3000 ? 0.0 : tone(0.25, M_PI / 4.0)(i); })},
        {"0.45 of the rate", signal(tone(0.45, 0.3))},
        {"a sixth of the rate at 30 degrees", signal(tone(1.0 / 6.0, M_PI / 6.0))},
        {"a square", signal([](double i) { return std::fmod(i, 97.0) < 48.5 ? 1.7 : -1.7; })},
        {"noise", signal([](double i) { return 1.8 * test::noise(static_cast<std::uint64_t>(i)); })},
        {"noise in bursts",
         signal([](double i) { return std::fmod(i, 700.0) < 40.0 ? 4.0 * test::noise(static_cast<std::uint64_t>(i), 2) : 0.0; })},
        {"lone samples", signal([](double i) { return std::fmod(i, 501.0) == 0.0 ? 3.0 : 0.0; })},
        {"a low tone far too loud", signal(tone(0.001, 0.0))},
    };
}

template <class Check>
void limit_hostile_signals(Check check)
{
    for (const Hostile& hostile : hostile_signals())
        for (const double lookahead_s : {0.001, 0.005})
            for (const double release_s : {0.001, 0.1}) {
                SCOPED_TRACE(hostile.name + ", look-ahead " + std::to_string(lookahead_s) + ", release " + std::to_string(release_s));
                check(hostile.samples, Limiter::Controls{.ceiling_db = -1.0, .release_s = release_s}, lookahead_s);
            }
}

TEST(Limiter, no_hostile_signal_passes_the_ceiling_by_a_tenth_of_a_decibel)
{
    limit_hostile_signals([](const std::vector<float>& samples, const Limiter::Controls& controls, double lookahead_s) {
        EXPECT_LT(linear_to_decibels(nearly_ideal().true_peak(limit(samples, controls, lookahead_s))), -0.9);
    });
}

TEST(Limiter, nothing_up_to_half_the_rate_passes_the_ceiling_by_the_filters_of_meters)
{
    limit_hostile_signals([](const std::vector<float>& samples, const Limiter::Controls& controls, double lookahead_s) {
        const auto out = limit(samples, controls, lookahead_s);
        EXPECT_LT(linear_to_decibels(ordinary().true_peak(out)), -0.9);
        EXPECT_LT(linear_to_decibels(true_peak_by_ebur128(out)), -0.9);
    });
}

/// In place, of a power of two (Cooley and Tukey 1965).
void transform(std::vector<std::complex<double>>& values, double sign)
{
    const std::size_t count = values.size();
    if (count == 1) return;
    std::vector<std::complex<double>> even(count / 2);
    std::vector<std::complex<double>> odd(count / 2);
    for (std::size_t i = 0; i < count / 2; ++i) {
        even[i] = values[2 * i];
        odd[i] = values[2 * i + 1];
    }
    transform(even, sign);
    transform(odd, sign);
    for (std::size_t i = 0; i < count / 2; ++i) {
        const auto turned = std::polar(1.0, sign * 2.0 * M_PI * static_cast<double>(i) / static_cast<double>(count)) * odd[i];
        values[i] = even[i] + turned;
        values[i + count / 2] = even[i] - turned;
    }
}

/// Sixteen values a sample of what has exactly this spectrum and nothing else, up to half the rate: one period of a periodic signal.
double true_peak_by_transform(const std::vector<float>& samples)
{
    const std::size_t count = samples.size();
    std::vector<std::complex<double>> values(samples.begin(), samples.end());
    transform(values, -1.0);
    std::vector<std::complex<double>> finer(16 * count);
    for (std::size_t bin = 0; bin < count / 2; ++bin) {
        finer[bin] = values[bin];
        if (bin > 0) finer[finer.size() - bin] = values[count - bin];
    }
    transform(finer, 1.0);
    double peak = 0.0;
    for (const auto& value : finer) peak = std::max(peak, std::abs(value.real()) / static_cast<double>(count));
    return peak;
}

TEST(Limiter, hot_noise_up_to_half_the_rate_passes_the_ceiling_by_less_than_three_tenths_of_a_decibel_by_an_exact_transform)
{
    for (const double hot_db : {6.0, 12.0, 20.0})
        for (const double release_s : {0.001, 0.1}) {
            const auto gain = static_cast<float>(decibels_to_linear(hot_db));
            const auto in = signal([&](double i) { return gain * test::noise(static_cast<std::uint64_t>(i), 7); }, 16384 - 2 * silence);
            const auto out = limit(in, {.ceiling_db = -1.0, .release_s = release_s});
            EXPECT_LT(linear_to_decibels(true_peak_by_transform(out)), -0.7) << hot_db << ' ' << release_s;
        }
}

TEST(Limiter, a_steady_tone_comes_out_at_the_ceiling)
{
    for (const double turns : {0.01, 0.25, 1.0 / 6.0}) {
        const auto out = limit(signal([&](double i) { return 2.0 * std::sin(2.0 * M_PI * turns * i + M_PI / 4.0); }, 24'000),
                               {.ceiling_db = -3.0, .release_s = 1.0});
        double peak = 0.0;
        for (std::size_t i = 20'000; i < 22'000; ++i)
            for (int phase = 0; phase < 16; ++phase) peak = std::max(peak, std::abs(nearly_ideal().value(out, i, phase)));
        // Below it by the margin of 0.08 dB and what the detector's filters read too much, never above.
        EXPECT_NEAR(linear_to_decibels(peak), -3.075, 0.075) << turns;
    }
}

TEST(Limiter, what_stays_under_the_ceiling_passes_to_the_bit)
{
    const auto in = signal([](double i) { return 0.3 * test::noise(static_cast<std::uint64_t>(i)); });
    const auto out = limit(in, {.ceiling_db = -1.0, .release_s = 0.1});
    const std::size_t latency = 240 + true_peak_latency;  // 5 ms
    for (std::size_t i = 0; i < in.size(); ++i) ASSERT_EQ(out[i], i < latency ? 0.0f : in[i - latency]) << i;
}

TEST(Limiter, says_by_how_much_it_is_late)
{
    Limiter limiter;
    limiter.prepare(rate_hz, 2, 0.003, {.ceiling_db = 0.0, .release_s = 0.1});
    EXPECT_EQ(limiter.latency(), 144 + true_peak_latency);
}

TEST(Limiter, comes_back_with_its_release)
{
    // After a lone peak of twice the ceiling, the reduction of ½ decays by e each 100 ms; far from its ends the averages over 5 ms shift it
    // by half their length and make it larger by the mean of the exponential over them.
    auto in = std::vector<float>(48'000, 0.1f);
    in[1000] = 2.0f;
    const auto out = limit(in, {.ceiling_db = 0.0, .release_s = 0.1});
    std::vector<double> reduction;
    for (std::size_t i : {10'000u, 14'800u, 19'600u}) reduction.push_back(1.0 - out[i] / 0.1);
    EXPECT_GT(reduction[0], 0.05);
    EXPECT_NEAR(reduction[1] / reduction[0], std::exp(-1.0), 1e-4);
    EXPECT_NEAR(reduction[2] / reduction[1], std::exp(-1.0), 1e-4);
}

TEST(Limiter, gives_all_channels_the_same_gain)
{
    std::vector<float> loud = signal([](double i) { return 2.0 * test::noise(static_cast<std::uint64_t>(i)); });
    std::vector<float> quiet = loud;
    for (float& sample : quiet) sample *= 0.01f;
    Limiter limiter;
    limiter.prepare(rate_hz, 2, 0.005, {.ceiling_db = -1.0, .release_s = 0.1});
    for (std::uint32_t frame = 0; frame + control_frames <= loud.size(); frame += control_frames) {
        const std::vector<float*> piece{quiet.data() + frame, loud.data() + frame};
        limiter.process(piece, control_frames);
    }
    for (std::size_t i = 0; i < 7000; ++i) ASSERT_NEAR(quiet[i], 0.01 * loud[i], 1e-8);
}

TEST(TruePeak, every_instruction_set_finds_the_same_peaks)
{
    const auto samples = signal([](double i) { return test::noise(static_cast<std::uint64_t>(i)); }, 400);
    for (std::uint32_t frames = 1; frames <= control_frames; ++frames) {
        std::vector<std::vector<float>> found;
        for (const Kernels* kernels : usable_kernels()) {
            found.emplace_back(control_frames + 1, 0.5f);
            float last = std::numeric_limits<float>::quiet_NaN();
            kernels->true_peaks(samples.data() + silence + true_peak_taps, true_peak_filter(), found.back().data(), frames, last);
            ASSERT_EQ(found.back()[frames], 0.5f) << kernels->name;
            for (std::uint32_t i = 0; i < frames; ++i) ASSERT_NEAR(found.back()[i], found.front()[i], 1e-5) << kernels->name << ' ' << i;
        }
    }
}

/// Of the filters for ¼ and ½; that for ¾ has the response of that for ¼.
double largest_response(const FoldedFilter<meter_taps>& filter, double turns_per_frame)
{
    std::complex<double> quarter = 0.0;
    std::complex<double> half = 0.0;
    for (std::size_t tap = 0; tap < meter_taps / 2; ++tap) {
        const auto newer = std::polar(1.0, -2.0 * M_PI * turns_per_frame * static_cast<double>(tap));
        const auto older = std::polar(1.0, -2.0 * M_PI * turns_per_frame * static_cast<double>(meter_taps - 1 - tap));
        quarter += static_cast<double>(filter.even[tap]) * (newer + older) + static_cast<double>(filter.odd[tap]) * (newer - older);
        half += static_cast<double>(filter.middle[tap]) * (newer + older);
    }
    return std::max(std::abs(quarter), std::abs(half));
}

TEST(TruePeak, every_point_is_the_windowed_sinc_at_its_distance)
{
    // A lone sample gives back the filter: ¼ behind the sample that lies `away` samples after it, under the Kaiser window of β = 4.
    const auto& filter = true_peak_filter().nearly_ideal;
    double sum = 0.0;
    std::vector<double> expected;
    for (std::size_t tap = 0; tap < true_peak_taps; ++tap) {
        const double distance = true_peak_taps / 2.0 - static_cast<double>(tap) - 0.25;
        const double position = distance / (true_peak_taps / 2.0);
        expected.push_back(bessel_i0(4.0 * std::sqrt(1.0 - position * position)) / bessel_i0(4.0) * std::sin(M_PI * distance) /
                           (M_PI * distance));
        sum += expected.back();
    }
    for (std::size_t tap = 0; tap < true_peak_taps / 2; ++tap) {
        EXPECT_NEAR(filter.even[tap] + filter.odd[tap], expected[tap] / sum, 1e-7) << tap;
        EXPECT_NEAR(filter.even[tap] - filter.odd[tap], expected[true_peak_taps - 1 - tap] / sum, 1e-7) << tap;
    }
}

TEST(TruePeak, of_a_tone_is_its_amplitude_up_to_nine_tenths_of_the_band)
{
    for (double turns = 0.02; turns <= 0.45; turns += 0.0173) {
        std::vector<float> samples(2048);
        for (std::size_t i = 0; i < samples.size(); ++i)
            samples[i] = static_cast<float>(0.8 * std::sin(2.0 * M_PI * turns * static_cast<double>(i) + 0.4));
        TruePeak detector;
        std::vector<float> peaks(samples.size(), 0.0f);
        for (std::uint32_t frame = 0; frame < samples.size(); frame += control_frames)
            detector.process(samples.data() + frame, peaks.data() + frame, control_frames, 0.0f);
        const double found = *std::max_element(peaks.begin() + 200, peaks.end()) / 0.8;
        // Too low by what a parabola misses of a sine's top: with points an eighth of two samples apart, at most 0.08 dB. Too high by what
        // the shorter filter makes of this frequency, or by the ripple of the longest one, whose stop band is at −45 dB.
        EXPECT_GT(linear_to_decibels(found), -0.08) << turns;
        EXPECT_LT(found, (1.0 + std::pow(10.0, -45.0 / 20.0)) * std::max(1.0, largest_response(true_peak_filter().meter, turns))) << turns;
    }
}

void run(Limiter& limiter, std::vector<float>& samples)
{
    for (std::size_t frame = 0; frame + control_frames <= samples.size(); frame += control_frames) {
        float* piece = samples.data() + frame;
        limiter.process({&piece, 1}, control_frames);
    }
}

TEST(Limiter, settled_or_prepared_again_is_as_new)
{
    const Limiter::Controls controls{.ceiling_db = -6.0, .release_s = 0.05};
    const auto wave = [](double i) { return 1.5 * std::sin(i / 7.0); };
    Limiter as_new;
    as_new.prepare(2 * rate_hz, 1, 0.005, controls);
    auto expected = signal(wave);
    run(as_new, expected);
    Limiter used;
    used.prepare(rate_hz, 1, 0.005, controls);
    auto loud = std::vector<float>(4800, 3.0f);
    run(used, loud);
    used.prepare(2 * rate_hz, 1, 0.005, controls);
    auto prepared = signal(wave);
    run(used, prepared);
    EXPECT_EQ(prepared, expected);
    loud.assign(4800, 3.0f);
    run(used, loud);
    used.settle();
    auto settled = signal(wave);
    run(used, settled);
    EXPECT_EQ(settled, expected);
}

TEST(Limiter, is_silent_until_its_latency_has_passed)
{
    Limiter limiter;
    limiter.prepare(rate_hz, 1, 0.005, {.ceiling_db = -6.0, .release_s = 0.05});
    std::vector<float> samples(960, 0.25f);
    run(limiter, samples);
    for (std::size_t i = 0; i < samples.size(); ++i) ASSERT_EQ(samples[i], i < limiter.latency() ? 0.0f : 0.25f) << i;
}

TEST(Limiter, without_look_ahead_still_keeps_the_ceiling)
{
    const auto limited = limit(signal([](double i) { return i < 3000 ? 0.0 : 4.0 * std::sin(i / 5.0); }), {.ceiling_db = -6.0, .release_s = 0.05}, 0.0);
    for (std::size_t i = 0; i < limited.size(); ++i) ASSERT_LE(std::abs(limited[i]), decibels_to_linear(-6.0)) << i;
}

/// Means of the last `length` values, before the first of which there was nothing.
std::vector<double> moving_average(const std::vector<double>& values, std::size_t length)
{
    std::vector<double> means;
    for (std::size_t i = 0; i < values.size(); ++i) {
        double sum = 0.0;
        for (std::size_t back = 0; back < length && back <= i; ++back) sum += values[i - back];
        means.push_back(sum / static_cast<double>(length));
    }
    return means;
}

/// What is between a sample and the next one, of the louder of both channels, late by true_peak_latency.
std::vector<float> true_peaks_of(const std::vector<std::vector<float>>& channels)
{
    std::vector<float> peaks(channels[0].size(), 0.0f);
    for (const auto& samples : channels) {
        TruePeak detector;
        for (std::size_t frame = 0; frame < samples.size(); frame += control_frames) detector.process(samples.data() + frame, peaks.data() + frame, control_frames, 0.0f);
    }
    return peaks;
}

/// By its definition, over whole vectors: what is to be taken away of a peak so that it stays 0.08 dB below the ceiling is held until the averages have seen
/// all of it for the five frames before the peak and the five after it, then decays, and is averaged twice, over two lengths that are as equal as they can be
/// and see the look-ahead without those frames together.
std::vector<double> gains_by_definition(const std::vector<float>& peaks, const std::vector<double>& ceilings, std::size_t lookahead, double release_frames)
{
    constexpr std::size_t around = 4;  // frames beside the two that a peak lies between
    const std::size_t ramp = lookahead - around;
    const std::size_t window = ramp + 2 * (around + 1);
    const double keep = std::exp(-1.0 / release_frames);
    std::vector<double> wanted;
    std::vector<double> released;
    for (std::size_t i = 0; i < peaks.size(); ++i) {
        wanted.push_back(std::max(0.0, peaks[i] > ceilings[i] ? 1.0 - 0.991 * ceilings[i] / peaks[i] : 0.0));
        const auto begin = wanted.end() - static_cast<std::ptrdiff_t>(std::min(window, wanted.size()));
        const double held = *std::max_element(begin, wanted.end());
        released.push_back(i == 0 ? held : std::max(held, held + keep * (released.back() - held)));
    }
    auto gains = moving_average(moving_average(released, (ramp + 1) / 2), ramp / 2 + 1);
    for (double& gain : gains) gain = 1.0 - gain;
    return gains;
}

TEST(Limiter, its_gain_is_the_held_reduction_after_its_release_under_two_equal_averages)
{
    constexpr std::uint32_t change = 4'000;  // from which frame on the ceiling goes from 1 to 1/2 in 20 ms
    constexpr double rate = 96'000.0;  // none that anything has before it is prepared
    std::vector<float> lone(9'600, 0.001f);
    lone[200] = 1.0f;  // no more than the ceiling
    lone[1'000] = -2.0f;
    auto bursts = signal([](double i) { return (std::fmod(i, 1500.0) < 200.0 ? 3.0 : 0.4) * test::noise(static_cast<std::uint64_t>(i), 5); }, lone.size() - 2 * silence);
    for (const auto& in : {std::vector{lone, bursts}, std::vector{bursts, lone}, std::vector{lone, lone}})
        for (const std::size_t lookahead : {6u, 47u, 48u, 240u}) {
            const double release_s = lookahead == 47 ? 0.0005 : 0.01;  // the short one is over before the end
            std::vector<double> ceilings(in[0].size(), 1.0);
            for (std::size_t i = change; i < ceilings.size(); ++i) ceilings[i] = 1.0 - 0.5 * std::min(1.0, static_cast<double>(i - change) / (0.020 * rate));
            const auto gains = gains_by_definition(true_peaks_of(in), ceilings, lookahead, release_s * rate);
            Limiter limiter;
            limiter.prepare(rate, 2, static_cast<double>(lookahead) / rate, {.ceiling_db = 0.0, .release_s = release_s});
            auto out = in;
            for (std::uint32_t frame = 0; frame < in[0].size(); frame += control_frames) {
                if (frame == change) limiter.set({.ceiling_db = linear_to_decibels(0.5), .release_s = release_s});
                const std::vector<float*> piece{out[0].data() + frame, out[1].data() + frame};
                limiter.process(piece, control_frames);
            }
            for (std::size_t channel = 0; channel < 2; ++channel)
                for (std::size_t i = limiter.latency(); i < out[channel].size(); ++i) {
                    const float before = in[channel][i - limiter.latency()];
                    ASSERT_NEAR(out[channel][i], before * gains[i], 2e-6 * std::abs(before)) << lookahead << ' ' << channel << ' ' << i;
                }
        }
}

}  // namespace
}  // namespace stemwire::dsp
