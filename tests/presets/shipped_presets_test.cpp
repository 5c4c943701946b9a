// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "preset/preset.hpp"
#include "session/render.hpp"
#include "stemwire/units.hpp"
#include "tests/support/temporary_folder.hpp"

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
