// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/supervisor.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "session/child_environment.hpp"
#include "tests/support/temporary_folder.hpp"

namespace stemwire::session {
namespace {

using namespace std::chrono_literals;

std::string read(const std::string& path)
{
    std::ifstream stream(path);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// A main loop with descriptors alone.
class Supervisors : public ::testing::Test {
protected:
    /// Waits for something to happen to a process, and lets the supervisor hear of it.
    void turn()
    {
        std::vector<pollfd> descriptors;
        for (const auto& [fd, callback] : watched_) descriptors.push_back({fd, POLLIN, 0});
        ASSERT_GT(poll(descriptors.data(), descriptors.size(), 10'000), 0);
        for (const pollfd& descriptor : descriptors)
            if (descriptor.revents != 0) std::function<void()>(watched_.at(descriptor.fd))();
    }

    std::map<int, std::function<void()>> watched_;
    std::vector<std::string> said_;
    Supervisor supervisor_{{.say = [this](const std::string& text) { said_.push_back(text); },
                            .watch = [this](int fd, std::function<void()> callback) { watched_[fd] = std::move(callback); },
                            .unwatch = [this](int fd) { watched_.erase(fd); }}};
    const Supervisor::Command sleeper_{"hall", {"/bin/sleep", "1000"}};
};

TEST_F(Supervisors, start_what_has_died_again_and_say_so)
{
    supervisor_.run({sleeper_});
    const pid_t first = supervisor_.pid("hall");
    ASSERT_NE(first, 0);
    kill(first, SIGKILL);
    turn();
    ASSERT_EQ(said_.size(), 1u);
    EXPECT_EQ(said_[0], "the process of hall was ended by signal Killed; starting it again");
    EXPECT_EQ(supervisor_.pid("hall"), 0);
    supervisor_.tick(Supervisor::Clock::now() + 1s);
    EXPECT_NE(supervisor_.pid("hall"), 0);
    EXPECT_NE(supervisor_.pid("hall"), first);
}

TEST_F(Supervisors, put_one_down_that_does_not_listen_and_start_it_again)
{
    supervisor_.run({sleeper_});
    const pid_t first = supervisor_.pid("hall");
    ASSERT_EQ(kill(first, SIGSTOP), 0);
    supervisor_.put_down("nobody");
    supervisor_.put_down("hall");
    turn();
    EXPECT_EQ(supervisor_.pid("hall"), 0);
    supervisor_.tick(Supervisor::Clock::now() + 1s);
    EXPECT_NE(supervisor_.pid("hall"), 0);
}

TEST_F(Supervisors, wait_longer_each_time_for_one_that_cannot_live)
{
    supervisor_.run({{"hall", {"/bin/false"}}});
    auto wait = 0ms;
    for (int round = 0; round < 5; ++round) {
        turn();
        auto longer = wait;
        while (supervisor_.pid("hall") == 0) supervisor_.tick(Supervisor::Clock::now() + (longer += 50ms));
        EXPECT_GT(longer, wait);
        wait = longer;
    }
}

TEST_F(Supervisors, end_what_is_not_wanted_any_more_and_leave_the_others_alone)
{
    supervisor_.run({sleeper_, {"other", {"/bin/sleep", "1000"}}});
    const pid_t hall = supervisor_.pid("hall");
    const pid_t other = supervisor_.pid("other");
    supervisor_.run({sleeper_});
    EXPECT_EQ(supervisor_.pid("hall"), hall);
    EXPECT_EQ(supervisor_.pid("other"), 0);
    EXPECT_NE(kill(other, 0), 0);
    EXPECT_EQ(watched_.size(), 1u);
}

TEST_F(Supervisors, what_will_not_end_is_ended)
{
    pid_t stubborn = 0;
    {
        Supervisor supervisor({.say = [](const std::string&) {}, .watch = [](int, std::function<void()>) {}, .unwatch = [](int) {}});
        supervisor.run({{"stubborn", {"/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"}}});
        stubborn = supervisor.pid("stubborn");
        ASSERT_NE(stubborn, 0);
    }
    EXPECT_NE(kill(stubborn, 0), 0);
}

TEST_F(Supervisors, give_a_process_the_three_standard_descriptors_and_no_others)
{
    const test::TemporaryFolder folder;
    const std::string listing = folder.file("descriptors");
    const int left_open = open("/dev/null", O_RDONLY);  // as a plugin may, without O_CLOEXEC
    ASSERT_GT(left_open, STDERR_FILENO);
    ASSERT_LT(left_open, 64);
    const std::string look = "n=0; while [ $n -lt 64 ]; do [ -e /proc/$$/fd/$n ] && found=\"$found $n\"; n=$((n + 1)); done; echo $found >";
    supervisor_.run({{"lister", {"/bin/sh", "-c", look + listing}}});
    turn();
    close(left_open);
    EXPECT_EQ(read(listing), "0 1 2\n");
}

TEST_F(Supervisors, hand_a_process_the_descriptor_that_is_meant_for_it_under_the_same_number)
{
    const test::TemporaryFolder folder;
    folder.write("line", "for the child alone");
    const int handed = open(folder.file("line").c_str(), O_RDONLY | O_CLOEXEC);
    ASSERT_GE(handed, 0);
    supervisor_.run({{"reader", {"/bin/sh", "-c", "cat /proc/self/fd/" + std::to_string(handed) + " >" + folder.file("read")}, handed}});
    turn();
    close(handed);
    EXPECT_EQ(read(folder.file("read")), "for the child alone");
}

TEST_F(Supervisors, give_a_process_our_environment_without_what_is_ours_alone)
{
    const test::TemporaryFolder folder;
    setenv("NOTIFY_SOCKET", "/run/notify", 1);
    setenv("STEMWIRE_TEST_PLUGIN_PATH", "/plugins", 1);
    supervisor_.run({{"lister", {"/bin/sh", "-c", "echo \"[$NOTIFY_SOCKET] [$STEMWIRE_TEST_PLUGIN_PATH]\" >" + folder.file("variables")}}});
    turn();
    unsetenv("NOTIFY_SOCKET");
    unsetenv("STEMWIRE_TEST_PLUGIN_PATH");
    EXPECT_EQ(read(folder.file("variables")), "[] [/plugins]\n");
}

TEST(ChildEnvironment, leaves_out_what_is_addressed_to_one_process_and_what_is_secret)
{
    const std::array<const char*, 11> ours{"HOME=/home/me", "LISTEN_FDS=2", "WATCHDOG_USEC=1", "SSH_AUTH_SOCK=/run/agent", "FORGE_TOKEN=a=b", "AWS_SECRET_ACCESS_KEY=x",
                                           "TOKENS=kept", "LV2_PATH=/plugins", "EMPTY=", "MY_PASSWORD=", nullptr};
    EXPECT_EQ(child_environment(ours.data()), (std::vector<std::string>{"HOME=/home/me", "TOKENS=kept", "LV2_PATH=/plugins", "EMPTY="}));
}

}  // namespace
}  // namespace stemwire::session
