// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "plot/charts.hpp"
#include "plot/spectrogram.hpp"
#include "plot/waveform.hpp"
#include "tests/support/node_bench.hpp"

namespace stemwire {
namespace {

using plot::Spectrogram;
using plot::Waveform;
constexpr double rate_hz = 48000.0;

/// In pieces of odd sizes.
template <class Picture>
void add(Picture& picture, const test::Signals& sound)
{
    constexpr std::array<std::uint32_t, 3> sizes{1000, 1, 4097};
    const auto frames = static_cast<std::uint32_t>(sound.front().size());
    std::size_t turn = 0;
    for (std::uint32_t frame = 0; frame < frames;) {
        const std::uint32_t count = std::min(sizes[turn++ % sizes.size()], frames - frame);
        std::vector<const float*> channels;
        for (const auto& channel : sound) channels.push_back(channel.data() + frame);
        picture.add(channels, count);
        frame += count;
    }
}

TEST(Waveform, has_the_extremes_and_the_power_of_what_it_saw)
{
    for (const std::size_t frames : {10u, 700u, 8192u, 8193u, 300000u}) {
        test::Signals sound{test::noise_channel(frames, 1, 0.5f), test::sine_channel(frames, 997.0, 0.8)};
        sound[0][frames / 3] = 0.9f;
        sound[0][frames / 2] = -0.95f;
        Waveform waveform(2);
        add(waveform, sound);
        const auto columns = waveform.columns(0, 700);
        EXPECT_EQ(columns.size(), std::min<std::size_t>(700, frames));
        EXPECT_EQ(std::ranges::max(columns, {}, &plot::WaveColumn::high).high, 0.9f);
        EXPECT_EQ(std::ranges::min(columns, {}, &plot::WaveColumn::low).low, -0.95f);
        EXPECT_EQ(waveform.peak(0), 0.95f);
        EXPECT_EQ(waveform.frames(), frames);
        double energy = 0.0;
        for (const float sample : sound[1]) energy += static_cast<double>(sample) * sample;
        EXPECT_NEAR(waveform.rms(1), std::sqrt(energy / static_cast<double>(frames)), 1e-9);
    }
}

TEST(Waveform, shows_a_click_where_it_is)
{
    for (const std::size_t frames : {1000u, 100000u, 5000000u}) {
        test::Signals sound{std::vector<float>(frames)};
        sound[0][frames / 4] = 1.0f;
        Waveform waveform(1);
        add(waveform, sound);
        const auto columns = waveform.columns(0, 500);
        const auto loudest = std::ranges::max_element(columns, {}, &plot::WaveColumn::high) - columns.begin();
        EXPECT_NEAR(static_cast<double>(loudest), 125.0, 1.0) << frames;
        EXPECT_EQ(std::ranges::count_if(columns, [](const auto& column) { return column.high > 0.0f; }), 1);
    }
}

TEST(Waveform, of_a_steady_sine_has_its_power_in_every_column)
{
    Waveform waveform(1);
    add(waveform, {test::sine_channel(480000, 1000.0, 0.5)});
    for (const auto& column : waveform.columns(0, 100)) EXPECT_NEAR(column.rms, 0.5 / std::sqrt(2.0), 2e-3);
}

TEST(Spectrogram, has_a_sine_at_its_bin_and_its_level)
{
    for (const std::size_t frames : {48000u, 400000u, 3000000u}) {
        const std::size_t bin = 171;
        Spectrogram spectrogram(2, rate_hz);
        add(spectrogram, {std::vector<float>(frames), test::sine_channel(frames, static_cast<double>(bin) * spectrogram.bin_hz(), 0.1)});
        spectrogram.finish();
        EXPECT_NEAR(static_cast<double>(spectrogram.columns()), static_cast<double>(frames) / static_cast<double>(spectrogram.column_frames()), 2.0);
        for (std::size_t column = spectrogram.columns() / 4; column < spectrogram.columns() * 3 / 4; column += 50) {
            EXPECT_NEAR(spectrogram.level_db(column, bin), -20.0, 0.01);
            // Harris, table 1: the highest side lobe is at −92 dB; the main lobe of four terms is four bins wide to each side.
            for (std::size_t other = 0; other < spectrogram.bins(); ++other) {
                const bool beside = other + 4 <= bin || other >= bin + 4;
                ASSERT_LT(spectrogram.level_db(column, other), beside ? -20.0 - 91.9 : -19.99) << other;
            }
        }
    }
}

TEST(Spectrogram, finds_a_sine_in_the_band_that_has_it)
{
    Spectrogram spectrogram(1, rate_hz);
    add(spectrogram, {test::sine_channel(48000, 100.0 * spectrogram.bin_hz(), 1.0)});
    spectrogram.finish();
    const auto levels_db = spectrogram.highest_db(spectrogram.columns() / 2, spectrogram.columns() / 2 + 3);
    EXPECT_NEAR(plot::highest_between(levels_db, 90.5, 110.5), 0.0, 0.01);
    EXPECT_LT(plot::highest_between(levels_db, 110.5, 120.0), -90.0);
    // Between bins it goes straight: here down to a neighbour of the window's main lobe.
    EXPECT_NEAR(plot::highest_between(levels_db, 98.9, 99.25), levels_db[99] * 0.75, 0.02);
}

TEST(Spectrogram, shows_a_click_when_it_is)
{
    for (const std::size_t frames : {20000u, 480000u, 3000000u}) {
        test::Signals sound{std::vector<float>(frames)};
        sound[0][frames / 2] = 1.0f;
        Spectrogram spectrogram(1, rate_hz);
        add(spectrogram, sound);
        spectrogram.finish();
        std::size_t loudest = 0;
        for (std::size_t column = 0; column < spectrogram.columns(); ++column)
            if (spectrogram.level_db(column, 500) > spectrogram.level_db(loudest, 500)) loudest = column;
        const auto at = static_cast<double>(loudest * spectrogram.column_frames());
        EXPECT_NEAR(at, static_cast<double>(frames) / 2.0, static_cast<double>(spectrogram.column_frames()) + 512.0) << frames;
    }
}

TEST(Spectrogram, of_a_few_frames_is_one)
{
    Spectrogram spectrogram(1, rate_hz);
    add(spectrogram, {std::vector<float>(3, 0.5f)});
    spectrogram.finish();
    EXPECT_GE(spectrogram.columns(), 1u);
}

TEST(SoundChart, of_noise_in_many_channels_stays_small)
{
    for (const std::size_t channels : {1u, 2u, 16u}) {
        test::Signals sound;
        for (std::size_t channel = 0; channel < channels; ++channel) sound.push_back(test::noise_channel(200000, channel));
        Waveform waveform(channels);
        Spectrogram spectrogram(channels, rate_hz);
        add(waveform, sound);
        add(spectrogram, sound);
        spectrogram.finish();
        const std::vector<std::string> names(channels, "AUX0");
        const std::string svg = plot::draw_sound({"noise", {}}, waveform, spectrogram, names, rate_hz);
        EXPECT_LT(svg.size(), 300000u) << channels;
        EXPECT_NE(svg.find("<image"), std::string::npos);
    }
}

}  // namespace
}  // namespace stemwire
