// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <thread>

#include "media/take_plan.hpp"
#include "playing.hpp"

namespace stemwire::media {

namespace {

using test::Planes;
using test::Player;

constexpr int rate_hz = 44100;
constexpr Frames fade = 441;  // 10 ms

TEST(TakePlan, draws_every_take_about_as_often_as_any_other)
{
    constexpr std::size_t draws = 30000;
    std::array<std::size_t, 3> counts{};
    for (std::size_t row = 0; row < draws; ++row) ++counts[drawn_take(7, row, 0, counts.size())];
    // 6 standard deviations of a binomial count: √(n p q) = 81.6.
    for (const std::size_t count : counts) EXPECT_NEAR(static_cast<double>(count), draws / 3.0, 490.0);
}

TEST(TakePlan, draws_slots_and_seeds_independently)
{
    std::size_t same_slot = 0;
    std::size_t same_seed = 0;
    for (std::size_t row = 0; row < 10000; ++row) {
        same_slot += drawn_take(1, row, 0, 2) == drawn_take(1, row, 1, 2);
        same_seed += drawn_take(1, row, 0, 2) == drawn_take(2, row, 0, 2);
    }
    EXPECT_NEAR(static_cast<double>(same_slot), 5000.0, 300.0);  // 6 standard deviations of 50
    EXPECT_NEAR(static_cast<double>(same_seed), 5000.0, 300.0);
}

TEST(TakePlan, orders_the_points_and_forgets_those_before_the_track)
{
    const auto rows = plan_takes({.pick = 1, .reshuffle_seconds = {3.0, 1.0, 2.0, 2.0}, .seed = 5}, 4, 1000.0, 1500);
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[0].begin, 0u);
    EXPECT_EQ(rows[1].begin, 500u);
    EXPECT_EQ(rows[2].begin, 1500u);
    EXPECT_EQ(rows[0].weights[drawn_take(5, 1, 0, 4)], 1.0f);  // the point at 1 s counts, though the track begins later
    EXPECT_EQ(rows[2].weights[drawn_take(5, 3, 0, 4)], 1.0f);
}

TEST(TakePlan, fades_no_longer_than_until_the_next_point)
{
    TakeDraw draw{.reshuffle_seconds = {1.0, 1.001}};
    while (drawn_take(draw.seed, 0, 0, 9) == drawn_take(draw.seed, 1, 0, 9)) ++draw.seed;
    EXPECT_EQ(plan_takes(draw, 9, 48000.0, 0)[1].fade, 48u);
}

/// Three takes, and what should be heard of them.
class TakesTest : public testing::Test {
protected:
    TakesTest()
    {
        for (int take = 0; take < 3; ++take) {
            const auto file = folder_.file("take" + std::to_string(take) + ".flac");
            test::make_sound(file, "-c:a flac -af volume=0." + std::to_string(9 - take), 3.0, rate_hz, 2);
            request_.takes.push_back({file, ""});
            takes_.push_back(test::decode_with_ffmpeg(file, 2));
        }
        request_.draw.reshuffle_seconds = {0.5, 1.25, 2.0};
        request_.draw.pick = 2;
        request_.draw.seed = 3;
    }

    /// How loud a take is in a row, and at a frame.
    [[nodiscard]] double weight(std::size_t row, std::size_t take) const
    {
        double slots = 0.0;
        for (std::size_t slot = 0; slot < request_.draw.pick; ++slot)
            slots += drawn_take(request_.draw.seed, row, slot, takes_.size()) == take ? 1.0 : 0.0;
        return slots;
    }
    [[nodiscard]] double weight_at(Frames frame, std::size_t take) const
    {
        std::size_t row = 0;
        Frames begin = 0;
        for (const double point : request_.draw.reshuffle_seconds)
            if (const Frames at = seconds_to_frames(point, rate_hz); at <= frame) {
                ++row;
                begin = at;
            }
        if (row == 0 || frame - begin >= fade) return weight(row, take);
        const double part = static_cast<double>(frame - begin) / static_cast<double>(fade);
        return (1.0 - part) * weight(row - 1, take) + part * weight(row, take);
    }
    [[nodiscard]] Planes expected(Frames from, std::size_t count) const
    {
        Planes planes(2, std::vector<float>(count));
        for (std::size_t channel = 0; channel < 2; ++channel)
            for (std::size_t i = 0; i < count; ++i)
                for (std::size_t take = 0; take < takes_.size(); ++take)
                    if (from + i < takes_[take][channel].size())
                        planes[channel][i] += static_cast<float>(weight_at(from + i, take) * takes_[take][channel][from + i]);
        return planes;
    }

    test::TemporaryFolder folder_;
    StreamRequest request_;
    std::vector<Planes> takes_;
};

constexpr double rounding = 1e-6;

TEST_F(TakesTest, sum_the_drawn_takes_and_fade_at_each_point)
{
    DecodePool pool(0);
    const auto stream = test::open(pool, request_);
    ASSERT_TRUE(stream->prepare(rate_hz, true));
    stream->cue({.epoch = 1});
    const std::size_t length = takes_[0][0].size() + 5000;
    Player player(*stream);
    EXPECT_LT(test::largest_difference(player.play(1, 0, length), expected(0, length)), rounding);
    EXPECT_EQ(player.missing, 0u);
    EXPECT_EQ(stream->end(), takes_[0][0].size());
}

TEST_F(TakesTest, are_those_in_force_wherever_a_seek_leads)
{
    DecodePool pool(0);
    const auto stream = test::open(pool, request_);
    ASSERT_TRUE(stream->prepare(rate_hz, true));
    Epoch epoch = 0;
    for (const Frames from : {Frames{100000}, Frames{22050}, Frames{22100}, Frames{55125}, Frames{0}, Frames{88200}}) {
        stream->cue({.epoch = ++epoch, .start = from});
        EXPECT_LT(test::largest_difference(Player(*stream).play(epoch, from, 20000), expected(from, 20000)), rounding) << from;
    }
}

TEST_F(TakesTest, are_the_same_with_workers_as_without)
{
    DecodePool pool(2);
    const auto stream = test::open(pool, request_);
    ASSERT_TRUE(stream->prepare(rate_hz, false));
    stream->cue({.epoch = 1, .start = 20000});
    Planes heard(2, std::vector<float>(100000));
    for (std::size_t done = 0; done < heard[0].size(); done += 100) {
        while (!stream->cued(1) || (!stream->end() && stream->buffered_seconds() * rate_hz < 101.0)) std::this_thread::yield();
        const std::vector<float*> at{heard[0].data() + done, heard[1].data() + done};
        ASSERT_EQ(stream->read(1, 20000 + done, at, 100).missing, 0u);
    }
    EXPECT_LT(test::largest_difference(heard, expected(20000, 100000)), rounding);
}

TEST_F(TakesTest, go_round_a_loop_of_the_timeline_with_what_is_in_force_there)
{
    DecodePool pool(0);
    const auto stream = test::open(pool, request_);
    ASSERT_TRUE(stream->prepare(rate_hz, true));
    const Cue cue{.epoch = 1, .start = 30000, .loop_from = 20000, .loop_to = 60000};
    stream->cue(cue);
    const Planes heard = Player(*stream).play(1, 30000, 110000);
    EXPECT_LT(test::largest_difference(test::part(heard, 0, 30000), expected(30000, 30000)), rounding);
    for (const std::size_t round : {0u, 1u})
        EXPECT_LT(test::largest_difference(test::part(heard, 30000 + 40000 * round, 40000), expected(20000, 40000)), rounding);
}

TEST_F(TakesTest, of_one_file_that_nobody_hears_do_not_pile_up)
{
    // 3 takes of 26 s of 44.1 kHz stereo float: 9.2 MB each, of which a forgotten reader would keep 8 MB.
    std::string inputs;
    std::string maps;
    for (int take = 0; take < 3; ++take) {
        const auto file = folder_.file("long" + std::to_string(take) + ".wav");
        test::make_sound(file, "-c:a pcm_f32le -af volume=0." + std::to_string(9 - take), 26.0, rate_hz, 2);
        inputs += " -i '" + file + "'";
        maps += " -map " + std::to_string(take);
    }
    const auto packed = folder_.file("takes.mka");
    test::ffmpeg(inputs + maps + " -c:a copy '" + packed + "'");
    for (std::size_t take = 0; take < 3; ++take) {
        request_.takes[take] = {packed, std::to_string(take)};
        takes_[take] = test::decode_with_ffmpeg(packed, 2, "-map 0:a:" + std::to_string(take));
    }
    request_.draw = {.pick = 1, .reshuffle_seconds = {20.0}, .seed = 1};
    DecodePool pool(0);
    const auto stream = test::open(pool, request_);
    ASSERT_TRUE(stream->prepare(rate_hz, true));
    stream->cue({.epoch = 1});
    const std::size_t length = takes_[0][0].size();
    EXPECT_LT(test::largest_difference(Player(*stream).play(1, 0, length), expected(0, length)), rounding);
}

}  // namespace

}  // namespace stemwire::media
