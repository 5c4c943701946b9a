// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "fixtures.hpp"
#include "media/decode_pool.hpp"
#include "nodes/track/parameters.hpp"
#include "rt/transport_schedule.hpp"

namespace stemwire {

extern const NodeType track_type;

namespace {

using test::Planes;

constexpr int rate_hz = 44100;
constexpr std::uint32_t fade_frames = 221;  // 5 ms at 44.1 kHz: 220.5
constexpr std::uint32_t ramp_frames = 882;  // 20 ms at 44.1 kHz

struct NoLinks : PortHints {
    std::optional<ChannelLayout> linked(std::string_view) const override { return std::nullopt; }
};

class TrackTest : public testing::Test {
protected:
    TrackTest() : file_(folder_.file("sound.flac"))
    {
        test::make_sound(file_, "-c:a flac", 3.0, rate_hz);
        decoded_ = test::decode_with_ffmpeg(file_, 2);
        settings_["file"].text = file_;
    }

    std::unique_ptr<Node> make()
    {
        Errors errors;
        const Ports ports = track_type.ports(settings_, NoLinks{}, errors);
        EXPECT_TRUE(errors.empty());
        auto node = track_type.make({"drums", settings_, ports, pool_});
        if (!node) throw std::runtime_error(to_string(node.error()));
        EXPECT_TRUE((*node)->prepare({.rate_hz = rate_hz, .offline = true}));
        return std::move(*node);
    }

    /// From `at_clock` on the transport does this. As in a live session, the old epoch has been decoded ahead.
    void change(Node& node, Frames at_clock, const Cue& cue, bool rolling)
    {
        node.fill(16384);
        node.cue(cue);
        transport_.schedule({at_clock, cue, rolling}, clock_);
    }

    /// Appends the next frames to what has been heard.
    void run(Node& node, std::uint32_t frames, std::uint32_t block = 256)
    {
        for (std::uint32_t done = 0; done < frames;) {
            const std::uint32_t count = std::min(block, frames - done);
            Planes out(2, std::vector<float>(count));
            const std::vector<float*> at{out[0].data(), out[1].data()};
            node.fill(count);
            const TransportCycle cycle = transport_.cycle(clock_, count, memory_);
            const EnterAudioThread role;
            node.process({{}, at, count, cycle});
            for (std::size_t channel = 0; channel < 2; ++channel)
                heard_[channel].insert(heard_[channel].end(), out[channel].begin(), out[channel].end());
            done += count;
            clock_ += count;
        }
    }

    /// Frames from … from + count − 1 of the file, at a gain.
    [[nodiscard]] Planes sound(std::size_t from, std::size_t count, float gain = 1.0f) const
    {
        Planes planes = test::part(decoded_, from, count);
        for (auto& plane : planes)
            for (float& sample : plane) sample *= gain;
        return planes;
    }

    [[nodiscard]] Errors check() const
    {
        Errors errors;
        static_cast<void>(track_type.ports(settings_, NoLinks{}, errors));
        track_type.check(settings_, errors);
        return errors;
    }

    test::TemporaryFolder folder_;
    std::string file_;
    Planes decoded_;
    Settings settings_{track_type.parameters};
    media::DecodePool pool_{0};
    rt::TransportSchedule transport_;
    rt::TransportSchedule::Memory memory_;
    Frames clock_ = 0;
    Planes heard_{2};
};

TEST_F(TrackTest, plays_the_file_untouched_from_the_frame_at_which_the_transport_starts)
{
    const auto node = make();
    change(*node, 1000, {.epoch = 1}, true);
    run(*node, 20000, 63);
    EXPECT_EQ(test::largest_difference(test::part(heard_, 0, 1000), Planes(2, std::vector<float>(1000))), 0.0);
    EXPECT_EQ(test::largest_difference(test::part(heard_, 1000, 19000), sound(0, 19000)), 0.0);
    EXPECT_EQ(node->missing_frames(), 0u);
}

TEST_F(TrackTest, fades_the_old_place_out_over_the_new_one_at_a_seek)
{
    const auto node = make();
    change(*node, 0, {.epoch = 1}, true);
    run(*node, 5000);
    change(*node, 6001, {.epoch = 2, .start = 50000}, true);
    run(*node, 5000);
    for (std::size_t channel = 0; channel < 2; ++channel) {
        EXPECT_EQ(heard_[channel][6000], decoded_[channel][6000]);
        for (std::uint32_t i = 0; i < fade_frames; ++i) {
            const double in = static_cast<double>(i) / fade_frames;
            EXPECT_NEAR(heard_[channel][6001 + i], in * decoded_[channel][50000 + i] + (1.0 - in) * decoded_[channel][6001 + i], 1e-6);
        }
        EXPECT_EQ(heard_[channel][6001 + fade_frames], decoded_[channel][50000 + fade_frames]);
    }
}

TEST_F(TrackTest, that_joins_in_is_silent_until_its_frame_and_misses_nothing)
{
    constexpr Frames joins = 5'001;
    const auto node = make();
    transport_.schedule({.at_clock = 0, .cue = {.epoch = 1}, .rolling = true}, 0);
    node->cue({.epoch = 1, .begin = joins});
    clock_ = 3'000;
    run(*node, 5'000);
    EXPECT_EQ(node->missing_frames(), 0u);
    for (std::size_t channel = 0; channel < 2; ++channel)
        for (Frames at = 3'000; at < 8'000; ++at) {
            const double gain = at < joins ? 0.0 : std::min(1.0, static_cast<double>(at - joins) / fade_frames);
            ASSERT_NEAR(heard_[channel][at - 3'000], gain * decoded_[channel][at], 1e-6) << at;
        }
}

TEST_F(TrackTest, fades_out_when_the_transport_stops)
{
    const auto node = make();
    change(*node, 0, {.epoch = 1}, true);
    run(*node, 5000);
    change(*node, 5500, {.epoch = 2, .start = 5500}, false);
    run(*node, 5000);
    for (std::uint32_t i = 0; i < fade_frames; ++i)
        EXPECT_NEAR(heard_[0][5500 + i], (1.0 - static_cast<double>(i) / fade_frames) * decoded_[0][5500 + i], 1e-6);
    EXPECT_TRUE(std::all_of(heard_[0].begin() + 5500 + fade_frames, heard_[0].end(), [](float sample) { return sample == 0.0f; }));
}

TEST_F(TrackTest, does_not_depend_on_how_the_signal_is_cut_into_blocks)
{
    settings_["start"].number = 0.05;
    std::map<std::uint32_t, Planes> heard;
    for (const std::uint32_t block : {1u, 63u, 64u, 1000u, 8192u}) {
        const auto node = make();
        clock_ = 0;
        transport_.schedule({.at_clock = 0}, 0);
        heard_ = Planes(2);
        change(*node, 100, {.epoch = 1, .start = 1000, .loop_from = 3000, .loop_to = 9000}, true);
        run(*node, 12000, block);
        change(*node, 13000, {.epoch = 2, .start = 60000}, true);
        run(*node, 8192, block);
        change(*node, 21000, {.epoch = 3, .start = 60000}, false);
        run(*node, 4000, block);
        heard[block] = heard_;
    }
    for (const auto& [block, planes] : heard) EXPECT_EQ(test::largest_difference(planes, heard[1]), 0.0) << block;
}

TEST_F(TrackTest, ramps_gain_and_mute_over_20_ms)
{
    const auto node = make();
    change(*node, 0, {.epoch = 1}, true);
    run(*node, 1000);
    node->live().find("gain")->set(-20.0);
    run(*node, 3000);
    node->live().find("mute")->set(1.0);
    run(*node, 3000);
    for (std::uint32_t i = 0; i < 2 * ramp_frames; ++i) {
        const double done = std::min(1.0, static_cast<double>(i) / ramp_frames);
        EXPECT_NEAR(heard_[1][1000 + i], decoded_[1][1000 + i] * (1.0 - done * 0.9), 1e-6) << i;
        EXPECT_NEAR(heard_[1][4000 + i], decoded_[1][4000 + i] * 0.1 * (1.0 - done), 1e-6) << i;
    }
    EXPECT_EQ(heard_[1][6999], 0.0f);
}

TEST_F(TrackTest, begins_at_the_gain_that_is_set)
{
    settings_["gain"].number = -20.0;
    const auto node = make();
    change(*node, 0, {.epoch = 1}, true);
    run(*node, 3000);
    EXPECT_LE(test::largest_difference(heard_, sound(0, 3000, 0.1f)), 1e-7);
}

TEST_F(TrackTest, knows_its_end_with_start_trim_and_loop)
{
    settings_["start"].number = 1.0;
    settings_["trim"].numbers = {0.5, 1.0};
    settings_["loop"].number = 3.0;
    const auto node = make();
    EXPECT_FALSE(node->end_known());
    change(*node, 0, {.epoch = 1}, true);
    run(*node, 3 * rate_hz);
    EXPECT_TRUE(node->end_known());
    EXPECT_EQ(node->end(), std::optional<Frames>(rate_hz + 3 * 22050));
    settings_["loop"].number = std::numeric_limits<double>::infinity();
    const auto forever = make();
    EXPECT_TRUE(forever->end_known());
    EXPECT_EQ(forever->end(), std::nullopt);
}

TEST_F(TrackTest, counts_missing_frames_and_rejoins_at_the_right_frame)
{
    const auto node = make();
    change(*node, 0, {.epoch = 1}, true);
    run(*node, 256);
    for (int block = 0; block < 20; ++block) {  // nobody decodes meanwhile
        Planes out(2, std::vector<float>(1000));
        const std::vector<float*> at{out[0].data(), out[1].data()};
        const TransportCycle cycle = transport_.cycle(clock_, 1000, memory_);
        node->process({{}, at, 1000, cycle});
        clock_ += 1000;
    }
    const auto missing = node->missing_frames();
    EXPECT_GT(missing, 0u);
    heard_ = Planes(2);
    run(*node, 5000);
    EXPECT_EQ(test::largest_difference(heard_, sound(20256, 5000)), 0.0);
    EXPECT_EQ(node->missing_frames(), missing);
}

TEST_F(TrackTest, shows_its_level)
{
    const auto node = make();
    change(*node, 0, {.epoch = 1}, true);
    run(*node, 40000);
    const Meter& meter = node->meters().front();
    EXPECT_EQ(meter.name, "output");
    EXPECT_TRUE(meter.is_output);
    const float largest = *std::max_element(heard_[0].begin(), heard_[0].end());
    EXPECT_GT(meter.peak.load(), largest * 0.1f);
    EXPECT_GT(meter.mean_square.load(), 0.0f);
    EXPECT_LT(meter.mean_square.load(), meter.peak.load() * meter.peak.load());
}

TEST_F(TrackTest, has_the_files_channels_or_those_that_are_asked_for)
{
    Errors errors;
    EXPECT_EQ(track_type.ports(settings_, NoLinks{}, errors).outputs.front(), (PortGroup{"output", ChannelLayout::stereo()}));
    settings_["channels"].layout = ChannelLayout::mono();
    EXPECT_EQ(track_type.ports(settings_, NoLinks{}, errors).outputs.front(), (PortGroup{"output", ChannelLayout::mono()}));
    EXPECT_TRUE(errors.empty());
}

TEST_F(TrackTest, says_what_is_wrong_with_a_file)
{
    const Mark mark{4, 9};
    settings_["file"].mark = settings_["stream"].mark = mark;
    settings_["stream"].text = "drums";
    settings_["stream"].given = true;
    ASSERT_EQ(check().size(), 1u);
    EXPECT_EQ(check().front().message, "sound.flac has no audio stream 'drums' (there is 0)");
    EXPECT_EQ(check().front().mark, mark);
    settings_["stream"].text = "";
    settings_["file"].text = folder_.write("empty.wav", "");
    ASSERT_EQ(check().size(), 1u);
    EXPECT_EQ(check().front().message, "empty.wav is empty");
    settings_["file"].text = folder_.file("none.wav");
    ASSERT_EQ(check().size(), 1u);
    EXPECT_EQ(check().front().message, "none.wav does not exist");
}

TEST_F(TrackTest, says_when_the_trim_lies_beyond_the_file)
{
    settings_["trim"].numbers = {1.0, 3.0};
    EXPECT_TRUE(check().empty());
    settings_["trim"].numbers = {1.0, 4.5};
    ASSERT_EQ(check().size(), 1u);
    EXPECT_EQ(check().front().message, "trim ends at 4.5 s, but sound.flac is only 3 s long");
    settings_["trim"].numbers = {3.5, 4.5};
    ASSERT_EQ(check().size(), 1u);
    EXPECT_EQ(check().front().message, "trim begins at 3.5 s, but sound.flac is only 3 s long");
}

}  // namespace

}  // namespace stemwire
