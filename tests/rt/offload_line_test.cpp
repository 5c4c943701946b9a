// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt/offload_line.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "stemwire/units.hpp"
#include "tests/support/denormals.hpp"

namespace stemwire::rt {
namespace {

constexpr std::uint32_t latency = 256;

OffloadLine::Plan plan(bool offline)
{
    return {.inputs = 1, .outputs = 1, .latency = latency, .largest_piece = 32, .rate_hz = 48000.0, .offline = offline};
}

void doubled(const OffloadLine::Piece& piece)
{
    for (std::uint32_t i = 0; i < piece.frames; ++i) piece.outputs[0][i] = 2.0f * piece.inputs[0][i];
}

/// 1, 2, 3, … from `first` on, through the line.
std::vector<float> count(OffloadLine& line, std::uint32_t first, std::uint32_t frames)
{
    std::vector<float> samples(frames);
    for (std::uint32_t i = 0; i < frames; ++i) samples[i] = static_cast<float>(first + i);
    const float* in[] = {samples.data()};
    float* out[] = {samples.data()};
    line.process(in, out, frames);
    return samples;
}

/// What frame `frame` (from 1) is when nothing is missing.
float expected(std::uint32_t frame)
{
    return frame <= latency ? 0.0f : 2.0f * static_cast<float>(frame - latency);
}

/// A worker that goes on only while it may, and says when it stands.
class Gate {
public:
    void pass()
    {
        for (; closed_; std::this_thread::sleep_for(std::chrono::milliseconds(1))) stands_ = true;
        stands_ = false;
    }
    void close() { closed_ = true; }
    void open() { closed_ = false; }
    void wait_until_it_stands() const
    {
        while (!stands_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }

private:
    std::atomic<bool> closed_{false};
    std::atomic<bool> stands_{false};
};

TEST(OffloadLine, offline_gives_the_work_late_by_the_latency_for_every_block)
{
    for (const std::uint32_t block : {1u, 63u, 256u, 1000u, largest_quantum}) {
        OffloadLine line;
        line.prepare(plan(true), &doubled);
        for (std::uint32_t first = 1; first < 40'000; first += block) {
            const std::vector<float> out = count(line, first, block);
            for (std::uint32_t i = 0; i < block; ++i) ASSERT_EQ(out[i], expected(first + i)) << block;
        }
        EXPECT_EQ(line.missing_frames(), 0u);
    }
}

TEST(OffloadLine, a_frame_comes_at_its_time_or_is_silent_and_counted)
{
    OffloadLine line;
    line.prepare(plan(false), &doubled);
    std::uint64_t silent = 0;
    for (std::uint32_t first = 1; first < 200'000; first += 128) {
        const std::vector<float> out = count(line, first, 128);
        for (std::uint32_t i = 0; i < 128; ++i) {
            if (expected(first + i) != 0.0f && out[i] == 0.0f) ++silent;
            else ASSERT_EQ(out[i], expected(first + i));
        }
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    EXPECT_EQ(line.missing_frames(), silent);
}

/// The worker passes the gate before each piece.
void prepare_behind(Gate& gate, OffloadLine& line)
{
    line.prepare(plan(false), [&gate](const OffloadLine::Piece& piece) {
        gate.pass();
        doubled(piece);
    });
}

TEST(OffloadLine, what_was_late_is_in_time_again_once_the_worker_is)
{
    Gate gate;
    OffloadLine line;
    prepare_behind(gate, line);
    gate.close();
    std::uint32_t frame = 1;
    for (; frame < 1 + 4 * latency; frame += latency) count(line, frame, latency);
    EXPECT_EQ(line.missing_frames(), 3u * latency);  // the first latency is no fault
    gate.open();
    bool back = false;
    for (std::uint32_t tries = 0; !back && tries < 10'000; ++tries, frame += 32) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        back = count(line, frame, 32)[31] == expected(frame + 31);
    }
    EXPECT_TRUE(back);
}

TEST(OffloadLine, a_worker_that_stands_still_is_given_no_more_than_fits_and_begins_anew)
{
    Gate gate;
    OffloadLine line;
    prepare_behind(gate, line);
    gate.close();
    count(line, 1, 32);
    gate.wait_until_it_stands();
    for (std::uint32_t frame = 33; frame < 100'000; frame += 1000) count(line, frame, 1000);
    gate.open();
    std::uint32_t frame = 200'000;
    bool back = false;
    for (std::uint32_t tries = 0; !back && tries < 10'000; ++tries, frame += 32) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        const float last = count(line, frame, 32)[31];
        ASSERT_TRUE(last == 0.0f || last == expected(frame + 31)) << last;
        back = last != 0.0f;
    }
    EXPECT_TRUE(back);
    EXPECT_GT(line.missing_frames(), 90'000u);
    line.stop();
}

TEST(OffloadLine, what_is_forgotten_is_neither_heard_nor_missing)
{
    OffloadLine line;
    std::vector<std::uint64_t> forgets;
    std::uint64_t frame = 0;
    line.prepare(plan(true), [&](const OffloadLine::Piece& piece) {
        if (piece.mark.forget) forgets.push_back(frame);
        frame += piece.frames;
        doubled(piece);
    });
    count(line, 1, 100);
    line.forget();
    for (const float sample : count(line, 101, latency)) EXPECT_EQ(sample, 0.0f);
    EXPECT_EQ(count(line, 101 + latency, 1)[0], expected(101 + latency));
    EXPECT_EQ(forgets, std::vector<std::uint64_t>{100});
    EXPECT_EQ(line.missing_frames(), 0u);
}

TEST(OffloadLine, pieces_begin_where_steps_do)
{
    OffloadLine line;
    std::vector<std::uint32_t> pieces;
    line.prepare(plan(true), [&](const OffloadLine::Piece& piece) {
        EXPECT_EQ(piece.mark.step, pieces.size() % 2 == 0);
        pieces.push_back(piece.frames);
        doubled(piece);
    });
    std::vector<float> samples(32);
    const float* in[] = {samples.data()};
    float* out[] = {samples.data()};
    for (int i = 0; i < 10; ++i) {
        line.process(in, out, 20, true);
        line.process(in, out, 12, false);
    }
    std::uint32_t frames = 0;
    for (const std::uint32_t piece : pieces) frames += piece;
    EXPECT_EQ(frames, 320u);
}

TEST(OffloadLine, flushes_denormals_in_its_worker)
{
    std::atomic<int> flushed{-1};
    OffloadLine line;
    line.prepare(plan(false), [&](const OffloadLine::Piece&) { flushed = test::flushes_denormals() ? 1 : 0; });
    static_cast<void>(count(line, 1, 64));
    while (flushed < 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(flushed, 1);
}

}  // namespace
}  // namespace stemwire::rt
