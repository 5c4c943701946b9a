// SPDX-License-Identifier: GPL-3.0-or-later
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <sys/resource.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "preset/patch.hpp"

namespace stemwire::preset {
namespace {

namespace fs = std::filesystem;

class ReplaceFile : public testing::Test {
protected:
    ReplaceFile() : folder_(fs::temp_directory_path() / ("stemwire-replace-" + std::to_string(getpid()))) { fs::create_directories(folder_); }
    ~ReplaceFile() override { fs::remove_all(folder_); }

    static std::string content(const fs::path& path)
    {
        std::ifstream stream(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    [[nodiscard]] std::size_t files() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {})); }

    fs::path folder_;
};

TEST_F(ReplaceFile, writes_a_new_file_and_leaves_nothing_beside_it)
{
    ASSERT_TRUE(replace_file((folder_ / "a.yaml").string(), "one\r\n"));
    ASSERT_TRUE(replace_file((folder_ / "a.yaml").string(), "two"));
    EXPECT_EQ(content(folder_ / "a.yaml"), "two");
    EXPECT_EQ(files(), 1u);
}

TEST_F(ReplaceFile, keeps_permissions)
{
    ASSERT_TRUE(replace_file((folder_ / "a.yaml").string(), "one"));
    const fs::perms odd = fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read;
    fs::permissions(folder_ / "a.yaml", odd);
    ASSERT_TRUE(replace_file((folder_ / "a.yaml").string(), "two"));
    EXPECT_EQ(fs::status(folder_ / "a.yaml").permissions(), odd);
}

TEST_F(ReplaceFile, writes_behind_a_symbolic_link)
{
    fs::create_directories(folder_ / "real");
    ASSERT_TRUE(replace_file((folder_ / "real" / "a.yaml").string(), "one"));
    fs::create_symlink(fs::path("real") / "a.yaml", folder_ / "link.yaml");
    ASSERT_TRUE(replace_file((folder_ / "link.yaml").string(), "two"));
    EXPECT_TRUE(fs::is_symlink(folder_ / "link.yaml"));
    EXPECT_EQ(content(folder_ / "real" / "a.yaml"), "two");
}

TEST_F(ReplaceFile, says_why_it_could_not)
{
    const std::string path = (folder_ / "none" / "a.yaml").string();
    const auto done = replace_file(path, "one");
    ASSERT_FALSE(done);
    EXPECT_EQ(to_string(done.error()), path + ": error: cannot be written: No such file or directory");
}

/// While it lives no file may become longer: to a program that writes, as a full disk.
class FullDisk {
public:
    explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN))
    {
        getrlimit(RLIMIT_FSIZE, &old_);
        const rlimit less{bytes, old_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &less);
    }
    ~FullDisk()
    {
        setrlimit(RLIMIT_FSIZE, &old_);
        std::signal(SIGXFSZ, handler_);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    void (*handler_)(int);
    rlimit old_{};
};

TEST_F(ReplaceFile, leaves_all_as_it_was_where_the_disk_is_full)
{
    const std::string path = (folder_ / "a.yaml").string();
    ASSERT_TRUE(replace_file(path, "as it was"));
    const auto done = [&] {
        const FullDisk disk(4);
        return replace_file(path, "what is longer than that");
    }();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "cannot be written: File too large");
    EXPECT_EQ(content(path), "as it was");
    EXPECT_EQ(files(), 1u);
}

TEST_F(ReplaceFile, leaves_nothing_beside_what_it_could_not_replace)
{
    fs::create_directories(folder_ / "a.yaml");
    const auto done = replace_file((folder_ / "a.yaml").string(), "one");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "cannot be written: Is a directory");
    EXPECT_TRUE(fs::is_directory(folder_ / "a.yaml"));
    EXPECT_EQ(files(), 1u);
}

}  // namespace
}  // namespace stemwire::preset
