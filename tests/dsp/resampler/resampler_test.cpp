// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/resampler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "tests/support/lambda_node.hpp"

namespace stemwire::dsp {
namespace {

/// A whole stream, converted in pieces of `cut` frames.
std::vector<float> convert(const std::vector<float>& in, double from, double to, ResamplerQuality quality = ResamplerQuality::best,
                           std::uint32_t cut = 1000)
{
    Resampler resampler(from, to, 1, quality);
    std::vector<float> out(resampler.output_length(in.size()));
    std::size_t done = 0;
    for (std::size_t at = 0; at < in.size() && done < out.size();) {
        const float* input = in.data() + at;
        float* output = out.data() + done;
        const auto step = resampler.process({&input, 1}, static_cast<std::uint32_t>(std::min<std::size_t>(cut, in.size() - at)),
                                            {&output, 1}, static_cast<std::uint32_t>(std::min<std::size_t>(cut, out.size() - done)));
        at += step.consumed;
        done += step.produced;
    }
    while (done < out.size()) {
        float* output = out.data() + done;
        done += resampler.drain({&output, 1}, static_cast<std::uint32_t>(out.size() - done));
    }
    return out;
}

std::vector<float> tone(double frequency, double rate, std::size_t frames)
{
    std::vector<float> out(frames);
    for (std::size_t i = 0; i < frames; ++i)
        out[i] = static_cast<float>(0.5 * std::sin(2.0 * std::numbers::pi * frequency / rate * static_cast<double>(i) + 0.3));
    return out;
}

struct Fit {
    double gain_db;       ///< of the tone
    double phase;         ///< radians, against where it should be
    double residue_db;    ///< peak of all that is not the tone, against the tone's peak
};

/// Least squares of a sine and a cosine over the middle of a signal, away from its ends.
Fit fit(const std::vector<float>& out, double frequency, double rate)
{
    const std::size_t begin = out.size() / 4;
    const std::size_t end = out.size() * 3 / 4;
    double ss = 0, cc = 0, sc = 0, sy = 0, cy = 0;
    const auto angle = [&](std::size_t i) { return 2.0 * std::numbers::pi * frequency / rate * static_cast<double>(i) + 0.3; };
    for (std::size_t i = begin; i < end; ++i) {
        const double s = std::sin(angle(i));
        const double c = std::cos(angle(i));
        ss += s * s, cc += c * c, sc += s * c, sy += s * out[i], cy += c * out[i];
    }
    const double determinant = ss * cc - sc * sc;
    const double a = (sy * cc - cy * sc) / determinant;
    const double b = (cy * ss - sy * sc) / determinant;
    double worst = 0.0;
    for (std::size_t i = begin; i < end; ++i) worst = std::max(worst, std::abs(out[i] - a * std::sin(angle(i)) - b * std::cos(angle(i))));
    return {20.0 * std::log10(std::hypot(a, b) / 0.5), std::atan2(b, a), 20.0 * std::log10(worst / 0.5)};
}

struct Rates {
    double from;
    double to;
};

class Conversion : public ::testing::TestWithParam<Rates> {};

TEST_P(Conversion, is_flat_in_time_and_clean)
{
    const auto [from, to] = GetParam();
    const double edge = std::min(from, to) * 20'400.0 / 44'100.0;
    for (const double part : {0.001, 0.05, 0.31, 0.7, 0.93, 1.0}) {
        const double frequency = edge * part;
        const auto frames = static_cast<std::size_t>(std::max(from, 8.0 * from / std::min(from, to) * 4000.0) / 2.0);
        const Fit found = fit(convert(tone(frequency, from, frames), from, to), frequency, to);
        EXPECT_NEAR(found.gain_db, 0.0, 0.1) << frequency;
        EXPECT_NEAR(found.phase, 0.0, 1e-4) << frequency;
        EXPECT_LT(found.residue_db, -130.0) << frequency;
    }
}

INSTANTIATE_TEST_SUITE_P(Rates, Conversion,
                         ::testing::Values(Rates{44100, 48000}, Rates{48000, 44100}, Rates{96000, 48000}, Rates{48000, 96000},
                                           Rates{8000, 48000}, Rates{22050, 48000}, Rates{192000, 44100}, Rates{44100, 384000},
                                           Rates{16000, 11025}, Rates{48000, 47999}, Rates{44100, 47998}, Rates{384000, 8000}),
                         [](const auto& rates) {
                             return std::to_string(static_cast<int>(rates.param.from)) + "_to_" +
                                    std::to_string(static_cast<int>(rates.param.to));
                         });

TEST(Resampler, the_shorter_filters_are_flat_and_clean_as_far_as_they_say)
{
    struct Promise {
        ResamplerQuality quality;
        double flat_hz;
        double clean_hz;
        double clean_db;
    };
    for (const auto& [quality, flat_hz, clean_hz, clean_db] :
         {Promise{ResamplerQuality::high, 21'100, 20'400, -130}, {ResamplerQuality::fast, 20'400, 19'400, -100}}) {
        for (const auto& [from, to] : {Rates{44100, 48000}, Rates{48000, 44100}}) {
            for (const double part : {0.001, 0.3, 0.7, 1.0}) {
                EXPECT_NEAR(fit(convert(tone(flat_hz * part, from, 24'000), from, to, quality), flat_hz * part, to).gain_db, 0.0, 0.1)
                    << flat_hz * part;
                EXPECT_LT(fit(convert(tone(clean_hz * part, from, 24'000), from, to, quality), clean_hz * part, to).residue_db, clean_db)
                    << clean_hz * part;
            }
        }
    }
}

TEST(Resampler, what_the_lower_rate_cannot_hold_is_gone)
{
    for (const double frequency : {22'100.0, 23'000.0, 23'900.0}) {
        const auto out = convert(tone(frequency, 48000, 24'000), 48000, 44100);
        double worst = 0.0;
        for (std::size_t i = out.size() / 4; i < out.size() * 3 / 4; ++i) worst = std::max(worst, std::abs(static_cast<double>(out[i])));
        EXPECT_LT(20.0 * std::log10(worst / 0.5), -130.0) << frequency;
    }
}

TEST(Resampler, a_tone_above_the_passband_leaves_no_image)
{
    for (const double frequency : {20'900.0, 21'500.0, 22'000.0}) {
        const auto in = tone(frequency, 44100, 22'050);
        EXPECT_LT(fit(convert(in, 44100, 48000), frequency, 48000).residue_db, -130.0) << frequency;
    }
}

/// With a row for each turn, with odd phases, with a step of two frames, with a row for each phase, and with parabolas.
constexpr Rates kinds_of_rates[] = {{44100, 48000}, {48000, 44100}, {96000, 48000}, {16000, 11025}, {44100, 47998}};

std::vector<float> noise(std::size_t frames)
{
    std::vector<float> out(frames);
    for (std::size_t i = 0; i < frames; ++i) out[i] = test::noise(i);
    return out;
}

TEST(Resampler, does_not_depend_on_how_the_stream_is_cut)
{
    const auto in = noise(20'000);
    for (const auto& [from, to] : kinds_of_rates) {
        const auto whole = convert(in, from, to, ResamplerQuality::best, 1u << 20);
        for (const std::uint32_t cut : {1u, 63u, 4097u})
            EXPECT_EQ(convert(in, from, to, ResamplerQuality::best, cut), whole) << from << " to " << to << " by " << cut;
    }
}

TEST(Resampler, a_start_in_the_middle_gives_the_same_frames)
{
    const auto in = noise(30'000);
    for (const auto& [from_hz, to_hz] : kinds_of_rates) {
        const auto whole = convert(in, from_hz, to_hz);
        for (const std::uint64_t at : {1u, 2u, 159u, 160u, 9'999u}) {
            Resampler resampler(from_hz, to_hz, 1, ResamplerQuality::best);
            const auto time = static_cast<std::int64_t>(static_cast<double>(at) * from_hz / to_hz);
            const auto from = static_cast<std::uint64_t>(std::max<std::int64_t>(0, time - resampler.reach()));
            resampler.start(from, at);
            std::vector<float> part(3'000);
            const float* input = in.data() + from;
            float* output = part.data();
            const auto step = resampler.process({&input, 1}, static_cast<std::uint32_t>(in.size() - from), {&output, 1}, 3'000);
            ASSERT_EQ(step.produced, 3'000u);
            EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(at)))
                << from_hz << " to " << to_hz << " at " << at;
        }
    }
}

TEST(Resampler, the_length_is_exact)
{
    const Resampler up(44100, 48000, 1, ResamplerQuality::fast);
    EXPECT_EQ(up.output_length(44100), 48000u);
    EXPECT_EQ(up.output_length(1), 1u);
    EXPECT_EQ(up.output_length(44100ull * 1'000'000), 48000ull * 1'000'000);
    EXPECT_EQ(Resampler(48000, 44100, 1, ResamplerQuality::fast).output_length(100), 92u);
}

/// A bump that is far below half the lower rate: its centre tells the delay.
std::vector<float> bump(double rate, double lower_rate, double centre_s)
{
    std::vector<float> out(static_cast<std::size_t>(std::llround(2.0 * centre_s * rate)));
    for (std::size_t i = 0; i < out.size(); ++i) {
        const double x = (static_cast<double>(i) / rate - centre_s) * lower_rate / 8.0;
        out[i] = static_cast<float>(std::exp(-x * x));
    }
    return out;
}

double centre_of(const std::vector<float>& samples, double rate)
{
    double sum = 0.0;
    double moment = 0.0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        sum += samples[i];
        moment += samples[i] * static_cast<double>(i);
    }
    return moment / sum / rate;
}

TEST(Resampler, every_pair_of_rates_has_its_exact_length_and_no_delay)
{
    constexpr double rates[] = {8000, 11025, 16000, 22050, 32000, 44100, 47999, 48000, 88200, 96000, 176400, 192000, 352800, 384000};
    for (const double from : rates)
        for (const double to : rates) {
            const double lower = std::min(from, to);
            const double centre_s = 400.0 / lower;
            const auto in = bump(from, lower, centre_s);
            const auto out = convert(in, from, to, ResamplerQuality::fast);
            EXPECT_EQ(out.size(), static_cast<std::size_t>(std::llround(static_cast<double>(in.size()) * to / from))) << from << ' ' << to;
            // A hundredth of a frame of the lower rate.
            EXPECT_NEAR(centre_of(out, to), centre_s, 0.01 / lower) << from << " to " << to;
        }
}

TEST(Resampler, the_same_rate_is_a_copy_at_once)
{
    const auto in = noise(5'000);
    EXPECT_EQ(convert(in, 48000, 48000), in);
    Resampler resampler(48000, 48000, 1, ResamplerQuality::best);
    float out = 0.0f;
    const float* input = in.data();
    float* output = &out;
    EXPECT_EQ(resampler.process({&input, 1}, 1, {&output, 1}, 1).produced, 1u);
    EXPECT_EQ(out, in[0]);
}

TEST(Resampler, every_channel_of_any_number_is_converted_as_if_it_were_alone)
{
    constexpr std::uint32_t frames = 4'000;
    for (const auto& [from, to] : {Rates{44100, 48000}, Rates{48000, 48000}})
        for (const std::size_t channels : {1u, 2u, 3u, 4u, 5u}) {
            Resampler resampler(from, to, channels, ResamplerQuality::high);
            std::vector<std::vector<float>> in(channels, std::vector<float>(frames));
            std::vector<std::vector<float>> out(channels, std::vector<float>(frames));
            std::vector<const float*> inputs;
            std::vector<float*> outputs;
            for (std::size_t channel = 0; channel < channels; ++channel) {
                for (std::size_t i = 0; i < frames; ++i) in[channel][i] = test::noise(i, channel);
                inputs.push_back(in[channel].data());
                outputs.push_back(out[channel].data());
            }
            const auto step = resampler.process(inputs, frames, outputs, frames);
            for (std::size_t channel = 0; channel < channels; ++channel) {
                auto alone = convert(in[channel], from, to, ResamplerQuality::high);
                alone.resize(step.produced);
                alone.resize(frames);  // nothing behind what was made
                EXPECT_EQ(out[channel], alone) << from << ", " << channel << " of " << channels;
            }
        }
}

}  // namespace
}  // namespace stemwire::dsp
