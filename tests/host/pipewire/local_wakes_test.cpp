// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/local_wakes.hpp"

#include <functional>
#include <optional>
#include <semaphore>

#include <gtest/gtest.h>

#include <sys/eventfd.h>
#include <unistd.h>

#include "host/pipewire/data_loop.hpp"

namespace stemwire::host {
namespace {

/// Whether anybody wrote to it since the last question.
bool written(int fd)
{
    eventfd_t count = 0;
    return eventfd_read(fd, &count) == 0;
}

/// A data loop that runs, and what is on it.
class LocalWakesTest : public ::testing::Test {
protected:
    /// Somebody who waits for a file, reads it as PipeWire's nodes do and then does something.
    struct Waiter {
        explicit Waiter(LocalWakesTest& of) : test(of) {}
        LocalWakesTest& test;
        int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        spa_source source{};
        std::function<void()> then = [] {};
        int deaf = 0;  ///< how often it does not read what it is woken for
        int woken = 0;
        std::uint64_t count = 0;
    };

    LocalWakesTest()
    {
        pw_data_loop_start(loop_);
        wakes_.emplace(loop_);
    }
    ~LocalWakesTest() override
    {
        run_on(loop_, [&] {
            for (const auto& waiter : waiters_)
                if (waiter->source.loop != nullptr) spa_loop_remove_source(main(), &waiter->source);
        });
        wakes_.reset();
        pw_data_loop_stop(loop_);
        pw_data_loop_destroy(loop_);
        for (const auto& waiter : waiters_) close(waiter->fd);
        for (const int file : files_) close(file);
        pw_deinit();
    }

    [[nodiscard]] spa_system* system() const { return pw_data_loop_get_loop(loop_)->system; }
    [[nodiscard]] spa_loop* main() const { return pw_data_loop_get_loop(loop_)->loop; }
    Waiter& waiter()
    {
        Waiter& made = *waiters_.emplace_back(std::make_unique<Waiter>(*this));
        made.source.fd = made.fd;
        made.source.mask = SPA_IO_IN;
        made.source.data = &made;
        made.source.func = [](spa_source* source) {
            auto& self = *static_cast<Waiter*>(source->data);
            ++self.woken;
            if (self.deaf > 0) {
                --self.deaf;
                return;
            }
            spa_system_eventfd_read(self.test.system(), self.fd, &self.count);
            self.then();
        };
        return made;
    }
    /// One that others on the loop wake by what this gives.
    int wire(Waiter& to)
    {
        const int signal = files_.emplace_back(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        wakes_->route(signal, wakes_->add(to.fd));
        return signal;
    }
    /// Two, of which the first writes to what wakes the second.
    struct Pair {
        Waiter& first;
        Waiter& second;
        int signal;
    };
    Pair pair()
    {
        Waiter& first = waiter();
        Waiter& second = waiter();
        const int signal = wire(second);
        first.then = [this, signal] { write(signal); };
        return {first, second, signal};
    }
    /// Three, of which the first wakes the second and then the third.
    struct Trio {
        Waiter& first;
        Waiter& second;
        Waiter& third;
        int to_third;
    };
    Trio trio()
    {
        Waiter& first = waiter();
        Waiter& second = waiter();
        Waiter& third = waiter();
        const int to_second = wire(second);
        const int to_third = wire(third);
        first.then = [this, to_second, to_third] {
            write(to_second);
            write(to_third);
        };
        return {first, second, third, to_third};
    }
    void enter(Waiter& one) { run_on(loop_, [&] { spa_loop_add_source(main(), &one.source); }); }
    void leave(Waiter& one) { spa_loop_remove_source(main(), &one.source); }
    void write(int fd) { spa_system_eventfd_write(system(), fd, 1); }
    /// Wakes it as a server does, and waits until the loop has done that and all that came of it.
    void wake(Waiter& one)
    {
        const int before = woken(one);
        eventfd_write(one.fd, 1);
        while (woken(one) == before) {}
        let_pass(loop_);
        let_pass(loop_);
    }
    [[nodiscard]] int woken(const Waiter& one) const
    {
        int times = 0;
        run_on(loop_, [&] { times = one.woken; });
        return times;
    }

    struct Library {
        Library() { pw_init(nullptr, nullptr); }
    } library_;
    pw_data_loop* loop_ = pw_data_loop_new(nullptr);
    std::optional<LocalWakes> wakes_;
    std::vector<std::unique_ptr<Waiter>> waiters_;
    std::vector<int> files_;
};

TEST_F(LocalWakesTest, keeps_what_goes_from_one_source_to_another)
{
    const auto [first, second, signal] = pair();
    enter(first);
    enter(second);
    for (int cycle = 1; cycle <= 3; ++cycle) {
        wake(first);
        EXPECT_EQ(second.woken, cycle);
        EXPECT_EQ(second.count, 1u);
    }
    EXPECT_FALSE(written(signal));
}

TEST_F(LocalWakesTest, wakes_in_the_order_of_the_writes_and_each_once)
{
    std::vector<int> order;
    Waiter& first = waiter();
    std::vector<int> signals;
    // More than a loop takes at a time.
    for (int i = 0; i < 100; ++i) {
        Waiter& other = waiter();
        signals.push_back(wire(other));
        other.then = [&order, i] { order.push_back(i); };
        enter(other);
    }
    first.then = [&] {
        for (auto signal = signals.rbegin(); signal != signals.rend(); ++signal) {
            write(*signal);
            write(*signal);
        }
    };
    enter(first);
    wake(first);
    ASSERT_EQ(order.size(), 100u);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], 99 - i);
}

TEST_F(LocalWakesTest, hears_the_kernel_as_well)
{
    const auto [first, second, signal] = pair();
    enter(first);
    enter(second);
    wake(second);
    EXPECT_EQ(second.woken, 1);
    wake(first);
    EXPECT_EQ(second.woken, 2);
    wake(second);
    EXPECT_EQ(second.woken, 3);
    EXPECT_FALSE(written(second.fd));
}

TEST_F(LocalWakesTest, writes_to_the_file_of_one_that_is_not_in_the_loop)
{
    const auto [first, second, signal] = pair();
    enter(first);
    wake(first);
    EXPECT_TRUE(written(signal));
    enter(second);
    wake(first);
    EXPECT_FALSE(written(signal));
    EXPECT_EQ(second.woken, 1);
    run_on(loop_, [&] { leave(second); });
    wake(first);
    EXPECT_TRUE(written(signal));
    EXPECT_EQ(second.woken, 1);
}

TEST_F(LocalWakesTest, does_not_wake_one_that_leaves_after_it_was_woken)
{
    auto [first, second, third, to_third] = trio();
    first.then = [this, writes = first.then, &leaving = second] {
        writes();
        leave(leaving);
    };
    for (Waiter* one : {&first, &second, &third}) enter(*one);
    wake(first);
    EXPECT_EQ(second.woken, 0);
    EXPECT_EQ(third.woken, 1);
    // Nothing of it is left for when it comes back.
    first.then = [] {};
    enter(second);
    wake(second);
    EXPECT_EQ(second.woken, 1);
}

/// As where nodes enter and leave the loop on the main thread (since 1.5.81).
TEST_F(LocalWakesTest, does_not_wake_one_that_another_thread_takes_out_and_puts_back)
{
    const auto [first, second, signal] = pair();
    std::binary_semaphore written_to{0};
    std::binary_semaphore go_on{0};
    first.then = [&, to_second = signal] {
        write(to_second);
        written_to.release();
        go_on.acquire();
    };
    enter(first);
    enter(second);
    eventfd_write(first.fd, 1);
    written_to.acquire();
    const int poll = pw_loop_get_fd(pw_data_loop_get_loop(loop_));
    spa_system_pollfd_del(system(), poll, second.fd);
    spa_system_pollfd_add(system(), poll, second.fd, second.source.mask, &second.source);
    go_on.release();
    let_pass(loop_);
    let_pass(loop_);
    EXPECT_EQ(second.woken, 0);
    // It is back in every respect.
    first.then = [this, to_second = signal] { write(to_second); };
    wake(first);
    EXPECT_EQ(second.woken, 1);
    EXPECT_FALSE(written(signal));
}

/// As with a file: a loop may drop what a wait has given.
TEST_F(LocalWakesTest, hands_out_again_what_was_not_read)
{
    Waiter& first = waiter();
    std::vector<int> order;
    std::vector<int> signals;
    for (int i = 0; i < 3; ++i) {
        Waiter& other = waiter();
        signals.push_back(wire(other));
        other.deaf = i < 2 ? 1 : 0;
        other.then = [&order, i] { order.push_back(i); };
        enter(other);
    }
    first.then = [&] {
        for (const int signal : signals) write(signal);
    };
    enter(first);
    wake(first);
    EXPECT_EQ(order, (std::vector{2, 0, 1}));
    wake(first);
    EXPECT_EQ(order, (std::vector{2, 0, 1, 0, 1, 2}));
}

/// As a file's count would grow: what is still to be done is done once.
TEST_F(LocalWakesTest, wakes_once_one_that_is_written_to_before_its_turn)
{
    auto [first, second, third, to_third] = trio();
    second.then = [this, to = to_third] { write(to); };
    for (Waiter* one : {&first, &second, &third}) enter(*one);
    wake(first);
    EXPECT_EQ(second.woken, 1);
    EXPECT_EQ(third.woken, 1);
    wake(first);
    EXPECT_EQ(third.woken, 2);
}

TEST_F(LocalWakesTest, forgets_a_signal_that_is_closed)
{
    Waiter& first = waiter();
    Waiter& second = waiter();
    const int signal = wire(second);
    enter(first);
    enter(second);
    spa_system_close(system(), signal);
    // The number goes to the next that is opened.
    const int other = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ASSERT_EQ(other, signal);
    first.then = [&] { write(other); };
    wake(first);
    EXPECT_TRUE(written(other));
    EXPECT_EQ(second.woken, 0);
}

TEST_F(LocalWakesTest, forgets_a_source_that_is_removed)
{
    Waiter& first = waiter();
    Waiter& second = waiter();
    LocalWakes::Source* const source = wakes_->add(second.fd);
    const int signal = files_.emplace_back(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    wakes_->route(signal, source);
    first.then = [&] { write(signal); };
    enter(first);
    enter(second);
    wakes_->remove(source);
    wake(first);
    EXPECT_TRUE(written(signal));
    EXPECT_EQ(second.woken, 0);
    // The loop still waits for it.
    wake(second);
    EXPECT_EQ(second.woken, 1);
}

TEST_F(LocalWakesTest, takes_a_number_for_another_files_when_it_is_told_so)
{
    const auto [first, second, signal] = pair();
    enter(first);
    enter(second);
    wakes_->forget(signal);
    wake(first);
    EXPECT_TRUE(written(signal));
    EXPECT_EQ(second.woken, 0);
}

TEST_F(LocalWakesTest, lets_others_have_the_loop_while_sources_wake_each_other)
{
    Waiter& ping = waiter();
    Waiter& pong = waiter();
    const int to_ping = wire(ping);
    const int to_pong = wire(pong);
    bool enough = false;
    ping.then = [&] { write(to_pong); };
    pong.then = [&] {
        if (!enough) write(to_ping);
    };
    enter(ping);
    enter(pong);
    eventfd_write(ping.fd, 1);
    while (woken(pong) < 100) {}
    run_on(loop_, [&] { enough = true; });
    let_pass(loop_);
}

TEST_F(LocalWakesTest, leaves_the_loop_as_it_was)
{
    const spa_callbacks during = system()->iface.cb;
    EXPECT_EQ(during.data, &*wakes_);
    wakes_.reset();
    EXPECT_NE(system()->iface.cb.funcs, during.funcs);
    Waiter& first = waiter();
    enter(first);
    wake(first);
    EXPECT_EQ(first.woken, 1);
}

}  // namespace
}  // namespace stemwire::host
