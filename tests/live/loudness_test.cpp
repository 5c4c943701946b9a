// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>

#include "tests/live/live_sessions.hpp"
#include "tests/support/lambda_node.hpp"
#include "tests/support/wav.hpp"

namespace stemwire::session {
namespace {

class LiveLoudness : public LiveSessions {
protected:
    void SetUp() override
    {
        LiveSessions::SetUp();
        setenv("XDG_CACHE_HOME", folder_.path().c_str(), 1);
        test::Audio audio;
        audio.channels.resize(2);
        for (std::size_t i = 0; i < 96'000; ++i)
            for (std::size_t channel = 0; channel < 2; ++channel) audio.channels[channel].push_back(0.05f * test::noise(i, channel));
        test::write_audio(folder_.file("noise.wav"), audio);
    }

    [[nodiscard]] static std::string preset(const std::string& gain, const std::string& target)
    {
        return "stemwire: 1\nnodes: { noise: { type: track, file: noise.wav, loop: true, gain: " + gain +
               " dB } }\nexternal: { speakers: { sink: default } }\nlinks: [ noise -> speakers ]\nloudness: { target: " + target + " LUFS, length: 2 s }\n";
    }

    [[nodiscard]] static double gain_of(const SessionControl& session)
    {
        const auto gain = session.get("loudness.gain.gain");
        return gain ? gain->value : 0.0;
    }
};

TEST_F(LiveLoudness, follows_another_target_and_another_level_while_it_plays)
{
    enum class Step { begin, measured, retargeted, done } step = Step::begin;
    double measured_db = 0.0;
    double retargeted_db = 0.0;
    double quieter_db = 0.0;
    run(preset("0", "-30"), [&](SessionControl& session) {
        const double now_db = gain_of(session);
        switch (step) {
        case Step::begin:
            folder_.write("test.yaml", preset("0", "-40"));
            step = Step::measured;
            return false;
        case Step::measured:
            if (now_db == 0.0) return false;
            measured_db = now_db;
            folder_.write("test.yaml", preset("0", "-43"));
            step = Step::retargeted;
            return false;
        case Step::retargeted:
            if (now_db == measured_db) return false;
            retargeted_db = now_db;
            folder_.write("test.yaml", preset("-6", "-43"));
            step = Step::done;
            return false;
        case Step::done:
            quieter_db = now_db;
        }
        return quieter_db != retargeted_db;
    });
    EXPECT_NEAR(retargeted_db, measured_db - 3.0, 0.011);
    EXPECT_NEAR(quieter_db, retargeted_db + 6.0, 0.011);
}

TEST_F(LiveLoudness, of_a_bus_is_that_of_the_sine_on_it)
{
    std::optional<LoudnessValue> heard;
    run("stemwire: 1\nnodes:\n  tone: { type: generator, signal: sine, frequency: 997 Hz, level: -20 dB, channels: stereo }\n"
        "  mix: { type: mixer, meters: lufs, channels: { tone: { gain: 0 dB } } }\nexternal: { speakers: { sink: default } }\nlinks: [ tone -> mix:tone, mix -> speakers ]\n",
        [&](SessionControl& session) {
            for (const MeterValue& meter : session.meters())
                if (meter.is_output && meter.loudness) heard = meter.loudness;
            // The whole of a short-term window of the sine, and none of the silence before.
            return heard && heard->short_term_lufs > -20.05;
        });
    ASSERT_TRUE(heard);
    // BS.1770: a sine of 997 Hz at full scale in one channel is −3.01 LUFS, and so in two channels 0.
    EXPECT_NEAR(heard->momentary_lufs, -20.0, 0.1);
    EXPECT_NEAR(heard->short_term_lufs, -20.0, 0.1);
    EXPECT_NEAR(heard->integrated_lufs, -20.0, 0.1);
    EXPECT_NEAR(heard->true_peak_dbtp, -20.0, 0.1);
}

TEST_F(LiveLoudness, is_not_saved_as_a_node)
{
    bool has_set = false;
    std::vector<std::string> lines;
    run(preset("0", "-30"), [&](SessionControl& session) {
        if (!has_set) {
            EXPECT_TRUE(session.set("loudness.gain.gain", "-9 dB"));
            EXPECT_TRUE(session.set("noise.gain", "-1 dB"));
            has_set = true;
            return false;
        }
        lines = session.save().value_or(std::vector<std::string>{"an error"});
        return true;
    });
    EXPECT_EQ(lines, (std::vector<std::string>{"noise.gain: -1 dB"}));
}

}  // namespace
}  // namespace stemwire::session
