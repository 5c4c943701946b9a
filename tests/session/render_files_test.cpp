// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <filesystem>

#include <gtest/gtest.h>

#include "session/render.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/wav.hpp"

namespace stemwire::session {
namespace {

TEST(RenderFiles, a_stem_that_would_take_the_place_of_the_output_is_refused)
{
    const test::TemporaryFolder folder;
    test::write_audio(folder.file("a.wav"), {.channels = {{0.5f, 0.25f}}});
    const auto loaded = preset::load_text(R"(
stemwire: 1
nodes:
  mix: { type: track, file: a.wav }
external: { speakers: { sink: default } }
links: [mix -> speakers]
)", folder.file("test.yaml"));
    ASSERT_TRUE(loaded.preset);
    RenderRequest request;
    request.output = folder.file("mix.wav");
    request.stems_folder = folder.file(".");
    const std::atomic<bool> interrupted{false};
    const auto summary = render(*loaded.preset, request, [](Frames, Frames) {}, interrupted);
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().front().message, folder.file("./mix.wav") + " would be written twice: choose another folder for the stems, or another name");
    EXPECT_FALSE(std::filesystem::exists(request.output));
}

}  // namespace
}  // namespace stemwire::session
