// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <csignal>
#include <string>
#include <vector>

#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/// What every program that we start as a process of our own has in common.
namespace stemwire::host {

/// As exec wants them: null at the end. They lead into `strings`, which must outlive them.
[[nodiscard]] inline std::vector<char*> pointers(std::vector<std::string>& strings)
{
    std::vector<char*> list;
    for (std::string& string : strings) list.push_back(string.data());
    list.push_back(nullptr);
    return list;
}

/// In the child, between fork and exec: it gets `death_signal` when `parent` dies, hears every signal, and the program will have the standard descriptors alone,
/// whatever a library has left open. False where the parent has died already. Guarantee: async-signal-safe.
[[nodiscard]] inline bool set_out(pid_t parent, int death_signal) noexcept
{
    prctl(PR_SET_PDEATHSIG, death_signal);
    if (getppid() != parent) return false;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    syscall(SYS_close_range, STDERR_FILENO + 1U, ~0U, CLOSE_RANGE_CLOEXEC);
    return true;
}

}  // namespace stemwire::host
