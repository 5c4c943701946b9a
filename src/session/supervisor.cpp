// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/supervisor.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/child_program.hpp"
#include "host/pipewire/blocked_signals.hpp"
#include "session/child_environment.hpp"

namespace stemwire::session {

namespace {

using namespace std::chrono_literals;

constexpr auto first_wait = 100ms;
constexpr auto longest_wait = 5s;
/// Who has lived for this long is well again.
constexpr auto healthy_after = 2s;
/// An end in order takes a fade; who has not ended by then is ended.
constexpr int patience_ms = 2000;

int open_process(pid_t pid)
{
    return static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
}

std::string how(int status)
{
    if (WIFSIGNALED(status)) return std::string("was ended by signal ") + strsignal(WTERMSIG(status));
    return "ended with status " + std::to_string(WEXITSTATUS(status));
}

/// In the child, which has our memory until it is another program: only what is safe there.
[[noreturn]] void become(char* const* arguments, char* const* variables, int descriptor, pid_t parent)
{
    // Our handlers would run on our memory.
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
    if (!host::set_out(parent, SIGTERM)) _exit(1);
    if (descriptor >= 0) fcntl(descriptor, F_SETFD, 0);
    execve(arguments[0], arguments, variables);
    _exit(127);
}

}  // namespace

Supervisor::~Supervisor()
{
    for (const Child& child : children_)
        if (child.pid != 0) kill(child.pid, SIGTERM);
    for (Child& child : children_) end(child);
}

void Supervisor::run(const std::vector<Command>& commands)
{
    for (Child& child : children_) {
        const bool wanted = std::ranges::any_of(commands, [&](const Command& command) { return command.name == child.command.name && command.arguments == child.command.arguments; });
        if (wanted) continue;
        if (child.pid != 0) kill(child.pid, SIGTERM);
        end(child);
        child.command.name.clear();
    }
    std::erase_if(children_, [](const Child& child) { return child.command.name.empty(); });
    for (const Command& command : commands)
        if (std::ranges::none_of(children_, [&](const Child& child) { return child.command.name == command.name; })) children_.push_back({.command = command});
    tick();
}

void Supervisor::tick(Clock::time_point now)
{
    for (Child& child : children_)
        if (child.pid == 0 && now >= child.next_start) start(child, now);
}

void Supervisor::start(Child& child, Clock::time_point now)
{
    std::vector<std::string> variables = child_environment(environ);
    const std::vector<char*> argument_list = host::pointers(child.command.arguments);
    const std::vector<char*> variable_list = host::pointers(variables);
    const pid_t parent = getpid();
    const host::BlockedSignals unheard;
    // Not fork: while it copies our map of memory, and whenever a page of it is written afterwards, a data loop would have to wait.
    const pid_t pid = vfork();
    if (pid == 0) become(argument_list.data(), variable_list.data(), child.command.descriptor, parent);
    child.began = now;
    child.next_start = now + longest_wait;
    if (pid < 0) return callbacks_.say("cannot start the process of " + child.command.name + ": " + std::strerror(errno));
    child.pid = pid;
    child.descriptor = open_process(pid);
    if (child.descriptor >= 0) callbacks_.watch(child.descriptor, [this, pid] { ended(pid); });
}

void Supervisor::ended(pid_t pid)
{
    const auto child = std::ranges::find(children_, pid, &Child::pid);
    int status = 0;
    if (child == children_.end() || waitpid(pid, &status, WNOHANG) != pid) return;
    callbacks_.unwatch(child->descriptor);
    close(child->descriptor);
    child->descriptor = -1;
    child->pid = 0;
    const auto now = Clock::now();
    child->quick_ends = now - child->began > healthy_after ? 0 : child->quick_ends + 1;
    child->next_start = now + std::min<Clock::duration>(first_wait * (1 << std::min(child->quick_ends, 10)), longest_wait);
    if (child->quick_ends == 0) child->next_start = now;
    callbacks_.say("the process of " + child->command.name + " " + how(status) + "; starting it again");
}

/// Waits until it has ended, which was asked for, and makes sure of it.
void Supervisor::end(Child& child)
{
    if (child.pid == 0) return;
    if (child.descriptor >= 0) {
        callbacks_.unwatch(child.descriptor);
        pollfd ending{child.descriptor, POLLIN, 0};
        if (poll(&ending, 1, patience_ms) <= 0) kill(child.pid, SIGKILL);
        close(child.descriptor);
    } else kill(child.pid, SIGKILL);
    waitpid(child.pid, nullptr, 0);
    child.pid = 0;
}

pid_t Supervisor::pid(const std::string& name) const
{
    const auto child = std::ranges::find_if(children_, [&](const Child& each) { return each.command.name == name; });
    return child != children_.end() ? child->pid : 0;
}

void Supervisor::put_down(const std::string& name) const
{
    if (const pid_t process = pid(name); process != 0) kill(process, SIGKILL);
}

}  // namespace stemwire::session
