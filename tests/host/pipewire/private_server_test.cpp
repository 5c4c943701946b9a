// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/private_server.hpp"

#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "host/pipewire/pipewire_host.hpp"
#include "tests/support/private_pipewire.hpp"

namespace stemwire::host {
namespace {

TEST(PrivateServer, runs_at_the_rate_and_quantum_that_were_asked_for)
{
    const test::PrivatePipeWire server({.rate_hz = 44100, .quantum = 64, .program = "pipewire", .sink_name = "desk", .sink_channels = 6});
    ASSERT_TRUE(server.runs()) << server.error();
    const auto host = PipeWireHost::connect({.remote = server.remote(), .session = "x", .quantum = {}, .rate_hz = {}});
    ASSERT_TRUE(host) << host.error().message;
    EXPECT_EQ((*host)->server().rate_hz, 44100);
    EXPECT_EQ((*host)->server().quantum, 64u);
    const std::string ports = server.command("pw-link -i");
    for (const char* position : {"FL", "FR", "FC", "LFE", "SL", "SR"}) EXPECT_NE(ports.find(std::string("desk:playback_") + position), std::string::npos) << ports;
}

TEST(PrivateServer, keeps_its_folder_to_itself_and_takes_it_away)
{
    std::string folder;
    int pid = 0;
    {
        const auto server = PrivateServer::start({});
        ASSERT_TRUE(server) << server.error().message;
        folder = (*server)->runtime_dir();
        pid = (*server)->pid();
        struct stat status {};
        ASSERT_EQ(stat(folder.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0700u);
        EXPECT_EQ(kill(pid, 0), 0);
    }
    EXPECT_FALSE(std::filesystem::exists(folder));
    EXPECT_EQ(kill(pid, 0), -1);
}

TEST(PrivateServer, names_the_package_when_the_program_is_missing)
{
    const auto server = PrivateServer::start({.rate_hz = 48000, .quantum = 256, .program = "no-such-pipewire", .sink_name = "s", .sink_channels = 2});
    ASSERT_FALSE(server);
    EXPECT_NE(server.error().message.find("install the package pipewire"), std::string::npos) << server.error().message;
}

TEST(PrivateServer, says_so_when_the_program_ends_at_once)
{
    const auto server = PrivateServer::start({.rate_hz = 48000, .quantum = 256, .program = "false", .sink_name = "s", .sink_channels = 2});
    ASSERT_FALSE(server);
    EXPECT_NE(server.error().message.find("ended at once"), std::string::npos) << server.error().message;
}

}  // namespace
}  // namespace stemwire::host
