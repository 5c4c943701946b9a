// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "dsp/kernels/kernels.hpp"
#include "dsp/mix.hpp"
#include "tests/dsp/mixing/channels.hpp"

namespace stemwire::dsp {
namespace {

/// Two ramps that go on together for a while, to both outputs.
struct Moving {
    static constexpr std::uint32_t moving_frames = 2500;
    GainLine lines[2][2]{{{0.75f, 3e-4f, -2500}, {-0.5f, -1e-4f, -2500}}, {{0.125f, -1e-4f, -2500}, {0.0f, 2e-4f, -2500}}};
    std::vector<float> channels[2]{noise_channel(1), noise_channel(2)};

    PairTerm term_at(int term, std::uint32_t frame) const
    {
        PairTerm there{channels[term].data() + frame, {lines[term][0], lines[term][1]}};
        for (GainLine& gain : there.gains) {
            gain.position = std::min(gain.position + static_cast<float>(frame), 0.0f);
            if (gain.position == 0.0f) gain.slope = 0.0f;
        }
        return there;
    }

    std::vector<std::vector<float>> mixed(const Kernels& kernels, std::uint32_t block) const
    {
        std::vector<std::vector<float>> out(2, std::vector<float>(length));
        for (std::uint32_t frame = 0; frame < length; frame += block) {
            const PairTerm terms[]{term_at(0, frame), term_at(1, frame)};
            kernels.mix_pair(terms, 2, out[0].data() + frame, out[1].data() + frame, std::min(block, length - frame));
        }
        return out;
    }

    double expected(int output, std::uint32_t frame) const
    {
        const double position = std::min(frame - static_cast<double>(moving_frames), 0.0);
        double sum = 0.0;
        for (int term = 0; term < 2; ++term) {
            const GainLine& line = lines[term][output];
            sum += (line.target + static_cast<double>(line.slope) * position) * channels[term][frame];
        }
        return sum;
    }
};

TEST(MovingGains, give_the_plain_sum_of_products_however_it_is_cut)
{
    const Moving moving;
    for (const Kernels* kernels : usable_kernels())
        for (const std::uint32_t block : block_sizes) {
            const auto out = moving.mixed(*kernels, block);
            for (std::uint32_t i = 0; i < length; ++i) {
                ASSERT_NEAR(out[0][i], moving.expected(0, i), rounding_of_moving_gains) << kernels->name << ' ' << block << ' ' << i;
                ASSERT_NEAR(out[1][i], moving.expected(1, i), rounding_of_moving_gains) << kernels->name << ' ' << block << ' ' << i;
            }
        }
}

TEST(MovingGains, are_exactly_their_targets_where_they_have_arrived)
{
    Moving moving;
    std::ranges::fill(moving.channels[0], 1.0f);
    std::ranges::fill(moving.channels[1], 0.0f);
    for (const Kernels* kernels : usable_kernels())
        for (const std::uint32_t block : block_sizes) {
            const auto out = moving.mixed(*kernels, block);
            for (std::uint32_t i = Moving::moving_frames; i < length; ++i) {
                ASSERT_EQ(out[0][i], 0.75f) << kernels->name << ' ' << block << ' ' << i;
                ASSERT_EQ(out[1][i], -0.5f) << kernels->name << ' ' << block << ' ' << i;
            }
        }
}

/// More of them than are mixed at a time, where outputs are mixed one after the other.
TEST(MovingGains, of_many_channels_give_the_plain_sum_of_products)
{
    constexpr std::uint32_t frames = 300;
    constexpr int count = 150;
    const auto samples = noise_channel(3);
    std::vector<PairTerm> terms;
    for (int i = 0; i < count; ++i)
        terms.push_back({samples.data() + 7 * i, {{0.001f * static_cast<float>(i), 1e-6f, -4000}, {-0.1f, 1e-5f, -4000}}});
    for (const Kernels* kernels : usable_kernels()) {
        std::vector<std::vector<float>> out(2, std::vector<float>(frames));
        kernels->mix_pair(terms.data(), terms.size(), out[0].data(), out[1].data(), frames);
        for (int output = 0; output < 2; ++output)
            for (std::uint32_t i = 0; i < frames; ++i) {
                double sum = 0.0;
                for (const PairTerm& term : terms) {
                    const GainLine& gain = term.gains[output];
                    sum += (gain.target + static_cast<double>(gain.slope) * (i - 4000.0)) * term.samples[i];
                }
                // The magnitudes add up to less than 32: 150 sums, each rounded by 2^-20 at most.
                ASSERT_NEAR(out[output][i], sum, 1.5e-4) << kernels->name << ' ' << output << ' ' << i;
            }
    }
}

}  // namespace
}  // namespace stemwire::dsp
