// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "preset/preset.hpp"
#include "session/instance.hpp"
#include "session/render.hpp"
#include "stemwire/units.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/wav.hpp"

namespace stemwire {
namespace {

namespace fs = std::filesystem;

/// The folder of the shipped presets: that of the sources, unless the environment names another.
fs::path presets_folder()
{
    const char* named = std::getenv("STEMWIRE_PRESETS");
    return named != nullptr ? named : STEMWIRE_SHIPPED_PRESETS;
}

std::vector<fs::path> shipped_presets()
{
    std::vector<fs::path> presets;
    for (const auto& entry : fs::directory_iterator(presets_folder()))
        if (entry.path().extension() == ".yaml") presets.push_back(entry.path());
    std::ranges::sort(presets);
    return presets;
}

std::string text_of(const Errors& errors)
{
    std::string text;
    for (const Error& error : errors) text += to_string(error) + "\n";
    return text;
}

/// Renders into a folder that is gone afterwards; `duration_seconds`: nothing for all of it.
tl::expected<session::RenderSummary, Errors> render(const fs::path& path, std::optional<double> duration_seconds)
{
    const preset::Loaded loaded = preset::load(path.string());
    if (!loaded.preset) return tl::unexpected(loaded.errors);
    const test::TemporaryFolder folder;
    const std::atomic<bool> interrupted{false};
    const session::RenderRequest request{.output = folder.file("out.wav"), .duration_seconds = duration_seconds};
    return session::render(*loaded.preset, request, [](Frames, Frames) {}, interrupted);
}

TEST(ShippedPresets, check_without_an_error_or_a_warning)
{
    const auto presets = shipped_presets();
    ASSERT_FALSE(presets.empty());
    for (const fs::path& path : presets) {
        const preset::Loaded loaded = preset::load(path.string());
        EXPECT_EQ(text_of(loaded.errors) + text_of(loaded.warnings), "") << path;
    }
}

TEST(ShippedPresets, are_heard_from_the_start_and_do_not_clip)
{
    for (const fs::path& path : shipped_presets()) {
        const auto summary = render(path, 2.0);
        ASSERT_TRUE(summary) << path << ": " << text_of(summary.error());
        EXPECT_GT(summary->peak, 0.0) << path;
        EXPECT_LT(summary->peak, 1.0) << path;
        EXPECT_TRUE(summary->messages.empty()) << path << ": " << summary->messages.front();
    }
}

/// What the studio's speakers play while its microphone hears this.
std::vector<std::vector<float>> studio(const std::vector<float>& microphone, std::uint32_t quantum)
{
    const test::TemporaryFolder folder;
    test::write_audio(folder.file("microphone.wav"), {48'000, {microphone}});
    const preset::Loaded loaded = preset::load((presets_folder() / "studio.yaml").string());
    const std::atomic<bool> interrupted{false};
    const session::RenderRequest request{.output = folder.file("out.wav"), .format = media::SampleFormat::f32, .duration_seconds = 0.5, .quantum = quantum,
                                         .inputs = {{"microphone", folder.file("microphone.wav")}}};
    const auto summary = session::render(*loaded.preset, request, [](Frames, Frames) {}, interrupted);
    EXPECT_TRUE(summary) << text_of(summary.error());
    return test::read_audio(folder.file("out.wav")).channels;
}

TEST(ShippedPresets, the_studio_has_its_microphone_at_the_speakers_in_the_very_frame)
{
    // A render begins where the first sound would: what it leaves out of that must be nothing.
    media::DecodePool decoders(0);
    const auto instance = session::Instance::make(*preset::load((presets_folder() / "studio.yaml").string()).preset, decoders);
    ASSERT_TRUE(instance);
    ASSERT_TRUE((*instance)->prepare({.rate_hz = 48'000, .offline = true, .quantum = 128}).empty());
    for (const std::uint32_t latency : (*instance)->alignment().external_latency) EXPECT_EQ(latency, 0u);

    constexpr std::size_t at = 10'007;
    std::vector<float> click(24'000, 0.0f);
    const std::vector<float> silence = click;
    click[at] = 0.5f;
    for (const std::uint32_t quantum : {64u, 128u, 1000u}) {
        const auto without = studio(silence, quantum);
        const auto with = studio(click, quantum);
        ASSERT_EQ(with.size(), 2u);
        for (std::size_t channel = 0; channel < 2; ++channel) {
            // Until the click, the band is all there is; on its frame it is there, through gate, equalizer, compressor and mixer.
            const auto [first, same] = std::ranges::mismatch(with[channel], without[channel]);
            EXPECT_EQ(static_cast<std::size_t>(first - with[channel].begin()), at) << quantum;
            EXPECT_GT(std::abs(*first - *same), 1e-3f) << quantum;
        }
    }
}

TEST(ShippedPresets, the_demo_is_sixteen_bars_and_a_tail_under_its_ceiling)
{
    const auto summary = render(presets_folder() / "demo.yaml", std::nullopt);
    ASSERT_TRUE(summary) << text_of(summary.error());
    const double beats_per_minute = 120, bars = 16, beats_per_bar = 4;
    EXPECT_GE(static_cast<double>(summary->frames), bars * beats_per_bar * 60 / beats_per_minute * summary->rate_hz);
    EXPECT_LE(summary->peak, decibels_to_linear(-1.0));  // the limiter's ceiling
    EXPECT_EQ(summary->missing_frames, 0u);
}

}  // namespace
}  // namespace stemwire
