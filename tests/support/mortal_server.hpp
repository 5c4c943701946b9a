// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <csignal>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/pipewire/connection.hpp"
#include "host/pipewire/private_config.hpp"
#include "tests/support/temporary_folder.hpp"

namespace stemwire::test {

/// A PipeWire that dies and comes back at the same place.
class MortalServer {
public:
    MortalServer() : remote_((folder_.path() / "pipewire-0").string())
    {
        std::ofstream(folder_.path() / "pipewire.conf") << host::private_config({});
        begin();
    }
    ~MortalServer() { end(); }
    MortalServer(const MortalServer&) = delete;
    MortalServer& operator=(const MortalServer&) = delete;

    /// Returns once there is a socket; who connects is answered when it is ready.
    void begin()
    {
        std::string program = "pipewire";
        std::string option = "-c";
        std::string config = (folder_.path() / "pipewire.conf").string();
        std::string place = "XDG_RUNTIME_DIR=" + folder_.path().string();
        std::array<char*, 4> arguments{program.data(), option.data(), config.data(), nullptr};
        std::vector<char*> environment;
        for (char** variable = environ; *variable != nullptr; ++variable)
            if (!std::string_view(*variable).starts_with("XDG_RUNTIME_DIR=")) environment.push_back(*variable);
        environment.push_back(place.data());
        environment.push_back(nullptr);
        ASSERT_EQ(posix_spawnp(&pid_, "pipewire", nullptr, nullptr, arguments.data(), environment.data()), 0);
        while (!host::Connection::reachable(remote_)) usleep(1000);
    }
    void end()
    {
        if (pid_ <= 0) return;
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }
    [[nodiscard]] const std::string& remote() const { return remote_; }

private:
    test::TemporaryFolder folder_;
    std::string remote_;
    pid_t pid_ = 0;
};

}  // namespace stemwire::test
