// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/transport_control.hpp"

#include <gtest/gtest.h>

#include <random>

namespace stemwire::session {
namespace {

using namespace std::chrono_literals;

constexpr Frames quantum = 256;
constexpr double rate_hz = 48000;

/// A clock that a test moves on, and sources that are ready some cycles after their cue.
class Studio {
public:
    Studio() { control.reset(rate_hz, 0, std::nullopt); }

    /// One cycle of the graph; what each of its frames plays is kept.
    void cycle()
    {
        const TransportCycle cycle = schedule.cycle(clock, quantum, memory);
        for (const TransportSegment& segment : cycle.segments())
            for (std::uint32_t i = 0; i < segment.frames; ++i) {
                TransportSegment frame = segment;
                if (segment.rolling) {
                    frame.unrolled += i;
                    frame.timeline = rt::fold_into_loop(cues.at(segment.epoch), frame.unrolled);
                    EXPECT_TRUE(is_cued(segment.epoch)) << "plays what is not ready";
                }
                heard.push_back(frame);
            }
        clock += quantum;
        if (readying > 0) --readying;
        now += 5ms;
        control.tick(now);
    }
    void cycles(int count)
    {
        for (int i = 0; i < count; ++i) cycle();
    }
    void until_heard(const bool& done)
    {
        for (int i = 0; i < 10'000 && !done; ++i) cycle();
        ASSERT_TRUE(done);
    }
    bool is_cued(Epoch epoch) const { return epoch < last_cue || readying == 0; }

    TransportControl::Done mark(bool& done)
    {
        return [&done](const Expected<void>& result) {
            EXPECT_TRUE(result);
            done = true;
        };
    }
    void start()
    {
        bool done = false;
        control.start(mark(done));
        until_heard(done);
    }

    rt::TransportSchedule schedule;
    rt::TransportSchedule::Memory memory;
    std::map<Epoch, Cue> cues;
    Epoch last_cue = 0;
    int takes_cycles = 3;
    int readying = 0;
    Frames clock = 0;
    TransportControl::Clock::time_point now{};
    std::vector<TransportSegment> heard;  ///< [clock frame]
    TransportControl control{{.schedule = schedule,
                              .cue =
                                  [this](const Cue& cue) {
                                      cues[cue.epoch] = cue;
                                      last_cue = cue.epoch;
                                      readying = takes_cycles;
                                  },
                              .cued = [this](Epoch epoch) { return is_cued(epoch); },
                              .clock = [this] { return clock; },
                              .ahead = [] { return Frames{3 * quantum}; },
                              .at_once = [this](const std::function<void()>& publish) {
                                  if (at_once) publish();
                                  return at_once;
                              }}};
    bool at_once = false;
};

TEST(TransportControl, starts_at_the_first_frame_and_says_so_when_it_has_passed)
{
    Studio studio;
    studio.start();
    const auto first = std::ranges::find_if(studio.heard, [](const auto& frame) { return frame.rolling; });
    ASSERT_NE(first, studio.heard.end());
    EXPECT_EQ(first->unrolled, 0u);
    EXPECT_TRUE(studio.control.rolling());
}

TEST(TransportControl, starts_in_the_next_cycle_where_everyone_hears_of_it_in_time)
{
    Studio studio;
    studio.cycles(5);
    const Frames asked_in = studio.clock;
    studio.start();
    EXPECT_EQ(std::ranges::find_if(studio.heard, &TransportSegment::rolling) - studio.heard.begin(), asked_in + quantum + 3 * quantum);

    Studio quick;
    quick.at_once = true;
    quick.cycles(5);
    quick.start();
    EXPECT_EQ(std::ranges::find_if(quick.heard, &TransportSegment::rolling) - quick.heard.begin(), asked_in + quantum);
}

TEST(TransportControl, pauses_and_goes_on_at_the_very_next_frame)
{
    Studio studio;
    studio.start();
    studio.cycles(20);
    bool paused = false;
    studio.control.pause(studio.mark(paused));
    studio.until_heard(paused);
    const Frames position = studio.control.position();
    studio.cycles(20);
    EXPECT_EQ(studio.control.position(), position);
    studio.start();
    // No frame of the timeline twice, none left out.
    Frames next = 0;
    for (const auto& frame : studio.heard) {
        if (frame.rolling) { ASSERT_EQ(frame.timeline, next++); }
    }
}

TEST(TransportControl, a_seek_plays_the_old_place_until_the_new_one_is_ready)
{
    Studio studio;
    studio.start();
    studio.takes_cycles = 100;
    const Frames asked_at = studio.clock;
    bool done = false;
    studio.control.seek(60.0, studio.mark(done));
    studio.until_heard(done);
    const auto jump = std::ranges::find_if(studio.heard, [](const auto& frame) { return frame.timeline >= 60 * 48000; });
    ASSERT_NE(jump, studio.heard.end());
    EXPECT_EQ(jump->timeline, 60u * 48000);
    EXPECT_GE(jump - studio.heard.begin(), static_cast<std::ptrdiff_t>(asked_at + 100 * quantum));
    for (auto frame = studio.heard.begin() + static_cast<std::ptrdiff_t>(asked_at); frame != jump; ++frame) ASSERT_TRUE(frame->rolling);
}

TEST(TransportControl, a_loop_begins_without_a_jump_and_folds)
{
    Studio studio;
    studio.start();
    bool done = false;
    studio.control.loop(TimeRange{0.5, 1.0}, studio.mark(done));
    studio.until_heard(done);
    studio.cycles(800);
    Frames expected = 0;
    for (const auto& frame : studio.heard) {
        if (!frame.rolling) continue;
        ASSERT_EQ(frame.timeline, expected);
        if (++expected == 48000) expected = 24000;
    }
}

TEST(TransportControl, a_loop_before_the_place_is_jumped_into)
{
    Studio studio;
    studio.start();
    bool done = false;
    studio.control.seek(100, studio.mark(done));
    studio.until_heard(done);
    done = false;
    studio.control.loop(TimeRange{1, 2}, studio.mark(done));
    studio.until_heard(done);
    EXPECT_GE(studio.control.position(), 48000u);
    EXPECT_LT(studio.control.position(), 96000u);
}

TEST(TransportControl, a_pause_inside_a_loop_stands_inside_the_loop)
{
    Studio studio;
    studio.start();
    bool done = false;
    studio.control.loop(TimeRange{0.0, 0.1}, studio.mark(done));
    studio.until_heard(done);
    studio.cycles(100);
    done = false;
    studio.control.pause(studio.mark(done));
    studio.until_heard(done);
    EXPECT_LT(studio.control.seconds(), 0.1);
    EXPECT_LT(studio.cues.at(studio.last_cue).start, 4800u);
}

TEST(TransportControl, a_new_loop_is_seamless_however_long_it_takes_to_prepare)
{
    Studio studio;
    studio.start();
    studio.takes_cycles = 200;
    bool done = false;
    studio.control.loop(TimeRange{50, 60}, studio.mark(done));
    studio.until_heard(done);
    studio.cycles(10);
    Frames next = 0;
    for (const auto& frame : studio.heard) {
        if (frame.rolling) { ASSERT_EQ(frame.timeline, next++); }
    }
    EXPECT_EQ(studio.heard.back().epoch, studio.last_cue);
}

TEST(TransportControl, answers_everyone_when_the_clock_stands_still)
{
    Studio studio;
    bool answered = false;
    studio.control.start([&](const Expected<void>& result) {
        EXPECT_FALSE(result);
        answered = true;
    });
    studio.cycles(4);
    for (int i = 0; i < 3 && !answered; ++i) studio.control.tick(TransportControl::Clock::now() + 6s);
    EXPECT_TRUE(answered);
}

TEST(TransportControl, a_thousand_random_wishes_are_all_answered_and_never_play_what_is_not_ready)
{
    Studio studio;
    std::mt19937 generator(20);
    const auto random = [&] { return static_cast<int>(generator() % 1200); };
    int answered = 0;
    const auto count = [&](const Expected<void>&) { ++answered; };
    for (int i = 0; i < 1000; ++i) {
        studio.takes_cycles = random() % 40;
        switch (random() % 5) {
        case 0: studio.control.start(count); break;
        case 1: studio.control.pause(count); break;
        case 2: studio.control.loop(random() % 2 == 0 ? std::optional(TimeRange{random() % 10, 10 + random() % 10}) : std::nullopt, count); break;
        default: studio.control.seek(random() % 300, count); break;
        }
        studio.cycles(random() % 30);
    }
    for (int i = 0; i < 1000 && studio.control.busy(); ++i) studio.cycle();
    EXPECT_EQ(answered, 1000);
}

}  // namespace
}  // namespace stemwire::session
