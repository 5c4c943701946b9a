// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "session/cpu_latency.hpp"
#include "tests/live/recording.hpp"
#include "tests/live/session_programs.hpp"

namespace stemwire {
namespace {

using namespace std::chrono_literals;

const std::filesystem::path device = "/dev/cpu_dma_latency";

class CpuLatencies : public test::SessionPrograms {
protected:
    void SetUp() override
    {
        if (access(device.c_str(), R_OK | W_OK) != 0) GTEST_SKIP() << device << " cannot be written here";
        folder_.write("band.yaml", "stemwire: 1\nnodes: { tone: { type: generator } }\n");
    }
    /// Whether a session that plays, run with these options, has a wish.
    bool is_held_by(const std::vector<std::string>& options)
    {
        const auto program = run(pipewire_.remote(), options);
        EXPECT_TRUE(test::wait_until([&] { return transport_of(status()) == "playing"; })) << program->err();
        for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(program->pid()) + "/fd")) {
            std::error_code closed_by_now;
            if (std::filesystem::read_symlink(entry.path(), closed_by_now) == device) return true;
        }
        return false;
    }

    test::PrivatePipeWire pipewire_;
};

TEST_F(CpuLatencies, is_the_kernels_for_as_long_as_it_is_held)
{
    const session::CpuLatency held(0us);
    ASSERT_TRUE(held.held());
    std::ifstream file(device, std::ios::binary);
    std::int32_t strictest_us = -1;
    file.read(reinterpret_cast<char*>(&strictest_us), sizeof strictest_us);
    EXPECT_EQ(strictest_us, 0);
}

TEST_F(CpuLatencies, is_held_by_a_session_unless_the_user_says_no)
{
    EXPECT_TRUE(is_held_by({}));
    EXPECT_TRUE(is_held_by({"--cpu-latency", "20"}));
    EXPECT_FALSE(is_held_by({"--cpu-latency", "off"}));
}

}  // namespace
}  // namespace stemwire
