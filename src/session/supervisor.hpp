// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace stemwire::session {

/// Keeps processes running: one that ends is started again, later each time while it does not live for long. They get standard input, output and error, no other
/// descriptor but one that is meant for them, and our environment without what is ours alone (child_environment.hpp).
/// Thread: control's.
class Supervisor {
public:
    using Clock = std::chrono::steady_clock;
    struct Callbacks {
        std::function<void(const std::string&)> say;
        std::function<void(int fd, std::function<void()>)> watch;
        std::function<void(int fd)> unwatch;
    };

    explicit Supervisor(Callbacks callbacks) : callbacks_(std::move(callbacks)) {}
    /// Ends them all: with SIGTERM, and after a moment with SIGKILL.
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    /// From now on these run and no others; `name` is what a process is known by, and messages call it.
    struct Command {
        std::string name;
        std::vector<std::string> arguments;  ///< the program first
        int descriptor = -1;                 ///< of a file that stays open in it, under the same number; −1: none
    };
    void run(const std::vector<Command>& commands);
    /// Starts those whose time has come; to be called several times a second.
    void tick(Clock::time_point now = Clock::now());
    [[nodiscard]] pid_t pid(const std::string& name) const;
    /// Ends one that is of no more use, at once: like one that has died, it is started again.
    void put_down(const std::string& name) const;

private:
    struct Child {
        Command command;
        pid_t pid = 0;             ///< 0: not running
        int descriptor = -1;       ///< readable when it has ended
        Clock::time_point began{};
        Clock::time_point next_start{};
        int quick_ends = 0;        ///< how often in a row it ended soon
    };
    void start(Child& child, Clock::time_point now);
    void ended(pid_t pid);
    void end(Child& child);

    Callbacks callbacks_;
    std::vector<Child> children_;
};

}  // namespace stemwire::session
