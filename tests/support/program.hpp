// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temporary_folder.hpp"

namespace stemwire::test {

struct Outcome {
    int status = -1;   ///< exit status; 128 + N after signal N
    std::string out;
    std::string err;
};

/// A program that runs beside the test; what it prints goes to files.
class Program {
public:
    /// `environment`: `NAME=VALUE`, added to the test's own.
    explicit Program(std::vector<std::string> arguments, const std::vector<std::string>& environment = {}, const std::string& folder = "")
    {
        pid_ = fork();
        if (pid_ < 0) throw std::runtime_error("no process");
        if (pid_ > 0) return;
        redirect("out", STDOUT_FILENO);
        redirect("err", STDERR_FILENO);
        const int nothing = open("/dev/null", O_RDONLY);
        dup2(nothing, STDIN_FILENO);
        for (const std::string& variable : environment) putenv(const_cast<char*>(variable.c_str()));
        if (!folder.empty() && chdir(folder.c_str()) != 0) _exit(126);
        std::vector<char*> pointers;
        for (std::string& argument : arguments) pointers.push_back(argument.data());
        pointers.push_back(nullptr);
        execvp(pointers[0], pointers.data());
        _exit(127);
    }
    ~Program()
    {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    [[nodiscard]] int pid() const { return pid_; }
    void signal(int number) const { kill(pid_, number); }
    [[nodiscard]] std::string out() const { return text("out"); }
    [[nodiscard]] std::string err() const { return text("err"); }
    /// Waits for its end.
    Outcome wait()
    {
        int status = 0;
        waitpid(pid_, &status, 0);
        pid_ = -1;
        return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), out(), err()};
    }

private:
    void redirect(const char* name, int descriptor) const
    {
        const int file = open(folder_.file(name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(file, descriptor);
    }
    [[nodiscard]] std::string text(const char* name) const
    {
        std::ifstream stream(folder_.file(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    TemporaryFolder folder_;
    pid_t pid_ = -1;
};

inline Outcome run_program(std::vector<std::string> arguments, const std::vector<std::string>& environment = {}, const std::string& folder = "")
{
    return Program(std::move(arguments), environment, folder).wait();
}

/// The program under test, as meson says.
inline std::string stemwire_program()
{
    const char* path = std::getenv("STEMWIRE");
    if (path == nullptr) throw std::runtime_error("STEMWIRE is not set: run this by meson test");
    return path;
}

}  // namespace stemwire::test
