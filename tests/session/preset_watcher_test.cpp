// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/preset_watcher.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <poll.h>

#include "tests/support/temporary_folder.hpp"

namespace stemwire::session {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class PresetWatchers : public ::testing::Test {
protected:
    void SetUp() override
    {
        path_ = folder_.file("band.yaml");
        write(path_, "one");
    }
    static void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

    /// Whether a change is reported once the file has been left alone for long enough, and only once.
    static bool reports(PresetWatcher& watcher)
    {
        watcher.drain();
        auto now = PresetWatcher::Clock::now();
        EXPECT_FALSE(watcher.changed(now));
        const bool changed = watcher.changed(now + 1s);
        EXPECT_FALSE(watcher.changed(now + 2s));
        return changed;
    }
    static bool awake(const PresetWatcher& watcher)
    {
        pollfd descriptor{watcher.descriptor(), POLLIN, 0};
        return poll(&descriptor, 1, 10'000) == 1;
    }

    test::TemporaryFolder folder_;
    std::string path_;
};

TEST_F(PresetWatchers, say_nothing_while_nothing_happens)
{
    PresetWatcher watcher(path_);
    EXPECT_FALSE(reports(watcher));
}

TEST_F(PresetWatchers, notice_a_save_in_place)
{
    PresetWatcher watcher(path_);
    write(path_, "two");
    EXPECT_TRUE(awake(watcher));
    EXPECT_TRUE(reports(watcher));
}

TEST_F(PresetWatchers, notice_an_editor_that_renames_over_the_file_again_and_again)
{
    PresetWatcher watcher(path_);
    for (int save = 0; save < 3; ++save) {
        write(path_ + "~", "save " + std::to_string(save));
        fs::rename(path_ + "~", path_);
        EXPECT_TRUE(awake(watcher));
        EXPECT_TRUE(reports(watcher)) << save;
    }
}

TEST_F(PresetWatchers, wait_until_the_file_is_left_alone)
{
    PresetWatcher watcher(path_);
    auto now = PresetWatcher::Clock::now();
    for (int part = 0; part < 5; ++part, now += 20ms) {
        write(path_, std::string(static_cast<std::size_t>(part) + 10, 'x'));
        EXPECT_FALSE(watcher.changed(now));
        EXPECT_TRUE(watcher.pending());
    }
    EXPECT_TRUE(watcher.changed(now + 100ms));
}

TEST_F(PresetWatchers, read_a_file_all_the_same_that_is_never_left_alone)
{
    PresetWatcher watcher(path_);
    auto now = PresetWatcher::Clock::now();
    int taken = 0;
    constexpr int saves = 100;
    for (int save = 0; save < saves; ++save, now += 20ms) {
        write(path_, std::string(static_cast<std::size_t>(save) + 10, 'x'));
        taken += watcher.changed(now) ? 1 : 0;
    }
    // 2 s: taken together, but not until the end.
    EXPECT_GE(taken, 5);
    EXPECT_LE(taken, 10);
}

TEST_F(PresetWatchers, a_file_that_is_gone_is_no_change_until_it_is_back)
{
    PresetWatcher watcher(path_);
    fs::remove(path_);
    EXPECT_FALSE(reports(watcher));
    write(path_, "back");
    EXPECT_TRUE(reports(watcher));
}

TEST_F(PresetWatchers, a_folder_in_the_place_of_the_file_is_told)
{
    PresetWatcher watcher(path_);
    fs::remove(path_);
    EXPECT_FALSE(reports(watcher));
    fs::create_directory(path_);
    EXPECT_TRUE(reports(watcher));
    fs::remove(path_);
    write(path_, "back");
    EXPECT_TRUE(reports(watcher));
}

TEST_F(PresetWatchers, follow_a_symbolic_link_to_where_it_leads_now)
{
    fs::create_directory(folder_.file("elsewhere"));
    const std::string target = folder_.file("elsewhere/real.yaml");
    write(target, "one");
    fs::remove(path_);
    fs::create_symlink(target, path_);
    PresetWatcher watcher(path_);
    write(target, "another");
    EXPECT_TRUE(awake(watcher));
    EXPECT_TRUE(reports(watcher));
    write(folder_.file("third.yaml"), "third");
    fs::create_symlink(folder_.file("third.yaml"), path_ + "~");
    fs::rename(path_ + "~", path_);
    EXPECT_TRUE(reports(watcher));
}

}  // namespace
}  // namespace stemwire::session
