// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/mix.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "dsp/kernels/kernels.hpp"
#include "tests/dsp/mixing/channels.hpp"

namespace stemwire::dsp {
namespace {

/// Terms of every kind: constant, off, a ramp that ends inside, one that goes on, one that is over.
struct Scene {
    std::vector<std::vector<float>> channels;
    std::vector<GainLine> gains{{0.5f, 0, 0}, {0, 0, 0}, {0.25f, 1e-3f, -700}, {-1.0f, -2e-4f, -20000}, {2.0f, 0, 0}, {0.0f, -1e-3f, -960}};

    Scene()
    {
        for (std::uint64_t seed = 0; seed < gains.size(); ++seed) channels.push_back(noise_channel(seed));
    }

    std::vector<MixTerm> terms_at(std::uint32_t frame) const
    {
        std::vector<MixTerm> terms;
        for (std::size_t i = 0; i < gains.size(); ++i) {
            GainLine gain = gains[i];
            gain.position = std::min(gain.position + static_cast<float>(frame), 0.0f);
            if (gain.position == 0.0f) gain.slope = 0.0f;
            terms.push_back({channels[i].data() + frame, gain});
        }
        return terms;
    }

    double expected(std::uint32_t frame) const
    {
        double sum = 0.0;
        for (std::size_t i = 0; i < gains.size(); ++i) {
            const double left = std::min(static_cast<double>(gains[i].position) + frame, 0.0);
            sum += (gains[i].target + static_cast<double>(gains[i].slope) * left) * channels[i][frame];
        }
        return sum;
    }
};

TEST(Mix, every_instruction_set_gives_the_plain_sum_of_products)
{
    const Scene scene;
    const auto terms = scene.terms_at(0);
    for (const Kernels* kernels : usable_kernels()) {
        std::vector<float> out(length, 9.0f);
        kernels->mix(terms.data(), terms.size(), out.data(), length);
        // Rounding of six products and sums of magnitude up to 6: 12 · 2⁻²⁴ · 6 at worst.
        for (std::uint32_t i = 0; i < length; ++i) ASSERT_NEAR(out[i], scene.expected(i), 5e-6) << kernels->name << ' ' << i;
    }
}

TEST(Mix, gives_the_same_bits_however_it_is_cut)
{
    const Scene scene;
    for (const Kernels* kernels : usable_kernels()) {
        std::vector<float> whole(length);
        kernels->mix(scene.terms_at(0).data(), scene.gains.size(), whole.data(), length);
        for (const std::uint32_t block : block_sizes) {
            std::vector<float> cut(length);
            for (std::uint32_t frame = 0; frame < length; frame += block)
                kernels->mix(scene.terms_at(frame).data(), scene.gains.size(), cut.data() + frame, std::min(block, length - frame));
            ASSERT_EQ(cut, whole) << kernels->name << ' ' << block;
        }
    }
}

TEST(Mix, of_nothing_is_silence)
{
    for (const Kernels* kernels : usable_kernels()) {
        std::vector<float> out(777, 1.0f);
        kernels->mix(nullptr, 0, out.data(), 777);
        EXPECT_EQ(out, std::vector<float>(777, 0.0f)) << kernels->name;
    }
}

TEST(Mix, writes_no_further_than_it_is_told)
{
    const auto in = noise_channel(0);
    for (const Kernels* kernels : usable_kernels())
        for (std::uint32_t frames = 1; frames < 300; ++frames) {
            std::vector<float> out(301, 9.0f);
            const MixTerm term{in.data(), {1.0f, 0, 0}};
            kernels->mix(&term, 1, out.data(), frames);
            ASSERT_EQ(out[frames - 1], in[frames - 1]) << kernels->name;
            ASSERT_EQ(out[frames], 9.0f) << kernels->name << ' ' << frames;
        }
}

/// Pairs of gains of every kind: both still, both moving together, or not together, one off, one ending inside.
const std::vector<std::vector<std::pair<GainLine, GainLine>>> pairs_of_gains{
    {{{0.5f, 0, 0}, {0.25f, 0, 0}}, {{-1.0f, 0, 0}, {2.0f, 0, 0}}},
    {{{0.5f, 1e-4f, -9000}, {0.25f, -1e-4f, -9000}}, {{0.0f, 1e-5f, -4096}, {1.0f, 1e-5f, -4096}}},
    {{{0.5f, 1e-4f, -9000}, {0.25f, -1e-4f, -5000}}},
    {{{0.5f, 0, 0}, {0, 0, 0}}, {{0.5f, 1e-3f, -700}, {0.25f, 0, 0}}, {{0.5f, 1e-3f, -700}, {0.25f, 1e-3f, -9000}}},
};

bool moves(const std::vector<std::pair<GainLine, GainLine>>& gains)
{
    return std::ranges::any_of(gains, [](const auto& pair) { return pair.first.slope != 0.0f || pair.second.slope != 0.0f; });
}

TEST(Mix, of_a_pair_is_that_of_each_output)
{
    for (const Kernels* kernels : usable_kernels())
        for (const auto& gains : pairs_of_gains)
            for (const std::uint32_t frames : {1u, 15u, 64u, 300u, length}) {
                std::vector<std::vector<float>> channels;
                std::vector<PairTerm> both;
                std::vector<MixTerm> each[2];
                for (const auto& [left, right] : gains) {
                    const float* samples = channels.emplace_back(noise_channel(channels.size())).data();
                    both.push_back({samples, {left, right}});
                    each[0].push_back({samples, left});
                    each[1].push_back({samples, right});
                }
                std::vector<float> out[2]{std::vector<float>(length, 9.0f), std::vector<float>(length, 9.0f)};
                std::vector<float> alone[2]{out[0], out[1]};
                kernels->mix_pair(both.data(), both.size(), out[0].data(), out[1].data(), frames);
                for (int side = 0; side < 2; ++side) {
                    kernels->mix(each[side].data(), each[side].size(), alone[side].data(), frames);
                    for (std::uint32_t i = 0; i < length; ++i)
                        ASSERT_NEAR(out[side][i], alone[side][i], moves(gains) ? rounding_of_moving_gains : 0.0f)
                            << kernels->name << ' ' << frames << ' ' << side << ' ' << i;
                }
            }
}

/// More terms than are measured at a time, of gains of every kind or of one.
std::vector<PairTerm> many_pairs(const std::vector<std::vector<float>>& channels, std::size_t count, bool moving)
{
    const GainLine kinds[]{{0.5f, 0, 0}, {0.25f, 1e-4f, -700}, {0, 0, 0}, {0.0f, 1e-5f, -4096}};
    std::vector<PairTerm> terms;
    for (std::size_t i = 0; i < count; ++i) {
        const GainLine still{0.1f + 0.01f * static_cast<float>(i), 0, 0};
        terms.push_back({channels[i].data(), {moving ? kinds[i % 4] : still, moving ? kinds[i / 4 % 4] : still}});
    }
    return terms;
}

/// One mix of each kind, and the levels beside a plain computation of them.
void check_measured(const Kernels& kernels, const std::vector<PairTerm>& terms, std::uint32_t frames)
{
    std::vector<float> plain[2]{std::vector<float>(301, 9.0f), std::vector<float>(301, 9.0f)};
    std::vector<float> out[2]{plain[0], plain[1]};
    std::vector<Level> levels(terms.size() + 1, Level{7.0f, 7.0f});
    kernels.mix_pair(terms.data(), terms.size(), plain[0].data(), plain[1].data(), frames);
    kernels.mix_pair_measured(terms.data(), terms.size(), levels.data(), out[0].data(), out[1].data(), frames);
    EXPECT_EQ(out[0], plain[0]);
    EXPECT_EQ(out[1], plain[1]);
    for (std::size_t i = 0; i < terms.size(); ++i) {
        double peak = 0.0;
        double energy = 0.0;
        for (std::uint32_t frame = 0; frame < frames; ++frame) {
            const double sample = terms[i].samples[frame];
            peak = std::max(peak, std::abs(sample));
            energy += sample * sample;
        }
        ASSERT_FLOAT_EQ(levels[i].peak, static_cast<float>(peak)) << i;
        ASSERT_NEAR(levels[i].sum_squares, energy, 2e-5 * energy) << i;
    }
    ASSERT_EQ(levels.back().peak, 7.0f);
}

TEST(Mix, is_the_same_while_it_measures_and_finds_the_levels_before_the_gains)
{
    std::vector<std::vector<float>> channels;
    for (std::size_t i = 0; i < 70; ++i) channels.push_back(noise_channel(i));
    for (const Kernels* kernels : usable_kernels())
        for (const std::size_t count : {0u, 1u, 3u, 16u, 32u, 33u, 70u})
            for (const std::uint32_t frames : {0u, 1u, 15u, 64u, 300u}) {
                SCOPED_TRACE(std::string(kernels->name) + ", " + std::to_string(count) + " terms, " + std::to_string(frames) + " frames");
                check_measured(*kernels, many_pairs(channels, count, false), frames);
                check_measured(*kernels, many_pairs(channels, count, true), frames);
            }
}

TEST(Mix, of_one_output_is_the_same_while_it_measures)
{
    const Scene scene;
    const auto terms = scene.terms_at(0);
    for (const Kernels* kernels : usable_kernels())
        for (const std::uint32_t frames : {1u, 15u, 64u, 300u}) {
            std::vector<float> plain(length, 9.0f);
            std::vector<float> out(plain);
            std::vector<Level> levels(terms.size());
            kernels->mix(terms.data(), terms.size(), plain.data(), frames);
            kernels->mix_measured(terms.data(), terms.size(), levels.data(), out.data(), frames);
            EXPECT_EQ(out, plain) << kernels->name << ' ' << frames;
            for (std::size_t i = 0; i < terms.size(); ++i) {
                const MixTerm raw{terms[i].samples, {1.0f, 0, 0}};
                Level alone;
                kernels->measure(&raw, 1, &alone, frames);
                EXPECT_FLOAT_EQ(levels[i].peak, alone.peak) << kernels->name << ' ' << frames << ' ' << i;
                EXPECT_NEAR(levels[i].sum_squares, alone.sum_squares, 2e-5 * alone.sum_squares) << kernels->name << ' ' << frames;
            }
        }
}

TEST(LevelBehind, a_gain_is_that_of_the_samples_times_it)
{
    const std::vector<float> in(960, 0.5f);  // spread evenly: the estimate is what it is
    const GainLine gains[]{{-0.5f, 0, 0}, {0.25f, -1e-3f, -700}, {0.0f, -1e-3f, -5000}, {1.0f, 5e-4f, -960}};
    for (const GainLine& gain : gains) {
        const Level expected = measure({in.data(), gain}, 960);
        const Level level = level_behind(gain, measure(in.data(), 960), 960);
        EXPECT_NEAR(level.peak, expected.peak, 1e-6 + std::abs(gain.slope) / 2);  // it may lie at the next block's first frame
        // A sum of samples of a parabola and its integral: half a frame's step at both ends.
        EXPECT_NEAR(level.sum_squares, expected.sum_squares, 2e-3 * expected.sum_squares) << gain.slope;
    }
}

TEST(Measure, of_many_is_that_of_each)
{
    const Scene scene;
    for (const Kernels* kernels : usable_kernels())
        for (const std::uint32_t frames : {1u, 15u, 64u, 300u}) {
            const auto terms = scene.terms_at(0);
            std::vector<Level> levels(terms.size());
            kernels->measure(terms.data(), terms.size(), levels.data(), frames);
            for (std::size_t i = 0; i < terms.size(); ++i) {
                Level alone;
                kernels->measure(&terms[i], 1, &alone, frames);
                EXPECT_FLOAT_EQ(levels[i].peak, alone.peak) << kernels->name << ' ' << frames << ' ' << i;
                // The squares are summed in another order: frames · 2⁻²⁴ at worst.
                EXPECT_NEAR(levels[i].sum_squares, alone.sum_squares, 2e-5 * alone.sum_squares) << kernels->name << ' ' << frames;
            }
        }
}

TEST(Measure, finds_the_peak_and_the_energy_at_every_length)
{
    const auto in = noise_channel(5);
    const GainLine gain{0.5f, -1e-3f, -100};
    for (const Kernels* kernels : usable_kernels())
        for (std::uint32_t frames = 1; frames < 300; ++frames) {
            double peak = 0.0;
            double energy = 0.0;
            for (std::uint32_t i = 0; i < frames; ++i) {
                const double sample = in[i] * (0.5 - 1e-3 * std::min(static_cast<double>(i) - 100.0, 0.0));
                peak = std::max(peak, std::abs(sample));
                energy += sample * sample;
            }
            const MixTerm term{in.data(), gain};
            Level level;
            kernels->measure(&term, 1, &level, frames);
            ASSERT_NEAR(level.peak, peak, 1e-6) << kernels->name << ' ' << frames;
            ASSERT_NEAR(level.sum_squares, energy, 1e-5 * energy) << kernels->name << ' ' << frames;
        }
}

TEST(Measure, never_takes_a_signal_that_is_not_finite_for_silence)
{
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
        for (const Kernels* kernels : usable_kernels())
            for (std::size_t at = 0; at < 100; ++at) {
                std::vector<float> in(100, 0.0f);
                in[at] = bad;
                const MixTerm term{in.data(), {1.0f, 0, 0}};
                Level level;
                kernels->measure(&term, 1, &level, 100);
                EXPECT_FALSE(level.is_silent()) << kernels->name;
                EXPECT_FALSE(std::isfinite(level.sum_squares)) << kernels->name;
            }
}

}  // namespace
}  // namespace stemwire::dsp
