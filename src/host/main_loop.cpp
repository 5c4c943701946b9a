// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/main_loop.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

namespace stemwire::host {

namespace {

constexpr int signal_count = 65;  // Linux's _NSIG
// What a session of a few nodes opens from here on: PipeWire takes a timer that got no descriptor for one that did, and crashes.
constexpr std::size_t wanted_descriptors = 32;
constexpr int no_fd = 0;  // standard input's: never an eventfd's

/// Where a signal's handler tells the loop, one eventfd for each signal.
constinit std::array<std::atomic<int>, signal_count> signal_fds{};

extern "C" void tell_loop(int signal)
{
    const int error = errno;
    const std::uint64_t one = 1;
    const int fd = signal_fds[static_cast<std::size_t>(signal)].load();
    if (fd > no_fd) [[maybe_unused]] const auto written = write(fd, &one, sizeof one);
    errno = error;
}

timespec to_timespec(std::chrono::milliseconds time)
{
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
    return {seconds.count(), std::chrono::nanoseconds(time - seconds).count()};
}

bool descriptors_left()
{
    std::array<int, wanted_descriptors> descriptors{};
    for (int& descriptor : descriptors) descriptor = eventfd(0, EFD_CLOEXEC);
    const bool all = std::ranges::all_of(descriptors, [](int descriptor) { return descriptor >= 0; });
    for (const int descriptor : descriptors)
        if (descriptor >= 0) close(descriptor);
    return all;
}

}  // namespace

struct MainLoop::Source {
    Source(MainLoop& loop, std::function<void()> called) : owner(loop), callback(std::move(called)) {}

    MainLoop& owner;
    std::function<void()> callback;
    spa_source* source = nullptr;
    int fd = -1;  ///< of what is watched

    ~Source() { leave(); }
    void leave()
    {
        if (source != nullptr) pw_loop_destroy_source(owner.loop(), source);
        source = nullptr;
    }
};

/// A handler instead of signalfd: a signal may arrive on any thread of the process, and a signalfd would need it blocked in all of them.
struct MainLoop::Signal {
    int number;
    int fd;
    struct sigaction before {};

    explicit Signal(int signal) : number(signal), fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
        signal_fds[static_cast<std::size_t>(number)].store(fd);
        struct sigaction action {};
        action.sa_handler = tell_loop;
        action.sa_flags = SA_RESTART;
        sigaction(number, &action, &before);
    }
    ~Signal()
    {
        sigaction(number, &before, nullptr);
        signal_fds[static_cast<std::size_t>(number)].store(no_fd);
        if (fd > no_fd) close(fd);
    }
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;
};

MainLoop::MainLoop(pw_main_loop* loop) : loop_(loop) {}

std::unique_ptr<MainLoop> MainLoop::make()
{
    if (!descriptors_left()) return nullptr;
    static std::once_flag started;
    std::call_once(started, [] { pw_init(nullptr, nullptr); });
    pw_main_loop* loop = pw_main_loop_new(nullptr);
    return loop != nullptr ? std::unique_ptr<MainLoop>(new MainLoop(loop)) : nullptr;
}

MainLoop::~MainLoop()
{
    sources_.clear();
    signals_.clear();
    pw_main_loop_destroy(loop_);
}

MainLoop::Source& MainLoop::add(std::function<void()> callback)
{
    sources_.push_back(std::make_unique<Source>(*this, std::move(callback)));
    return *sources_.back();
}

void MainLoop::call(Source& source)
{
    MainLoop& self = source.owner;
    ++self.calling_;
    source.callback();
    --self.calling_;
    self.collect();
}

void MainLoop::collect()
{
    if (calling_ == 0) unwatched_.clear();
}

void MainLoop::every(std::chrono::milliseconds period, std::function<void()> callback)
{
    set_period(timer(std::move(callback)), period);
}

MainLoop::Timer MainLoop::timer(std::function<void()> callback)
{
    Source& timer = add(std::move(callback));
    timer.source = pw_loop_add_timer(loop(), [](void* data, std::uint64_t) { call(*static_cast<Source*>(data)); }, &timer);
    timers_.push_back({timer.source, {}});
    return timers_.size() - 1;
}

void MainLoop::set_period(Timer timer, std::chrono::milliseconds period)
{
    if (std::exchange(timers_[timer].period, period) == period) return;
    timespec interval = to_timespec(period);
    pw_loop_update_timer(loop(), timers_[timer].source, &interval, &interval, false);
}

void MainLoop::watch(int fd, std::function<void()> callback)
{
    Source& watched = add(std::move(callback));
    watched.fd = fd;
    watched.source = pw_loop_add_io(loop(), fd, SPA_IO_IN | SPA_IO_HUP, false,
                                    [](void* data, int, std::uint32_t) { call(*static_cast<Source*>(data)); }, &watched);
}

void MainLoop::unwatch(int fd)
{
    const auto watched = std::ranges::find(sources_, fd, [](const auto& source) { return source->fd; });
    if (watched == sources_.end()) return;
    (*watched)->leave();
    unwatched_.push_back(std::move(*watched));
    sources_.erase(watched);
    collect();
}

void MainLoop::on_signal(int signal, std::function<void()> callback)
{
    signals_.push_back(std::make_unique<Signal>(signal));
    watch(signals_.back()->fd, [fd = signals_.back()->fd, heard = std::move(callback)] {
        std::uint64_t count = 0;
        if (read(fd, &count, sizeof count) == sizeof count) heard();
    });
}

MainLoop::Later MainLoop::later(std::function<void()> callback)
{
    Source& event = add(std::move(callback));
    event.source = pw_loop_add_event(loop(), [](void* data, std::uint64_t) { call(*static_cast<Source*>(data)); }, &event);
    return event.source;
}

void MainLoop::ask(Later handle) noexcept
{
    pw_loop_signal_event(loop(), handle);
}

void MainLoop::run()
{
    pw_main_loop_run(loop_);
}

void MainLoop::quit()
{
    pw_main_loop_quit(loop_);
}

bool MainLoop::run_until(const std::function<bool()>& done, std::chrono::milliseconds patience)
{
    const auto end = std::chrono::steady_clock::now() + patience;
    bool is_done = done();
    pw_loop_enter(loop());
    while (!is_done) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) break;
        pw_loop_iterate(loop(), static_cast<int>(left.count()));
        is_done = done();
    }
    pw_loop_leave(loop());
    return is_done;
}

}  // namespace stemwire::host
