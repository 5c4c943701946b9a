// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/compressor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "dsp/decibels.hpp"
#include "dsp/kernels/kernels.hpp"
#include "stemwire/units.hpp"
#include "tests/support/lambda_node.hpp"

namespace stemwire::dsp {
namespace {

constexpr double rate_hz = 48000.0;
using Signals = std::vector<std::vector<float>>;

TEST(Decibels, the_fast_logarithm_is_within_a_millionth)
{
    for (float x = 1e-30f; x < 1e30f; x *= 1.013f)
        ASSERT_NEAR((log2_of<float, std::int32_t>(x)), std::log2(x), 1e-6 + 1e-7 * std::abs(std::log2(x))) << x;
}

TEST(Decibels, the_fast_power_is_within_a_few_roundings)
{
    EXPECT_EQ((exp2_of<float, std::int32_t>(0.0f)), 1.0f);
    for (float x = -120.0f; x < 120.0f; x += 0.0137f)
        ASSERT_NEAR((exp2_of<float, std::int32_t>(x)) / std::exp2(static_cast<double>(x)), 1.0, 4e-7) << x;
}

/// Threshold −20 dB, 4 : 1, hard knee, quick, unity; changed by the tests.
Compressor::Controls controls()
{
    return {.threshold_db = -20.0, .ratio = 4.0, .attack_s = 0.001, .release_s = 1.0, .knee_db = 0.0, .makeup_db = 0.0, .mix = 1.0};
}

Signals compress(Signals signals, const Compressor::Controls& controls, Compressor::Detector detector = Compressor::Detector::peak,
                 bool link = true)
{
    Compressor compressor;
    compressor.prepare(rate_hz, signals.size(), detector, link, controls);
    for (std::uint32_t frame = 0; frame < signals[0].size(); frame += control_frames) {
        std::vector<float*> piece;
        for (auto& channel : signals) piece.push_back(channel.data() + frame);
        compressor.process(piece, std::min<std::uint32_t>(control_frames, static_cast<std::uint32_t>(signals[0].size()) - frame));
    }
    return signals;
}

std::vector<float> constant(double level_db, std::size_t frames)
{
    return std::vector<float>(frames, static_cast<float>(decibels_to_linear(level_db)));
}

/// Equation 4 as the paper writes it, in three branches; the gain in dB.
double static_gain_db(double level_db, const Compressor::Controls& c)
{
    const double over = level_db - c.threshold_db;
    if (2.0 * over < -c.knee_db) return 0.0;
    if (2.0 * std::abs(over) <= c.knee_db) return (1.0 / c.ratio - 1.0) * std::pow(over + c.knee_db / 2.0, 2.0) / (2.0 * c.knee_db);
    return over / c.ratio - over;
}

TEST(Compressor, every_instruction_set_has_the_curve_and_its_gain)
{
    for (const Kernels* kernels : usable_kernels())
        for (const double knee_db : {0.001, 6.0, 30.0})
            for (double first_db = -120.0; first_db < 20.0; first_db += control_frames) {
                auto c = controls();
                c.knee_db = knee_db;
                alignas(64) float values[control_frames];
                for (std::uint32_t i = 0; i < control_frames; ++i)
                    values[i] = static_cast<float>(std::pow(10.0, (first_db + i) / 10.0));
                const float most = kernels->wanted_reductions(values, {-20.0f, static_cast<float>(knee_db), 0.75f});
                EXPECT_EQ(most, *std::ranges::max_element(values)) << kernels->name;
                for (std::uint32_t i = 0; i < control_frames; ++i)
                    EXPECT_NEAR(values[i], -static_gain_db(first_db + i, c), 5e-5) << kernels->name << ' ' << first_db + i;
                std::vector<float> gains(std::begin(values), std::end(values));
                kernels->gains_of_reductions(gains.data());
                for (std::uint32_t i = 0; i < control_frames; ++i)
                    EXPECT_NEAR(gains[i], decibels_to_linear(-static_cast<double>(values[i])), 1e-6) << kernels->name << ' ' << values[i];
            }
}

TEST(Compressor, follows_the_static_curve_at_every_level_ratio_and_knee)
{
    for (const double ratio : {1.0, 2.0, 4.0, 100.0})
        for (const double knee_db : {0.0, 6.0, 24.0})
            for (double level_db = -60.0; level_db <= 6.0; level_db += 3.0) {
                auto c = controls();
                c.ratio = ratio;
                c.knee_db = knee_db;
                const auto out = compress({constant(level_db, 4800)}, c)[0];  // a hundred attacks
                ASSERT_NEAR(linear_to_decibels(out.back()) - level_db, static_gain_db(level_db, c), 2e-4)
                    << ratio << ' ' << knee_db << ' ' << level_db;
            }
}

std::vector<float> sine(double peak_db, double hz, std::size_t frames)
{
    std::vector<float> samples(frames);
    for (std::size_t i = 0; i < frames; ++i)
        samples[i] = static_cast<float>(decibels_to_linear(peak_db) * std::sin(2.0 * M_PI * hz / rate_hz * static_cast<double>(i)));
    return samples;
}

double rms_db(const std::vector<float>& samples, std::size_t from)
{
    double sum = 0.0;
    for (std::size_t i = from; i < samples.size(); ++i) sum += static_cast<double>(samples[i]) * samples[i];
    return 10.0 * std::log10(sum / static_cast<double>(samples.size() - from));
}

TEST(Compressor, a_sine_is_reduced_by_its_peak_or_by_its_power)
{
    const auto in = sine(-8.0, 1000.0, 96'000);
    const auto gain_db = [&](Compressor::Detector detector) {
        return rms_db(compress({in}, controls(), detector)[0], 48'000) - rms_db(in, 48'000);
    };
    // Between two peaks, 24 frames, what is held comes back by 24 / 48000 of at most 12 dB.
    EXPECT_NEAR(gain_db(Compressor::Detector::peak), static_gain_db(-8.0, controls()), 0.01);
    // Averaged over 10 ms, the power of 1 kHz still swings by ±1/126, which the release holds at its top: 0.03 dB, three quarters of it.
    EXPECT_NEAR(gain_db(Compressor::Detector::rms), static_gain_db(-8.0 - 10.0 * std::log10(2.0), controls()), 0.03);
}

TEST(Compressor, the_attack_is_an_exponential_of_its_time_constant)
{
    auto c = controls();
    c.attack_s = 0.020;
    const auto out = compress({constant(0.0, 4800)}, c)[0];
    for (std::size_t i = 0; i < out.size(); i += 37) {
        const double gone = 1.0 - std::exp(-static_cast<double>(i + 1) / (0.020 * rate_hz));
        ASSERT_NEAR(linear_to_decibels(out[i]), static_gain_db(0.0, c) * gone, 1e-3) << i;
    }
}

TEST(Compressor, the_release_is_the_held_peak_seen_through_the_attack)
{
    auto c = controls();
    c.attack_s = 0.005;
    c.release_s = 0.100;
    auto in = constant(0.0, 48'000);
    const auto after = constant(-40.0, 24'000);
    in.insert(in.end(), after.begin(), after.end());
    const auto out = compress({in}, c)[0];
    for (std::size_t i = 0; i < after.size(); i += 37) {
        // y1 = e^(−t/release), smoothed by a one-pole of the attack's time constant: the textbook answer of two poles.
        const double t = static_cast<double>(i + 1) / rate_hz;
        const double left =
            (c.release_s * std::exp(-t / c.release_s) - c.attack_s * std::exp(-t / c.attack_s)) / (c.release_s - c.attack_s);
        ASSERT_NEAR(linear_to_decibels(out[48'000 + i]) + 40.0, static_gain_db(0.0, c) * left, 0.02)
            << i;  // one frame of 5 ms: 0.4 % of 15 dB's slope
    }
}

TEST(Compressor, below_the_knee_it_passes_every_bit)
{
    const auto in = sine(-20.1, 440.0, 9600);
    EXPECT_EQ(compress({in}, controls())[0], in);
}

TEST(Compressor, linked_channels_keep_their_balance_and_others_do_not)
{
    const Signals in{constant(0.0, 9600), constant(-30.0, 9600)};
    const double gain_db = static_gain_db(0.0, controls());
    const Signals linked = compress(in, controls());
    EXPECT_NEAR(linear_to_decibels(linked[0].back()), gain_db, 1e-3);
    EXPECT_NEAR(linear_to_decibels(linked[1].back()), -30.0 + gain_db, 1e-3);
    const Signals apart = compress(in, controls(), Compressor::Detector::peak, false);
    EXPECT_NEAR(linear_to_decibels(apart[0].back()), gain_db, 1e-3);
    EXPECT_EQ(apart[1], in[1]);
}

TEST(Compressor, makeup_and_mix_are_what_they_say)
{
    auto c = controls();
    c.makeup_db = 6.0;
    c.mix = 0.25;
    const double compressed = decibels_to_linear(static_gain_db(0.0, c) + 6.0);
    EXPECT_NEAR(compress({constant(0.0, 9600)}, c)[0].back(), 0.75 + 0.25 * compressed, 1e-5);
}

TEST(Compressor, prepared_again_at_another_rate_is_as_new)
{
    std::vector<float> expected(4800, 0.9f);
    Compressor as_new;
    as_new.prepare(2 * rate_hz, 1, Compressor::Detector::peak, true, controls());
    std::vector<float> heard = expected;
    Compressor used;
    used.prepare(rate_hz, 1, Compressor::Detector::peak, true, controls());
    used.prepare(2 * rate_hz, 1, Compressor::Detector::peak, true, controls());
    for (std::size_t frame = 0; frame + control_frames <= heard.size(); frame += control_frames) {
        float* piece = expected.data() + frame;
        as_new.process({&piece, 1}, control_frames);
        piece = heard.data() + frame;
        used.process({&piece, 1}, control_frames);
    }
    EXPECT_EQ(heard, expected);
}

/// Noise of three channels that gets ten times as loud and soft again, each channel in its own time.
Signals lively_noise(std::size_t frames)
{
    Signals signals(3, std::vector<float>(frames));
    for (std::size_t channel = 0; channel < signals.size(); ++channel)
        for (std::size_t i = 0; i < frames; ++i)
            signals[channel][i] = test::noise(i, channel) * ((i + 700 * channel) % 3000 < 1000 ? 0.9f : 0.09f);
    return signals;
}

struct Setting {
    Compressor::Detector detector;
    bool link;
    bool has_key;
    double rate;
};

constexpr std::uint32_t change = 5'000;  ///< frame from which on the second controls hold

/// Frame by frame in double precision: equations 4 and 17 of the paper, and makeup and mix that go to their new values in a straight line over 20 ms.
Signals compress_by_definition(Signals signals, const std::vector<float>& key, const Setting& setting, const Compressor::Controls& first,
                               const Compressor::Controls& second)
{
    const auto keep = [&](double seconds) { return std::exp(-1.0 / (seconds * setting.rate)); };
    for (std::size_t channel = 0; channel < signals.size(); ++channel) {
        double power = 0.0, held_db = 0.0, reduction_db = 0.0;
        const Signals in = setting.link ? lively_noise(signals[0].size()) : Signals{signals[channel]};
        for (std::size_t i = 0; i < signals[channel].size(); ++i) {
            const Compressor::Controls& c = i < change ? first : second;
            double loudest = 0.0;
            if (setting.has_key) loudest = std::abs(key[i]);
            else
                for (const auto& samples : in) loudest = std::max(loudest, static_cast<double>(std::abs(samples[i])));
            const double part = setting.detector == Compressor::Detector::rms ? 1.0 - keep(0.010) : 1.0;
            power += part * (loudest * loudest - power);
            const double wanted_db = -static_gain_db(10.0 * std::log10(power), c);
            held_db = std::max(wanted_db, wanted_db + keep(c.release_s) * (held_db - wanted_db));
            reduction_db = held_db + keep(c.attack_s) * (reduction_db - held_db);
            const double way = i < change ? 0.0 : std::min(1.0, static_cast<double>(i - change) / (0.020 * setting.rate));
            const double before = decibels_to_linear(first.makeup_db);
            const double makeup = before + way * (decibels_to_linear(second.makeup_db) - before);
            const double mix = first.mix + way * (second.mix - first.mix);
            signals[channel][i] *= static_cast<float>(1.0 - mix + mix * makeup * decibels_to_linear(-reduction_db));
        }
    }
    return signals;
}

TEST(Compressor, is_its_equations_frame_by_frame_whatever_it_hears_and_while_its_controls_change)
{
    const Compressor::Controls first{.threshold_db = -20.0, .ratio = 4.0, .attack_s = 0.002, .release_s = 0.05, .knee_db = 6.0, .makeup_db = 3.0, .mix = 0.8};
    const Compressor::Controls second{.threshold_db = -30.0, .ratio = 2.0, .attack_s = 0.02, .release_s = 0.01, .knee_db = 12.0, .makeup_db = -6.0, .mix = 0.3};
    const Signals in = lively_noise(2 * change);
    std::vector<float> key(in[0].rbegin(), in[0].rend());
    for (const auto detector : {Compressor::Detector::peak, Compressor::Detector::rms})
        for (const auto& setting : {Setting{detector, true, false, rate_hz}, Setting{detector, false, false, 2 * rate_hz}, Setting{detector, true, true, 2 * rate_hz}, Setting{detector, false, true, rate_hz}}) {
            Compressor compressor;
            compressor.prepare(setting.rate, in.size(), setting.detector, setting.link, first);
            Signals out = in;
            for (std::uint32_t frame = 0, count = 0; frame < 2 * change; frame += count) {
                if (frame == change) compressor.set(second);
                count = std::min(frame % 13 == 0 ? 1 : control_frames, (frame < change ? change : 2 * change) - frame);
                const std::vector<float*> piece{out[0].data() + frame, out[1].data() + frame, out[2].data() + frame};
                const float* heard = key.data() + frame;
                compressor.process(piece, setting.has_key ? std::span<const float* const>(&heard, 1) : std::span<const float* const>(), count);
            }
            const Signals expected = compress_by_definition(in, key, setting, first, second);
            for (std::size_t channel = 0; channel < in.size(); ++channel)
                for (std::size_t i = 0; i < 2 * change; ++i)
                    ASSERT_NEAR(out[channel][i], expected[channel][i], 1e-5) << setting.link << setting.has_key << ' ' << channel << ' ' << i;
        }
}

TEST(Compressor, settled_is_as_new)
{
    const auto in = lively_noise(4'800);
    auto other = controls();
    other.makeup_db = 6.0;
    other.mix = 0.5;
    for (const bool link : {true, false}) {
        Compressor used;
        used.prepare(rate_hz, in.size(), Compressor::Detector::rms, link, controls());
        const auto run = [&] {
            Signals signals = in;
            for (std::size_t frame = 0; frame < signals[0].size(); frame += control_frames) {
                const std::vector<float*> piece{signals[0].data() + frame, signals[1].data() + frame, signals[2].data() + frame};
                used.process(piece, control_frames);
            }
            return signals;
        };
        (void)run();
        used.set(other);
        used.settle();
        EXPECT_EQ(run(), compress(in, other, Compressor::Detector::rms, link)) << link;
    }
}

}  // namespace
}  // namespace stemwire::dsp
