// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/graph_follower.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "host/transport_watch.hpp"

namespace stemwire::session {
namespace {

using namespace std::chrono_literals;

constexpr Frames quantum = 256;
constexpr double rate_hz = 48000;

/// A server whose transport anybody moves, between two cycles; what a session that follows it plays; and sources that are ready some cycles after their cue.
class Studio {
public:
    Studio()
    {
        follower.reset(rate_hz, 0, std::nullopt);
        cycles(20);
    }

    void cycle()
    {
        const host::CycleStart start(clock, graph);
        watch.see(start, quantum);
        TransportSegment segment = schedule.cycle(clock, quantum, memory, graph).segments()[0];
        if (segment.rolling) {
            EXPECT_TRUE(graph.rolling);
            EXPECT_EQ(segment.unrolled, graph.frame);
            EXPECT_TRUE(is_cued(segment.epoch)) << "plays what is not ready";
            EXPECT_GE(segment.unrolled, cues.at(segment.epoch).start) << "plays what was not decoded";
        }
        heard.push_back(segment);
        clock += quantum;
        graph = host::CycleStart(0, graph).after(quantum).graph;
        if (readying > 0) --readying;
        now += 5ms;
        follower.tick(now);
    }
    void cycles(int count)
    {
        for (int i = 0; i < count; ++i) cycle();
    }
    [[nodiscard]] bool is_cued(Epoch epoch) const { return epoch < last_cue || readying == 0; }
    [[nodiscard]] bool plays() const { return heard.back().rolling; }
    SessionTransport::Done mark(bool& done)
    {
        return [&done](const Expected<void>& result) {
            EXPECT_TRUE(result);
            done = true;
        };
    }
    void until(const bool& done)
    {
        for (int i = 0; i < 10'000 && !done; ++i) cycle();
        ASSERT_TRUE(done);
    }

    rt::TransportSchedule schedule;
    rt::TransportSchedule::Memory memory;
    host::TransportWatch watch;
    rt::GraphPlace graph;
    std::map<Epoch, Cue> cues;
    Epoch last_cue = 0;
    int takes_cycles = 3;
    int readying = 0;
    Frames clock = 1'000'000;
    SessionTransport::Clock::time_point now{};
    std::vector<TransportSegment> heard;  ///< [cycle]
    GraphFollower follower{{.schedule = schedule,
                            .cue =
                                [this](const Cue& cue) {
                                    cues[cue.epoch] = cue;
                                    last_cue = cue.epoch;
                                    readying = takes_cycles;
                                },
                            .cued = [this](Epoch epoch) { return is_cued(epoch); },
                            .clock = [this] { return clock; },
                            .ahead = [] { return Frames{3 * quantum}; }},
                           {.seen = [this] { return std::optional(watch.latest()); },
                            .roll =
                                [this](bool rolling) {
                                    if (lost-- <= 0) graph.rolling = rolling;
                                    return Expected<void>{};
                                },
                            .locate =
                                [this](Frames frame) {
                                    if (lost-- <= 0) graph.frame = frame;
                                    return Expected<void>{};
                                }}};
    int lost = 0;  ///< requests that the server is yet to lose
};

TEST(GraphFollower, plays_from_the_very_frame_on_when_another_program_starts_the_graph)
{
    Studio studio;
    studio.graph.rolling = true;
    studio.cycle();
    EXPECT_TRUE(studio.plays());
    EXPECT_EQ(studio.heard.back().unrolled, 0u);
    studio.cycles(3);
    EXPECT_TRUE(studio.follower.rolling());
}

TEST(GraphFollower, is_ready_where_another_program_puts_the_standing_transport)
{
    Studio studio;
    studio.graph.frame = 96'000;
    studio.cycles(20);
    EXPECT_EQ(studio.follower.position(), 96'000u);
    studio.graph.rolling = true;
    studio.cycle();
    EXPECT_TRUE(studio.plays());
    EXPECT_EQ(studio.heard.back().unrolled, 96'000u);
}

TEST(GraphFollower, stops_in_the_same_cycle_and_goes_on_at_the_very_next_frame)
{
    Studio studio;
    Frames next = 0;
    for (const int stands : {20, 1, 3}) {
        studio.graph.rolling = true;
        studio.cycles(30);
        studio.graph.rolling = false;
        studio.cycle();
        EXPECT_FALSE(studio.plays());
        studio.cycles(stands);
    }
    for (const TransportSegment& segment : studio.heard)
        if (segment.rolling) {
            EXPECT_EQ(segment.unrolled, next);
            next += quantum;
        }
    EXPECT_EQ(next, 90 * quantum);
}

/// As PipeWire 1.6 starts, and any PipeWire that goes on after a stop.
TEST(GraphFollower, plays_at_once_where_rolling_begins_a_cycle_further_on)
{
    Studio studio;
    for (int start = 0; start < 3; ++start) {
        studio.graph.frame += quantum;
        const Frames begins = studio.graph.frame;
        studio.graph.rolling = true;
        studio.cycle();
        EXPECT_TRUE(studio.plays());
        EXPECT_EQ(studio.heard.back().unrolled, begins);
        studio.cycles(30);
        EXPECT_TRUE(studio.plays());
        EXPECT_EQ(studio.schedule.at(studio.clock).unrolled, studio.graph.frame);
        studio.graph.rolling = false;
        studio.cycles(20);
    }
    studio.graph.frame += quantum + 1;
    studio.graph.rolling = true;
    studio.cycle();
    EXPECT_FALSE(studio.plays()) << "further on than that is a jump";
}

TEST(GraphFollower, does_not_take_rolling_past_a_place_for_a_start_there)
{
    Studio studio;
    bool started = false;
    studio.follower.start(studio.mark(started));
    studio.until(started);
    studio.cycles(10);
    // Ready long before the server, which loses the first request, goes there; meanwhile rolling comes by.
    studio.lost = 1;
    bool sought = false;
    const Frames place = studio.graph.frame + 20 * quantum + 100;
    const std::size_t before = studio.heard.size();
    studio.follower.seek(static_cast<double>(place) / rate_hz, studio.mark(sought));
    studio.until(sought);
    const auto since = studio.heard.begin() + static_cast<std::ptrdiff_t>(before);
    EXPECT_TRUE(std::all_of(since, studio.heard.end(), [](const TransportSegment& segment) { return segment.rolling; })) << "silence within a seek of our own";
    EXPECT_TRUE(std::any_of(since, studio.heard.end(), [&](const TransportSegment& segment) { return segment.unrolled == place; }));
}

TEST(GraphFollower, joins_in_after_a_jump_at_the_graphs_own_frame)
{
    Studio studio;
    studio.takes_cycles = 150;  // longer than the first try foresees
    studio.graph.rolling = true;
    studio.cycles(300);
    EXPECT_TRUE(studio.plays());
    studio.graph.frame = 480'000;
    studio.cycle();
    EXPECT_FALSE(studio.plays());
    studio.cycles(1000);
    EXPECT_TRUE(studio.plays());
    EXPECT_FALSE(studio.follower.busy());
    // In the schedule that late comers read, too.
    EXPECT_EQ(studio.schedule.at(studio.clock).unrolled, studio.graph.frame);
    EXPECT_EQ(studio.follower.position(), studio.graph.frame);
}

TEST(GraphFollower, asks_the_graph_and_answers_once_it_is_heard)
{
    Studio studio;
    bool started = false;
    studio.follower.start(studio.mark(started));
    studio.until(started);
    EXPECT_TRUE(studio.plays());
    studio.cycles(10);
    bool sought = false;
    const std::size_t before = studio.heard.size();
    studio.follower.seek(5.0, studio.mark(sought));
    studio.until(sought);
    EXPECT_TRUE(std::all_of(studio.heard.begin() + static_cast<std::ptrdiff_t>(before), studio.heard.end(), [](const TransportSegment& segment) { return segment.rolling; }))
        << "silence within a seek of our own";
    EXPECT_TRUE(std::ranges::any_of(studio.heard, [](const TransportSegment& segment) { return segment.rolling && segment.unrolled == 240'000; }));
    bool paused = false;
    studio.follower.pause(studio.mark(paused));
    studio.until(paused);
    EXPECT_FALSE(studio.graph.rolling);
    bool looped = false;
    studio.follower.loop(std::pair{1.0, 2.0}, [&looped](const Expected<void>& result) { looped = result.has_value(); });
    EXPECT_FALSE(looped);
}

TEST(GraphFollower, asks_again_where_the_server_lost_what_it_was_asked)
{
    Studio studio;
    studio.lost = 1;
    bool started = false;
    studio.follower.start(studio.mark(started));
    studio.until(started);
    EXPECT_TRUE(studio.plays());
    studio.lost = 1;
    bool sought = false;
    studio.follower.seek(5.0, studio.mark(sought));
    studio.until(sought);
    EXPECT_TRUE(std::ranges::any_of(studio.heard, [](const TransportSegment& segment) { return segment.rolling && segment.unrolled == 240'000; }));
}

TEST(GraphFollower, answers_a_seek_whose_first_cycles_were_missed)
{
    Studio studio;
    bool started = false;
    studio.follower.start(studio.mark(started));
    studio.until(started);
    bool sought = false;
    studio.follower.seek(5.0, studio.mark(sought));
    while (studio.graph.frame != 240'000) studio.cycle();
    studio.clock += 3 * quantum;
    studio.graph.frame += 3 * quantum;
    studio.until(sought);
    EXPECT_TRUE(studio.plays());
    EXPECT_FALSE(std::ranges::any_of(studio.heard, [](const TransportSegment& segment) { return segment.rolling && segment.unrolled == 240'000; }));
}

TEST(GraphFollower, says_that_nobody_moves_the_transport)
{
    Studio studio;
    GraphFollower deaf({.schedule = studio.schedule, .cue = [](const Cue&) {}, .cued = [](Epoch) { return true; }, .clock = [&] { return studio.clock; }, .ahead = [] { return quantum; }},
                       {.seen = [&] { return std::optional(studio.watch.latest()); }, .roll = [](bool) { return failure("not here"); }, .locate = [](Frames) { return Expected<void>{}; }});
    deaf.reset(rate_hz, 0, std::nullopt);
    std::vector<std::string> answers;
    const auto keep = [&](const Expected<void>& result) { answers.push_back(result ? "done" : result.error().message); };
    deaf.start(keep);
    for (int i = 0; i < 100; ++i) {
        studio.cycle();
        deaf.tick(studio.now);
    }
    deaf.seek(3.0, keep);
    for (int i = 0; i < 100; ++i) {
        studio.cycle();
        deaf.tick(studio.now);
    }
    deaf.tick(studio.now + 1h);
    EXPECT_EQ(answers, (std::vector<std::string>{"not here", "the graph's transport does not follow: another program holds it, or nothing drives the graph"}));
}

TEST(GraphFollower, plays_again_after_whatever_anybody_does)
{
    Studio studio;
    std::mt19937 generator(7);
    const auto random = [&](unsigned below) { return generator() % below; };
    int asked = 0;
    int answered = 0;
    const auto count = [&](const Expected<void>&) { ++answered; };
    for (int step = 0; step < 1'000; ++step) {
        studio.takes_cycles = static_cast<int>(random(60));
        switch (random(8)) {
        case 0: studio.graph.rolling = !studio.graph.rolling; break;
        case 1: studio.graph.frame = random(1'000'000); break;
        case 2: studio.follower.seek(static_cast<double>(random(20)), count), ++asked; break;
        case 3: studio.follower.start(count), ++asked; break;
        case 4: studio.follower.pause(count), ++asked; break;
        case 5: studio.clock += 5 * quantum, studio.graph = host::CycleStart(0, studio.graph).after(5 * quantum).graph; break;
        default: break;
        }
        studio.cycles(static_cast<int>(random(80)));
    }
    studio.graph.rolling = true;
    studio.cycles(4'000);
    EXPECT_TRUE(studio.plays());
    EXPECT_EQ(answered, asked);
}

}  // namespace
}  // namespace stemwire::session
