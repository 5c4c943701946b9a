// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/graph/process.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace stemwire::bench {

namespace {

[[noreturn]] void become(const std::vector<std::string>& command)
{
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    execvp(words[0], words.data());
    _exit(127);
}

/// Seconds on a processor, to the nanosecond (Documentation/scheduler/sched-stats.rst, /proc/PID/schedstat).
double cpu_of(const std::filesystem::path& task)
{
    std::ifstream file(task / "schedstat");
    double nanoseconds = 0;
    file >> nanoseconds;
    return nanoseconds / 1e9;
}

/// What has a realtime policy; without the right to one, what 1.4 calls so. 0.3.65 gives its data loop no name.
bool is_data_loop(const std::filesystem::path& task)
{
    const int policy = sched_getscheduler(std::atoi(task.filename().c_str())) & ~SCHED_RESET_ON_FORK;
    return policy == SCHED_FIFO || policy == SCHED_RR || read_file(task / "comm").find("data-loop") != std::string::npos;
}

double memory_of(int pid)
{
    std::istringstream words(read_file("/proc/" + std::to_string(pid) + "/statm"));
    double size = 0;
    double resident = 0;
    words >> size >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0);
}

}  // namespace

std::string read_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Usage usage_of(int pid)
{
    Usage usage;
    std::error_code gone;
    for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone)) {
        const double seconds = cpu_of(task.path());
        usage.cpu_s += seconds;
        if (is_data_loop(task.path())) usage.data_loop_s += seconds;
    }
    usage.memory_mb = memory_of(pid);
    return usage;
}

Process::Process(const std::vector<std::string>& command, const std::string& remote, const std::string& log) : pid_(fork())
{
    if (pid_ < 0) throw std::runtime_error("no process");
    if (pid_ > 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    setenv("PIPEWIRE_REMOTE", remote.c_str(), 1);
    become(command);
}

Process::~Process()
{
    stop();
}

bool Process::alive()
{
    if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
    return pid_ > 0;
}

void Process::stop()
{
    using namespace std::chrono_literals;
    if (!alive()) return;
    kill(pid_, SIGINT);
    const auto end = std::chrono::steady_clock::now() + 5s;
    while (alive() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(10ms);
    if (!alive()) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

}  // namespace stemwire::bench
