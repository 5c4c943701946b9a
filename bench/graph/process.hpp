// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace stemwire::bench {

/// What a process has used so far.
struct Usage {
    double cpu_s = 0;        ///< all its threads
    double data_loop_s = 0;  ///< its data loops
    double memory_mb = 0;    ///< resident now
};

/// From /proc.
[[nodiscard]] Usage usage_of(int pid);

/// A program that runs beside. What it says goes to a file.
class Process {
public:
    Process(const std::vector<std::string>& command, const std::string& remote, const std::string& log);
    /// Ends it by SIGINT, and by force after five seconds.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    [[nodiscard]] int pid() const noexcept { return pid_; }
    [[nodiscard]] bool alive();
    void stop();

private:
    int pid_;  ///< -1 once it has ended
};

[[nodiscard]] std::string read_file(const std::string& path);

}  // namespace stemwire::bench
