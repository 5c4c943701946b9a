// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/parameters.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "session/xrun_log.hpp"
#include "tests/support/temporary_folder.hpp"

namespace stemwire::session {
namespace {

class Parameters : public ::testing::Test {
protected:
    void SetUp() override
    {
        const auto loaded = preset::load_text(R"(
stemwire: 1
nodes:
  tone: { type: generator, signal: sine }
  mix: { type: mixer, channels: { in: { gain: -3 dB, pan: L20 } } }
  master: { type: effects, chain: [ { eq: { bands: [ { type: peak, frequency: 1 kHz, gain: 2 dB } ] } }, { gain: {} } ] }
)",
                                              folder_.file("test.yaml"));
        ASSERT_TRUE(loaded.preset);
        auto instance = Instance::make(*loaded.preset, decoders_);
        ASSERT_TRUE(instance);
        instance_ = std::move(*instance);
        ASSERT_TRUE(instance_->prepare({.rate_hz = 48000, .quantum = 64}).empty());
    }

    test::TemporaryFolder folder_;
    media::DecodePool decoders_{0};
    std::unique_ptr<Instance> instance_;
};

TEST_F(Parameters, have_the_addresses_and_values_of_the_preset)
{
    EXPECT_EQ(get_parameter(*instance_, "mix.in.gain")->value, -3.0);
    EXPECT_EQ(get_parameter(*instance_, "mix.in.pan")->value, -0.2);
    EXPECT_EQ(get_parameter(*instance_, "master.eq.bands.1.gain")->value, 2.0);
    for (const ParameterValue& value : parameter_values(*instance_)) EXPECT_EQ(get_parameter(*instance_, value.address)->value, value.value) << value.address;
}

TEST_F(Parameters, are_set_as_a_person_writes_them_and_as_numbers)
{
    EXPECT_EQ(set_parameter(*instance_, "mix.in.gain", "-6 dB")->value, -6.0);
    EXPECT_EQ(set_parameter(*instance_, "mix.in.gain", "off")->value, gain_off);
    EXPECT_EQ(set_parameter(*instance_, "mix.in.mute", "true")->value, 1.0);
    EXPECT_EQ(set_parameter(*instance_, "mix.in.pan", 0.123456789)->value, 0.123456789);
    EXPECT_EQ(get_parameter(*instance_, "mix.in.pan")->value, 0.123456789);
}

TEST_F(Parameters, what_is_wrong_is_said_and_changes_nothing)
{
    const auto out_of_range = set_parameter(*instance_, "mix.in.gain", "200 dB");
    ASSERT_FALSE(out_of_range);
    EXPECT_NE(out_of_range.error().message.find("mix.in.gain: '200 dB' is out of range ("), std::string::npos) << out_of_range.error().message;
    const auto unknown = get_parameter(*instance_, "mix.in.gian");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().message, "there is no live parameter 'mix.in.gian' (did you mean 'mix.in.gain'?)");
    EXPECT_FALSE(set_parameter(*instance_, "mix.in.gain", std::numeric_limits<double>::quiet_NaN()));
    EXPECT_FALSE(set_parameter(*instance_, "mix.in.pan", 3.0));
    EXPECT_FALSE(set_parameter(*instance_, "", "1"));
    EXPECT_FALSE(set_parameter(*instance_, "mix", "1"));
    EXPECT_EQ(get_parameter(*instance_, "mix.in.gain")->value, -3.0);
}

TEST_F(Parameters, an_xrun_names_the_node_that_was_at_work_longest)
{
    XrunLog log;
    const auto cycle = [](std::uint64_t xruns) { return XrunLog::Cycle{.xruns = xruns, .clock = 0, .timeline_seconds = 2.5, .rate_hz = 48000, .quantum = 64}; };
    std::vector<float> buffer(64);
    const auto run = [&](std::size_t node, Frames clock) {
        const std::vector<float*> outputs{buffer.data(), buffer.data()};
        const std::vector<const float*> inputs{nullptr, nullptr};
        for (int i = 0; i < 100; ++i) instance_->runners()[node]->run(clock, inputs, outputs, 64);
    };
    log.look(*instance_, cycle(0));
    EXPECT_TRUE(log.latest().empty());
    run(1, 640);
    log.look(*instance_, cycle(2));
    ASSERT_EQ(log.latest().size(), 1u);
    EXPECT_EQ(log.latest()[0].node, "mix");
    EXPECT_EQ(log.latest()[0].clock_frame, 640u);
    EXPECT_EQ(log.latest()[0].missed_cycles, 2u);
    EXPECT_NEAR(log.latest()[0].budget_us, 1e6 * 64 / 48000, 1e-9);
    run(0, 1280);
    log.look(*instance_, cycle(3));
    EXPECT_EQ(log.latest().back().node, "tone");
    EXPECT_EQ(log.latest().back().missed_cycles, 1u);
    // Missed a little later than the node was late, and looked at in between.
    run(1, 1920);
    log.look(*instance_, cycle(3));
    log.look(*instance_, cycle(4));
    EXPECT_EQ(log.latest().back().node, "mix");
    EXPECT_EQ(log.latest().back().clock_frame, 1920u);
    for (std::uint64_t xruns = 5; xruns < 60; ++xruns) log.look(*instance_, cycle(xruns));
    EXPECT_EQ(log.latest().size(), 16u);
}

}  // namespace
}  // namespace stemwire::session
