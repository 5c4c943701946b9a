// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/main_loop.hpp"

#include <array>
#include <csignal>

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace stemwire::host {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 20s;

/// A file descriptor that can be read for good once it was rung.
class Bell {
public:
    Bell() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    ~Bell() { close(fd_); }
    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;

    [[nodiscard]] int fd() const noexcept { return fd_; }
    void ring() const { EXPECT_EQ(eventfd_write(fd_, 1), 0); }

private:
    int fd_;
};

TEST(MainLoop, hears_what_is_watched_until_it_is_unwatched)
{
    const auto loop = MainLoop::make();
    const Bell bell;
    const Bell other;
    int heard = 0;
    int others = 0;
    loop->watch(bell.fd(), [&] { ++heard; });
    loop->watch(other.fd(), [&] { ++others; });
    bell.ring();
    ASSERT_TRUE(loop->run_until([&] { return heard > 2; }, patience));
    loop->unwatch(bell.fd());
    const int before = heard;
    other.ring();
    ASSERT_TRUE(loop->run_until([&] { return others > 2; }, patience));
    EXPECT_EQ(heard, before);
}

TEST(MainLoop, lets_a_callback_unwatch_itself_and_watch_another)
{
    const auto loop = MainLoop::make();
    const std::array<Bell, 2> bells;
    std::array<int, 2> heard{};
    loop->watch(bells[0].fd(), [&, kept = std::string(100, 'x')] {
        loop->unwatch(bells[0].fd());
        loop->watch(bells[1].fd(), [&] { ++heard[1]; });
        ++heard[0];
        EXPECT_EQ(kept, std::string(100, 'x'));  // it is not freed beneath itself
    });
    for (const Bell& bell : bells) bell.ring();
    ASSERT_TRUE(loop->run_until([&] { return heard[1] > 2; }, patience));
    EXPECT_EQ(heard[0], 1);
}

TEST(MainLoop, lets_a_timer_stand_still_and_go_again)
{
    const auto loop = MainLoop::make();
    ASSERT_NE(loop, nullptr);
    int ticks = 0;
    int others = 0;
    const MainLoop::Timer timer = loop->timer([&] { ++ticks; });
    loop->every(std::chrono::milliseconds(1), [&] { ++others; });
    EXPECT_TRUE(loop->run_until([&] { return others >= 5; }, patience));
    EXPECT_EQ(ticks, 0);
    loop->set_period(timer, std::chrono::milliseconds(1));
    EXPECT_TRUE(loop->run_until([&] { return ticks >= 2; }, patience));
    loop->set_period(timer, std::chrono::milliseconds(0));
    const int before = ticks;
    EXPECT_TRUE(loop->run_until([&, until = others + 5] { return others >= until; }, patience));
    EXPECT_EQ(ticks, before);
}

TEST(MainLoop, hears_a_signal_and_gives_it_back_at_its_end)
{
    auto loop = MainLoop::make();
    int heard = 0;
    loop->on_signal(SIGUSR2, [&] { ++heard; });
    raise(SIGUSR2);
    EXPECT_TRUE(loop->run_until([&] { return heard == 1; }, patience));
    loop.reset();
    struct sigaction action {};
    sigaction(SIGUSR2, nullptr, &action);
    EXPECT_EQ(action.sa_handler, SIG_DFL);
}

}  // namespace
}  // namespace stemwire::host
