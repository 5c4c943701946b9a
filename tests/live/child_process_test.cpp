// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "tests/live/recording.hpp"
#include "tests/live/session_programs.hpp"

namespace stemwire {
namespace {

/// What the descriptors of a process lead to, where that is something of its own: files of the session, and sockets, each with its number.
std::set<std::string> descriptors_of(int pid)
{
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
        std::error_code closed_by_now;
        const std::string target = std::filesystem::read_symlink(entry.path(), closed_by_now).string();
        if (std::stoi(entry.path().filename().string()) > 2 && (target.starts_with('/') || target.starts_with("socket:"))) found.insert(target);
    }
    return found;
}

int only_child_of(int pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
    int child = 0;
    file >> child;
    return child;
}

bool any_ends_with(const std::set<std::string>& names, std::string_view ending)
{
    return std::ranges::any_of(names, [&](const std::string& name) { return name.ends_with(ending); });
}

using ChildProcess = test::SessionPrograms;

TEST_F(ChildProcess, of_an_isolated_node_has_nothing_open_that_is_the_sessions_but_the_memory_that_they_share)
{
    const test::PrivatePipeWire pipewire;
    ASSERT_TRUE(pipewire.runs()) << pipewire.error();
    write_noise("stem.wav", 0.3f, 60 * 48'000);
    folder_.write("band.yaml", "stemwire: 1\n"
                               "nodes:\n"
                               "  stem: { type: track, file: stem.wav }\n"
                               "  tape: { type: recorder, file: take.wav }\n"
                               "  tone: { type: generator, isolate: true }\n"
                               "links: [ stem -> tape, tone -> tape ]\n");
    const auto program = run(pipewire.remote());
    ASSERT_TRUE(test::wait_until([&] { return transport_of(status()) == "playing" && state_of(status(), "tone") == "running" && all_made(status()); })) << status().dump(1) << program->err();
    const std::set<std::string> ours = descriptors_of(program->pid());
    // Else there would be nothing to compare.
    EXPECT_TRUE(any_ends_with(ours, "/stem.wav") && any_ends_with(ours, "/band.lock")) << ::testing::PrintToString(ours);
    std::set<std::string> both;
    std::ranges::set_intersection(ours, descriptors_of(only_child_of(program->pid())), std::inserter(both, both.end()));
    EXPECT_EQ(std::erase_if(both, [](const std::string& name) { return name.starts_with("/memfd:stemwire-isolated"); }), 1u);
    std::erase_if(both, [](const std::string& name) { return name.starts_with("/dev/"); });
    EXPECT_TRUE(both.empty()) << ::testing::PrintToString(both);
}

}  // namespace
}  // namespace stemwire
