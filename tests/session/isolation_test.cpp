// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include <unistd.h>

#include "session/isolation/line_sender.hpp"
#include "session/isolation/line_worker.hpp"
#include "stemwire/units.hpp"
#include "tests/support/lambda_node.hpp"
#include "tests/support/realtime_guard.hpp"

namespace stemwire::session::isolation {
namespace {

constexpr std::uint32_t latency = 256;
constexpr std::uint32_t ramp = 240;  // 5 ms of 48 kHz

/// Both ends of a line, in two mappings of the same memory as two processes have them. What goes in is 1, 2, 3 …; the node doubles it.
class Lines : public ::testing::Test {
protected:
    void SetUp() override
    {
        auto memory = LineMemory::make({.inputs = 1, .outputs = 1, .latency = latency, .rate_hz = 48'000}, "the preset");
        ASSERT_TRUE(memory) << memory.error().message;
        memory_ = std::move(*memory);
        sender_.prepare(memory_);
        auto other = LineMemory::open(dup(memory_->descriptor()));
        ASSERT_TRUE(other) << other.error().message;
        other_ = std::move(*other);
    }
    void live() { worker_.emplace(*other_, node_, true); }
    void die() { worker_.reset(); }
    void work()
    {
        while (worker_->work_on()) {}
    }

    /// One cycle; then the process, if it lives, does its work.
    std::vector<float> cycle(std::uint32_t frames)
    {
        std::vector<float> in(frames);
        std::vector<float> out(frames, -1.0f);
        for (float& sample : in) sample = static_cast<float>(++count_);
        const std::array<const float*, 1> inputs{in.data()};
        const std::array<float*, 1> outputs{out.data()};
        TransportCycle transport{.clock = clock_, .segment_count = 1};
        transport.segment[0] = {0, frames, true, 7, clock_, clock_};
        clock_ += frames;
        {
            const EnterAudioThread role;
            const test::RealtimeGuard guard;
            sender_.process({inputs, outputs, frames, transport});
            EXPECT_EQ(guard.offences(), 0u) << guard.calls();
        }
        if (worker_ && works_) work();
        return out;
    }
    /// What comes out at the frame that counts as `frame`, from 1 on.
    static float expected(std::uint64_t frame) { return frame <= latency ? 0.0f : 2.0f * static_cast<float>(frame - latency); }

    std::shared_ptr<LineMemory> memory_;
    std::unique_ptr<LineMemory> other_;
    LineSender sender_;
    test::LambdaNode node_{[this](const Block& block) {
        clocks_.push_back(block.transport.clock);
        for (std::uint32_t i = 0; i < block.frames; ++i) block.outputs[0][i] = 2.0f * block.inputs[0][i];
    }};
    std::optional<LineWorker> worker_;
    std::vector<Frames> clocks_;
    bool works_ = true;
    std::uint64_t count_ = 0;
    Frames clock_ = 0;
};

TEST_F(Lines, give_back_what_the_node_makes_one_latency_later_with_its_transport)
{
    live();
    std::vector<Frames> begun;
    while (count_ < 100'000) {
        const std::array<std::uint32_t, 5> blocks{1, 63, 256, 100, 17};
        const std::uint32_t frames = blocks[begun.size() % blocks.size()];
        const std::uint64_t before = count_;
        begun.push_back(clock_);
        const auto out = cycle(frames);
        for (std::uint32_t i = 0; i < frames; ++i) {
            // It rises at first: nothing tells a beginning from a return.
            if (before + i + 1 <= latency + ramp) continue;
            ASSERT_EQ(out[i], expected(before + i + 1)) << before + i;
        }
    }
    EXPECT_EQ(clocks_, begun);
    EXPECT_EQ(sender_.missing_frames(), 0u);
    EXPECT_EQ(other_->text(), "the preset");
}

TEST_F(Lines, miss_nobody_before_the_first_process_lives)
{
    for (int i = 0; i < 500; ++i) EXPECT_TRUE(std::ranges::all_of(cycle(256), [](float sample) { return sample == 0.0f; }));
    live();
    for (int i = 0; i < 10; ++i) static_cast<void>(cycle(256));
    const std::uint64_t before = count_;
    EXPECT_EQ(cycle(256).back(), expected(before + 256));
}

TEST_F(Lines, fall_silent_and_count_while_nobody_lives_and_are_in_step_with_the_next_process)
{
    live();
    for (int i = 0; i < 20; ++i) static_cast<void>(cycle(256));
    die();
    // What was done already still comes.
    const std::uint64_t before = count_;
    EXPECT_EQ(cycle(256).back(), expected(before + 256));
    const float last = expected(before + 256);
    const auto falling = cycle(256);
    for (std::uint32_t i = 0; i < ramp; ++i) EXPECT_FLOAT_EQ(falling[i], last * static_cast<float>(ramp - 1 - i) / static_cast<float>(ramp)) << i;
    EXPECT_EQ(falling.back(), 0.0f);
    for (int i = 0; i < 8; ++i) EXPECT_TRUE(std::ranges::all_of(cycle(256), [](float sample) { return sample == 0.0f; }));
    EXPECT_EQ(sender_.missing_frames(), 9u * 256u);
    live();
    EXPECT_TRUE(std::ranges::all_of(cycle(256), [](float sample) { return sample == 0.0f; })) << "that was not the new process's yet";
    const std::uint64_t again = count_;
    const auto rising = cycle(256);
    for (std::uint32_t i = 0; i < 256; ++i) EXPECT_FLOAT_EQ(rising[i], expected(again + i + 1) * std::min(1.0f, static_cast<float>(i + 1) / static_cast<float>(ramp))) << i;
    EXPECT_EQ(sender_.missing_frames(), 10u * 256u);
}

TEST_F(Lines, begin_anew_when_so_long_nobody_lived_that_nothing_more_fitted_in)
{
    live();
    for (int i = 0; i < 20; ++i) static_cast<void>(cycle(256));
    die();
    for (int i = 0; i < 1000; ++i) static_cast<void>(cycle(256));
    EXPECT_EQ(sender_.missing_frames(), 999u * 256u);
    live();
    for (int i = 0; i < 10; ++i) static_cast<void>(cycle(256));
    const std::uint64_t before = count_;
    const auto out = cycle(256);
    for (std::uint32_t i = 0; i < 256; ++i) ASSERT_EQ(out[i], expected(before + i + 1));
}

TEST_F(Lines, leave_out_what_comes_late_and_go_on_in_step)
{
    live();
    for (int i = 0; i < 20; ++i) static_cast<void>(cycle(256));
    works_ = false;
    for (int i = 0; i < 3; ++i) static_cast<void>(cycle(256));
    EXPECT_EQ(sender_.missing_frames(), 2u * 256u);
    works_ = true;
    for (int i = 0; i < 4; ++i) static_cast<void>(cycle(256));
    const std::uint64_t before = count_;
    const auto out = cycle(256);
    for (std::uint32_t i = 0; i < 256; ++i) ASSERT_EQ(out[i], expected(before + i + 1));
}

}  // namespace
}  // namespace stemwire::session::isolation
