// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include <pipewire/pipewire.h>

#include "stemwire/error.hpp"

namespace stemwire::host {

/// The calling thread's event loop: timers, file descriptors, signals, and PipeWire's messages where a host has any.
/// A callback may add and take away what it likes, itself included.
/// Thread: all of it belongs to the thread that made it.
class MainLoop {
public:
    /// Null where the system has not enough file descriptors left for a session.
    [[nodiscard]] static std::unique_ptr<MainLoop> make();
    ~MainLoop();
    MainLoop(const MainLoop&) = delete;
    MainLoop& operator=(const MainLoop&) = delete;

    [[nodiscard]] pw_loop* loop() const noexcept { return pw_main_loop_get_loop(loop_); }

    void every(std::chrono::milliseconds period, std::function<void()> callback);
    /// A timer that stands still until it is given a period; 0: stands still again. The same period again changes nothing.
    using Timer = std::size_t;
    [[nodiscard]] Timer timer(std::function<void()> callback);
    void set_period(Timer timer, std::chrono::milliseconds period);
    /// Calls back when `fd` can be read or is closed at its other end; the caller closes it after unwatch.
    void watch(int fd, std::function<void()> callback);
    void unwatch(int fd);
    void on_signal(int signal, std::function<void()> callback);
    /// Makes a callback that is asked for with `ask(handle)`: called once from the loop, however often it was asked for.
    using Later = spa_source*;
    [[nodiscard]] Later later(std::function<void()> callback);
    void ask(Later handle) noexcept;

    void run();
    void quit();
    /// Runs the loop until `done`, or for `patience` at most; says which.
    bool run_until(const std::function<bool()>& done, std::chrono::milliseconds patience);

private:
    struct Source;
    struct Signal;
    explicit MainLoop(pw_main_loop* loop);
    Source& add(std::function<void()> callback);
    static void call(Source& source);
    void collect();

    pw_main_loop* loop_;
    int calling_ = 0;  ///< callbacks that are under way, one inside the other
    std::vector<std::unique_ptr<Source>> unwatched_;  ///< not to be freed while callbacks are under way
    std::vector<std::unique_ptr<Signal>> signals_;
    struct Ticking {
        spa_source* source;
        std::chrono::milliseconds period;
    };
    std::vector<Ticking> timers_;
    std::vector<std::unique_ptr<Source>> sources_;    ///< after the signals, whose descriptors it watches
};

}  // namespace stemwire::host
