// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/isolation/hang_watch.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace stemwire::session::isolation {
namespace {

using namespace std::chrono_literals;

/// A process that has just come up, with work before it; it is looked at every 50 ms.
class HangWatches : public ::testing::Test {
protected:
    void SetUp() override
    {
        static_cast<void>(look(process_));
        ++head_->lives;
        head_->handed = 10;
        head_->worked = 5;
        static_cast<void>(look(process_));
    }
    bool look(pid_t process, std::chrono::milliseconds since = 50ms)
    {
        now_ += since;
        return watch_.look(*head_, process, now_);
    }
    /// How often it is looked at until it hangs; −1: it does not within ten seconds.
    int looks_until_it_hangs()
    {
        for (int looks = 1; looks <= 200; ++looks)
            if (look(process_)) return looks;
        return -1;
    }

    std::unique_ptr<LineHead> head_ = std::make_unique<LineHead>();
    HangWatch watch_;
    HangWatch::Clock::time_point now_{1000s};
    pid_t process_ = 7;
};

TEST_F(HangWatches, tell_of_a_process_that_does_nothing_for_two_seconds_once)
{
    EXPECT_EQ(looks_until_it_hangs(), 40);
    EXPECT_EQ(looks_until_it_hangs(), 40);
}

TEST_F(HangWatches, find_nothing_in_one_that_works_or_has_nothing_to_do)
{
    for (int looks = 0; looks < 200; ++looks) {
        if (looks % 30 == 0) ++head_->handed, ++head_->worked;
        EXPECT_FALSE(look(process_));
    }
    head_->worked = head_->handed.load();
    EXPECT_EQ(looks_until_it_hangs(), -1);
}

TEST_F(HangWatches, let_a_process_take_its_time_to_come_up)
{
    process_ = 8;
    EXPECT_EQ(looks_until_it_hangs(), -1);
    ++head_->lives;
    EXPECT_EQ(looks_until_it_hangs(), 40);
}

TEST_F(HangWatches, find_nothing_where_there_is_no_process)
{
    process_ = 0;
    EXPECT_EQ(looks_until_it_hangs(), -1);
}

TEST_F(HangWatches, count_little_of_the_time_in_which_nobody_looked)
{
    for (int looks = 0; looks < 19; ++looks) EXPECT_FALSE(look(process_, 60s));
    EXPECT_TRUE(look(process_, 60s));
}

}  // namespace
}  // namespace stemwire::session::isolation
