// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <thread>

#include <sys/wait.h>

#include "control/session_lock.hpp"
#include "tests/support/temporary_folder.hpp"

namespace stemwire::control {
namespace {

TEST(SessionLock, a_name_is_taken_once_and_the_message_says_by_whom)
{
    const test::TemporaryFolder folder;
    auto first = SessionLock::take(folder.path().string(), "band");
    ASSERT_TRUE(first);
    const auto second = SessionLock::take(folder.path().string(), "band");
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("'band' is already running (pid " + std::to_string(getpid()) + ")"), std::string::npos) << second.error().message;
    EXPECT_TRUE(SessionLock::take(folder.path().string(), "choir"));
}

TEST(SessionLock, a_name_is_free_again_afterwards)
{
    const test::TemporaryFolder folder;
    for (int round = 0; round < 3; ++round) EXPECT_TRUE(SessionLock::take(folder.path().string(), "band"));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(SessionLock, a_killed_process_holds_no_name)
{
    const test::TemporaryFolder folder;
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        const auto lock = SessionLock::take(folder.path().string(), "band");
        if (write(ready[1], "x", 1) != 1) _exit(1);
        pause();
    }
    char byte = 0;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    EXPECT_FALSE(SessionLock::take(folder.path().string(), "band"));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    EXPECT_TRUE(SessionLock::take(folder.path().string(), "band"));
    close(ready[0]);
    close(ready[1]);
}

TEST(SessionLock, is_held_by_one_at_a_time_however_many_try)
{
    const test::TemporaryFolder folder;
    std::atomic<int> holders = 0;
    std::atomic<bool> two = false;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&] {
            for (int round = 0; round < 300; ++round) {
                const auto lock = SessionLock::take(folder.path().string(), "band");
                if (!lock) continue;
                if (holders.fetch_add(1) != 0) two = true;
                holders.fetch_sub(1);
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_FALSE(two);
}

}  // namespace
}  // namespace stemwire::control
