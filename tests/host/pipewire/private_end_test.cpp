// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/program.hpp"

namespace stemwire::test {
namespace {

TEST(PrivateEnd, leaves_no_folder_behind_whenever_it_is_told_to_end)
{
    const TemporaryFolder folder;
    const std::string preset = folder.write("tone.yaml", "stemwire: 1\nname: tone\nnodes:\n  tone: { type: generator }\nexternal:\n  out: { sink: default }\nlinks:\n  - tone -> out\n");
    ASSERT_EQ(run_program({stemwire_program(), "check", preset}).status, 0);
    std::filesystem::create_directory(folder.path() / "run");
    const std::string runtime = "XDG_RUNTIME_DIR=" + folder.file("run");
    for (int moment = 0; moment < 12; ++moment) {
        Program program({stemwire_program(), "run", "--private", preset}, {runtime});
        // Somewhere between the program's first and its last step; which one it is does not matter to what is asked.
        std::this_thread::sleep_for(std::chrono::milliseconds(8 * moment));
        program.signal(moment % 2 == 0 ? SIGINT : SIGTERM);
        const Outcome outcome = program.wait();
        // The folder of all sessions' control sockets stays; what a session puts into it does not.
        for (const auto& left : std::filesystem::recursive_directory_iterator(folder.path() / "run"))
            if (left.path() != folder.path() / "run" / "stemwire") ADD_FAILURE() << left.path() << " " << moment << ", status " << outcome.status << "\n" << outcome.err;
    }
}

}  // namespace
}  // namespace stemwire::test
