// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/recorder/recorder.hpp"

#include <filesystem>
#include <set>

#include "nodes/recorder/parameters.hpp"
#include "tests/support/node_bench.hpp"
#include "tests/support/realtime_guard.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/wav.hpp"

namespace stemwire::nodes {
namespace {

using test::Signals;

constexpr std::uint32_t second = 48'000;

class RecorderNode : public ::testing::Test {
protected:
    RecorderNode() { settings_["samples"].text = "f32"; }

    std::unique_ptr<Recorder> make(const std::string& name = "take-%t.wav")
    {
        settings_["file"].text = folder_.file(name);
        Errors errors;
        const Ports ports = recorder_ports(settings_, test::NoHints{}, errors);
        EXPECT_TRUE(errors.empty());
        return std::make_unique<Recorder>(settings_, ports, TakePattern{recorder_file(settings_), "tape"});
    }

    /// Records what is played through a node of its own, and waits for the files.
    void record(const test::Run& run, std::uint32_t frames = second, const std::string& name = "take-%t.wav")
    {
        const auto node = make(name);
        test::process(*node, input_, 0, frames, run);
        node->finish();
        EXPECT_EQ(node->missing_frames(), 0u);
        EXPECT_EQ(node->take_message(), std::nullopt);
    }

    std::set<std::string> files() const
    {
        std::set<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) names.insert(entry.path().filename().string());
        return names;
    }

    std::vector<std::vector<float>> take(const std::string& name) const { return test::read_audio(folder_.file(name)).channels; }

    Signals part(std::size_t from, std::size_t to) const
    {
        Signals result;
        for (const auto& channel : input_)
            result.emplace_back(channel.begin() + static_cast<std::ptrdiff_t>(from), channel.begin() + static_cast<std::ptrdiff_t>(to));
        return result;
    }

    test::TemporaryFolder folder_;
    Settings settings_{recorder_parameters()};
    Signals input_{test::noise_channel(2 * second, 1), test::noise_channel(2 * second, 2)};
};

TEST_F(RecorderNode, a_take_is_what_came_from_the_frame_on_which_the_transport_rolls_to_the_one_on_which_it_stops)
{
    for (const std::uint32_t block : test::cuts) {
        const std::string name = "block-" + std::to_string(block) + ".wav";
        record({.block = block, .transport = {{0, {}}, {1'001, {.rolling = true, .epoch = 1}}, {20'007, {.epoch = 1}}}}, second, name);
        EXPECT_EQ(take(name), part(1'001, 20'007)) << block;
    }
}

TEST_F(RecorderNode, a_seek_goes_on_in_the_same_take)
{
    record({.transport = {{0, {.rolling = true, .epoch = 1}}, {10'000, {.rolling = true, .epoch = 2, .unrolled = 500}}}});
    EXPECT_EQ(files(), std::set<std::string>{"take-001.wav"});
    EXPECT_EQ(take("take-001.wav"), part(0, second));
}

TEST_F(RecorderNode, each_start_is_a_take_of_its_own)
{
    record({.transport = {{0, {.rolling = true, .epoch = 1}}, {5'000, {}}, {9'000, {.rolling = true, .epoch = 2}}}});
    EXPECT_EQ(take("take-001.wav"), part(0, 5'000));
    EXPECT_EQ(take("take-002.wav"), part(9'000, second));
}

TEST_F(RecorderNode, the_record_switch_starts_and_stops_where_it_is_manual)
{
    settings_["when"].text = "manual";
    record({.changes = {{3'000, "record", 1.0}, {8'000, "record", 0.0}}});
    EXPECT_EQ(files(), std::set<std::string>{"take-001.wav"});
    EXPECT_EQ(take("take-001.wav"), part(3'000, 8'000));
}

TEST_F(RecorderNode, nothing_is_recorded_and_no_file_made_while_it_is_not_armed)
{
    settings_["when"].text = "always";
    test::give(settings_, "arm", 0.0);
    record({});
    EXPECT_TRUE(files().empty());
}

TEST_F(RecorderNode, a_split_loses_nothing_and_repeats_nothing)
{
    record({.changes = {{10'000, "split", 1.0}, {30'000, "split", 2.0}}});
    EXPECT_EQ(take("take-001.wav"), part(0, 10'000));
    EXPECT_EQ(take("take-002.wav"), part(10'000, 30'000));
    EXPECT_EQ(take("take-003.wav"), part(30'000, second));
}

TEST_F(RecorderNode, a_preroll_begins_before_the_start_and_may_repeat_the_take_before)
{
    test::give(settings_, "preroll", 0.1);
    const std::uint32_t preroll = second / 10;
    record({.block = 63, .transport = {{0, {}}, {1'000, {.rolling = true, .epoch = 1}}, {20'000, {}}, {22'222, {.rolling = true, .epoch = 2}}}});
    EXPECT_EQ(take("take-001.wav"), part(0, 20'000));  // no more than there has been
    EXPECT_EQ(take("take-002.wav"), part(22'222 - preroll, second));
}

/// One that hears everything late, so that `part` of what it heard lies `late` frames later than what belongs to the timeline.
class LateRecorderNode : public RecorderNode {
protected:
    static constexpr std::uint32_t late = 1'337;

    void record_late(const test::Run& run, std::uint32_t frames = second, const std::string& name = "take-%t.wav")
    {
        const auto node = make(name);
        node->hear_late(late);
        test::process(*node, input_, 0, frames, run);
        node->finish();
        EXPECT_EQ(node->missing_frames(), 0u);
    }
    Signals late_part(std::size_t from, std::size_t to) const { return part(from + late, to + late); }
};

TEST_F(LateRecorderNode, a_take_is_what_belongs_to_the_frames_in_which_the_transport_rolled)
{
    for (const std::uint32_t block : test::cuts) {
        const std::string name = "block-" + std::to_string(block) + ".wav";
        // The second take begins before the first one has been heard to its end.
        record_late({.block = block, .transport = {{0, {}}, {1'001, {.rolling = true, .epoch = 1}}, {20'007, {.epoch = 1}}, {20'500, {.rolling = true, .epoch = 2}}, {40'000, {}}}}, second, name);
        EXPECT_EQ(take(name), late_part(1'001, 20'007)) << block;
        EXPECT_EQ(take("block-" + std::to_string(block) + "-2.wav"), late_part(20'500, 40'000)) << block;
    }
}

TEST_F(LateRecorderNode, switches_splits_and_prerolls_are_as_late)
{
    settings_["when"].text = "manual";
    test::give(settings_, "preroll", 0.01);
    record_late({.block = 63, .changes = {{3'000, "record", 1.0}, {9'000, "split", 1.0}, {9'100, "split", 2.0}, {15'000, "record", 0.0}}});
    EXPECT_EQ(take("take-001.wav"), late_part(3'000 - second / 100, 9'000));
    EXPECT_EQ(take("take-002.wav"), late_part(9'000, 9'100));
    EXPECT_EQ(take("take-003.wav"), late_part(9'100, 15'000));
}

TEST_F(LateRecorderNode, a_take_that_is_cut_off_has_what_was_heard)
{
    record_late({.transport = {{0, {.rolling = true, .epoch = 1}}}});
    EXPECT_EQ(take("take-001.wav"), part(late, second));
}

TEST_F(LateRecorderNode, more_wishes_than_it_can_keep_end_as_the_last_one_says)
{
    settings_["when"].text = "manual";
    const auto node = make();
    node->hear_late(late);
    ASSERT_TRUE(node->prepare({.rate_hz = test::bench_rate_hz, .offline = true}));
    constexpr std::uint32_t block = 8;
    const test::Run run;
    for (std::uint32_t at = 0; at < second; at += block) {
        // Far more often than can be kept until it is heard, and in the end true.
        if (at < 200 * block) node->live().find("record")->set(at / block % 2 == 1 ? 1.0 : 0.0);
        const std::vector<const float*> in{input_[0].data() + at, input_[1].data() + at};
        const TransportCycle cycle = test::cycle_at(run, at, block);
        node->fill(block);
        node->process({in, {}, block, cycle});
    }
    node->finish();
    const auto heard = take(*files().rbegin())[0];
    ASSERT_GT(heard.size(), second - 3 * late);
    EXPECT_EQ(heard, std::vector<float>(input_[0].begin() + second - static_cast<std::ptrdiff_t>(heard.size()), input_[0].begin() + second));
}

TEST_F(RecorderNode, a_cycle_that_was_missed_is_silence_and_all_that_follows_is_in_time)
{
    const auto node = make();
    ASSERT_TRUE(node->prepare({.rate_hz = test::bench_rate_hz, .offline = true}));
    constexpr std::uint32_t block = 256;
    for (std::uint32_t at = 0; at < 40 * block; at += at == 10 * block ? 3 * block : block) {
        TransportCycle cycle{.clock = 5'000 + at, .segment_count = 1};
        cycle.segment[0] = {.frames = block, .rolling = true, .epoch = 1};
        const std::vector<const float*> in{input_[0].data() + at, input_[1].data() + at};
        node->fill(block);
        node->process({in, {}, block, cycle});
    }
    node->finish();
    EXPECT_EQ(node->missing_frames(), 2 * block);
    Signals wanted = part(0, 40 * block);
    for (auto& channel : wanted) std::fill_n(channel.begin() + 11 * block, 2 * block, 0.0f);
    EXPECT_EQ(take("take-001.wav"), wanted);
}

TEST_F(RecorderNode, a_take_begins_and_ends_on_its_frame_even_in_a_cycle_that_was_missed)
{
    const auto node = make();
    ASSERT_TRUE(node->prepare({.rate_hz = test::bench_rate_hz, .offline = true}));
    constexpr std::uint32_t block = 256;
    const test::Run run{.transport = {{0, {.unrolled = 700}}, {10 * block + 100, {.rolling = true, .epoch = 1, .unrolled = 700}}, {30 * block + 50, {.epoch = 1, .unrolled = 700 + 20 * block - 50}}}};
    for (std::uint32_t number = 1; number < 40; ++number) {
        if (number == 10 || number == 30) continue;  // just where it begins, and where it ends
        const std::uint32_t at = number * block;
        const TransportCycle cycle = test::cycle_at(run, at, block);
        const std::vector<const float*> in{input_[0].data() + at, input_[1].data() + at};
        node->fill(block);
        node->process({in, {}, block, cycle});
    }
    node->finish();
    EXPECT_EQ(node->missing_frames(), (block - 100) + 50);
    Signals wanted = part(10 * block + 100, 30 * block + 50);
    for (auto& channel : wanted) {
        std::fill_n(channel.begin(), block - 100, 0.0f);
        std::fill_n(channel.end() - 50, 50, 0.0f);
    }
    EXPECT_EQ(take("take-001.wav"), wanted);
}

TEST_F(RecorderNode, two_recorders_on_one_name_write_two_files)
{
    const auto a = make("same.wav");
    const auto b = make("same.wav");
    test::process(*a, input_, 0, 1'000);
    test::process(*b, input_, 0, 2'000);
    a->finish();
    b->finish();
    EXPECT_EQ(files(), (std::set<std::string>{"same.wav", "same-2.wav"}));
    EXPECT_EQ(take("same.wav").front().size() + take("same-2.wav").front().size(), 3'000u);
}

TEST_F(RecorderNode, offline_it_encodes_in_fill_and_drops_nothing_however_small_the_queue)
{
    settings_["queue"].number = 0.1;
    const auto node = make();
    ASSERT_TRUE(node->prepare({.rate_hz = test::bench_rate_hz, .offline = true}));
    constexpr std::uint32_t block = 4'096;
    for (std::uint32_t at = 0; at + block <= 2 * second; at += block) {
        TransportCycle cycle{.clock = at, .segment_count = 1};
        cycle.segment[0] = {.frames = block, .rolling = true, .epoch = 1};
        const std::vector<const float*> in{input_[0].data() + at, input_[1].data() + at};
        node->fill(block);
        node->process({in, {}, block, cycle});
    }
    node->finish();
    EXPECT_EQ(node->missing_frames(), 0u);
    EXPECT_EQ(take("take-001.wav"), part(0, 2 * second / block * block));
}

TEST_F(RecorderNode, processes_without_allocation_or_lock_at_every_switch)
{
    test::give(settings_, "preroll", 0.1);
    const auto node = make();
    ASSERT_TRUE(node->prepare({.rate_hz = test::bench_rate_hz, .offline = true}));
    const std::vector<const float*> in{input_[0].data(), input_[1].data()};
    const test::RealtimeGuard guard;
    // Nobody empties the queue, so that it runs over as well.
    for (std::uint32_t turn = 0; turn < 200; ++turn) {
        TransportCycle cycle{.segment_count = 2};
        cycle.segment[0] = {.frames = 1'000, .rolling = turn % 3 != 0, .epoch = turn};
        cycle.segment[1] = {.offset = 1'000, .frames = 7'192, .rolling = true, .epoch = turn};
        if (turn % 5 == 0) node->live().find("split")->set(turn);
        node->process({in, {}, largest_quantum, cycle});
    }
    EXPECT_EQ(guard.offences(), 0u);
    EXPECT_GT(node->missing_frames(), 0u);
}

}  // namespace
}  // namespace stemwire::nodes
