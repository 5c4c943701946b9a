// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>
#include <iterator>

#include "tests/live/live_sessions.hpp"

namespace stemwire::session {
namespace {

class Save : public LiveSessions {
protected:
    [[nodiscard]] std::string text() const
    {
        std::ifstream stream(folder_.file("test.yaml"), std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    [[nodiscard]] static std::size_t links_in_state(const SessionControl& session, std::string_view state)
    {
        std::size_t count = 0;
        for (const SessionLink& link : session.status().links) count += link.state == state ? 1 : 0;
        return count;
    }
};

TEST_F(Save, keeps_what_was_patched_and_turned_and_every_comment)
{
    const std::string before = R"(stemwire: 1   # by hand
nodes:
  tone: { type: generator, level: -20 dB }    # quiet
  mix:
    type: mixer
    channels: { tone: { gain: -6dB } }  # the only one
external: { speakers: { sink: default } }
links:
  - tone -> mix:tone
  - mix -> speakers   # stereo
)";
    enum class Step { begin, cut, linked, saved } step = Step::begin;
    std::vector<std::string> lines;
    std::size_t made = 0;
    const auto said = run(before, [&](SessionControl& session) {
        switch (step) {
        case Step::begin:
            EXPECT_TRUE(session.set("mix.tone.gain", "-9 dB"));
            EXPECT_TRUE(session.set("tone.frequency", "220 Hz"));
            EXPECT_EQ(pipewire_.command("pw-link -d test.mix:main_FR null-sink:playback_FR"), "");
            step = Step::cut;
            return false;
        case Step::cut:
            if (links_in_state(session, "cut") < 1) return false;
            EXPECT_EQ(pipewire_.command("pw-link test.tone:output_MONO null-sink:playback_FR"), "");
            step = Step::linked;
            return false;
        case Step::linked: {
            if (links_in_state(session, "drawn") < 1) return false;
            auto saved = session.save();
            EXPECT_TRUE(saved);
            if (saved) lines = std::move(*saved);
            step = Step::saved;
            return false;
        }
        case Step::saved: break;
        }
        // The saved file was taken over, and is what plays: nothing is by hand any more, and there is nothing to save.
        if (links_in_state(session, "cut") + links_in_state(session, "drawn") > 0) return false;
        made = links_in_state(session, "made");
        EXPECT_TRUE(session.save().value_or(std::vector<std::string>{"an error"}).empty());
        return true;
    });
    EXPECT_EQ(text(), R"(stemwire: 1   # by hand
nodes:
  tone: { type: generator, level: -20 dB, frequency: 220 Hz }    # quiet
  mix:
    type: mixer
    channels: { tone: { gain: -9dB } }  # the only one
external: { speakers: { sink: default } }
links:
  - tone -> mix:tone
  - mix:main_FL -> speakers:playback_FL   # stereo
  - tone:output_MONO -> speakers:playback_FR
)");
    EXPECT_EQ(made, 3u);
    const std::vector<std::string> expected{"tone.frequency: 220 Hz", "mix.tone.gain: -9 dB", "cut: mix:main_FR -> speakers:playback_FR", "drawn: tone:output_MONO -> speakers:playback_FR"};
    EXPECT_EQ(lines, expected);
}

TEST_F(Save, says_what_is_wrong_with_a_file_that_was_broken_meanwhile)
{
    const std::string before = "stemwire: 1\nnodes:\n  tone: { type: generator }\nexternal: { speakers: { sink: default } }\nlinks: [ tone -> speakers ]\n";
    const std::string broken = before + "nonsense: 1\n";
    std::string error;
    run(before, [&](SessionControl& session) {
        folder_.write("test.yaml", broken);
        EXPECT_TRUE(session.set("tone.level", "-30 dB"));
        const auto saved = session.save();
        if (!saved) error = saved.error().message;
        return true;
    });
    EXPECT_NE(error.find("nonsense"), std::string::npos) << error;
    EXPECT_EQ(text(), broken);
}

TEST_F(Save, what_is_turned_after_it_is_saved_stays_turned)
{
    bool saved = false;
    double saved_at = 0;
    run("stemwire: 1\nnodes: { tone: { type: generator } }\nexternal: { speakers: { sink: default } }\nlinks: [ tone -> speakers ]\n", [&](SessionControl& session) {
        if (!saved) {
            EXPECT_TRUE(session.set("tone.frequency", "220 Hz"));
            EXPECT_TRUE(session.save());
            EXPECT_TRUE(session.set("tone.frequency", "330 Hz"));
            saved_at = session.status().seconds;
            return saved = true, false;
        }
        // By then whoever watches the file has seen it.
        if (session.status().seconds < saved_at + 2) return false;
        const auto frequency = session.get("tone.frequency");
        EXPECT_TRUE(frequency && frequency->value == 330) << (frequency ? frequency->value : -1);
        return true;
    });
}

}  // namespace
}  // namespace stemwire::session
