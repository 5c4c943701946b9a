// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>

#include <sys/mount.h>
#include <sys/resource.h>

#include "tests/faults/faults.hpp"

namespace stemwire::test {
namespace {

namespace fs = std::filesystem;

TEST_F(Faults, a_preset_that_cannot_be_read_is_refused_with_its_cause_and_what_plays_goes_on)
{
    start();
    ASSERT_TRUE(wait_until([&] { return plays(); })) << program_->err();
    const std::string path = folder_.file("band.yaml");
    const auto spoil = [&](const std::string& how, const std::function<void()>& act) {
        const std::size_t said = program_->err().size();
        fs::remove_all(path);
        act();
        EXPECT_TRUE(says("what plays goes on", said)) << how << ": " << program_->err();
        EXPECT_NE(program_->err().find("band.yaml", said), std::string::npos) << how << ": " << program_->err();
        EXPECT_TRUE(goes_on()) << how;
    };
    spoil("half written", [&] { folder_.write("band.yaml", preset(0).substr(0, 60)); });
    spoil("a folder", [&] { fs::create_directory(path); });
    spoil("a link to another file", [&] { fs::create_symlink("stem.wav", path); });
    spoil("empty", [&] { folder_.write("band.yaml", ""); });
    fs::remove_all(path);
    fs::create_symlink("nowhere.yaml", path);
    EXPECT_TRUE(goes_on()) << "a link to nothing";
    const std::size_t said = program_->err().size();
    fs::remove_all(path);
    folder_.write("band.yaml", preset(-3));
    EXPECT_TRUE(says("took over", said)) << program_->err();
    expect_ordered_end();
}

TEST_F(Faults, a_file_that_changes_while_it_plays_stops_nothing)
{
    start();
    ASSERT_TRUE(wait_until([&] { return plays(); })) << program_->err();
    const std::string stem = folder_.file("stem.wav");
    fs::resize_file(stem, 100'000);
    EXPECT_EQ(ask({"seek", "3 s"}).status, 0) << program_->err();
    EXPECT_TRUE(goes_on()) << "cut off";
    write_stem("other.wav", 1'000);
    fs::rename(folder_.file("other.wav"), stem);
    EXPECT_EQ(ask({"seek", "1 s"}).status, 0) << program_->err();
    EXPECT_TRUE(goes_on()) << "replaced";
    fs::remove(stem);
    EXPECT_EQ(ask({"seek", "2 s"}).status, 0) << program_->err();
    EXPECT_TRUE(goes_on()) << "deleted";
    expect_ordered_end();
    EXPECT_EQ(program_->err().find("terminate"), std::string::npos);
}

TEST_F(Faults, too_few_descriptors_or_too_little_memory_end_with_a_message)
{
    for (const std::string& limit : {std::string("--nofile=8"), std::string("--nofile=16"), std::string("--nofile=20"), std::string("--nofile=22"), std::string("--nofile=24"), std::string("--nofile=40"), std::string("--as=60000000"), std::string("--as=150000000")}) {
        const Outcome outcome = run_program({"timeout", "60", "prlimit", limit, stemwire_program(), "run", "--remote", pipewire_.remote(), "--duration", "0.2 s", "band.yaml"}, environment(), folder_.path().string());
        EXPECT_LT(outcome.status, 124) << limit << ": " << outcome.err;
        if (outcome.status != 0) {
            EXPECT_NE(outcome.err, "") << limit;
        }
    }
}

TEST_F(Faults, without_the_right_to_run_in_real_time_it_plays_and_says_so_once)
{
    start({"setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice", "prlimit", "--rtprio=0", "--nice=0"});
    ASSERT_TRUE(wait_until([&] { return plays(); })) << program_->err();
    const std::string why = "without realtime priority";
    EXPECT_TRUE(says(why)) << program_->err();
    EXPECT_TRUE(goes_on());
    expect_ordered_end();
    EXPECT_EQ(program_->err().find(why), program_->err().rfind(why)) << program_->err();
}

TEST_F(Faults, when_descriptors_run_out_while_it_plays_what_plays_goes_on_and_edits_are_refused_with_the_cause)
{
    start();
    ASSERT_TRUE(wait_until([&] { return plays(); })) << program_->err();
    const auto allow = [&](std::size_t more) {
        std::set<std::size_t> open;
        for (const auto& file : fs::directory_iterator("/proc/" + std::to_string(program_->pid()) + "/fd")) open.insert(std::stoul(file.path().filename().string()));
        std::size_t below = 0;
        for (std::size_t free = 0; free < more; ++below) free += open.contains(below) ? 0 : 1;
        rlimit limit{};
        ASSERT_EQ(prlimit(program_->pid(), RLIMIT_NOFILE, nullptr, &limit), 0);
        limit.rlim_cur = std::min<rlim_t>(below, limit.rlim_max);
        ASSERT_EQ(prlimit(program_->pid(), RLIMIT_NOFILE, &limit, nullptr), 0);
    };
    std::string with_more = preset(0);
    with_more.replace(with_more.find("tone:"), 5, "more: { type: generator }\n  tone:");
    with_more.replace(with_more.find("links: [ "), 9, "links: [ more -> speakers, ");
    for (const std::size_t left : {0u, 1u, 2u, 3u, 4u, 6u, 8u, 10u}) {
        allow(left);
        const std::size_t said = program_->err().size();
        folder_.write("band.yaml", with_more);
        EXPECT_TRUE(says("oo many", said)) << left << ": " << program_->err();
        EXPECT_TRUE(wait_until([&] { return program_->err().find("took over", said) != std::string::npos || program_->err().find("not taken over", said) != std::string::npos; })) << program_->err();
        allow(4000);
        EXPECT_TRUE(goes_on()) << left << ": " << program_->err();
        EXPECT_EQ(program_->err().find("went away"), std::string::npos) << left << ": " << program_->err();
        const std::size_t before = program_->err().size();
        folder_.write("band.yaml", preset(-static_cast<int>(left) - 1));
        EXPECT_TRUE(says("took over", before)) << program_->err();
    }
    folder_.write("band.yaml", with_more);
    EXPECT_TRUE(wait_until([&] { return pipewire_.linked("band.more:output_MONO", "null-sink:playback_FL"); })) << program_->err();
    expect_ordered_end();
}

TEST_F(Faults, a_full_disk_ends_a_render_with_its_cause_and_leaves_nothing)
{
    const TemporaryFolder disk;
    if (mount("none", disk.path().c_str(), "tmpfs", 0, "size=64k") != 0) GTEST_SKIP() << "needs the right to mount";
    const Outcome outcome = ask({"render", "band.yaml", "--duration", "4 s", "-o", disk.file("out.wav")});
    const bool empty = fs::is_empty(disk.path());
    umount(disk.path().c_str());
    EXPECT_EQ(outcome.status, 1) << outcome.err;
    EXPECT_NE(outcome.err.find("No space left"), std::string::npos) << outcome.err;
    EXPECT_TRUE(empty);
}

}  // namespace
}  // namespace stemwire::test
