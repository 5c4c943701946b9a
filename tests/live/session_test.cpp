// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/live_session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>

#include "tests/live/recording.hpp"
#include "tests/support/temporary_folder.hpp"

namespace stemwire::session {
namespace {

using namespace std::chrono_literals;

/// A session on a private server, driven from its own main loop by a script of steps.
class LiveSessions : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(pipewire_.runs()) << pipewire_.error(); }

    /// Runs a preset; `step` is called every few milliseconds while it plays, and says when it is enough.
    std::vector<std::string> run(const std::string& yaml, const std::function<bool(SessionControl&)>& step)
    {
        const std::string path = folder_.write("test.yaml", yaml);
        const auto loaded = preset::load(path);
        for (const Error& error : loaded.errors) ADD_FAILURE() << to_string(error);
        std::vector<std::string> said;
        LiveRequest request{.remote = pipewire_.remote(),
                            .say = [&said](const std::string& message) { said.push_back(message); },
                            .attach =
                                [&](SessionControl& session) {
                                    session.every(5ms, [&session, &step] {
                                        if (session.status().state != TransportState::starting && step(session)) session.stop();
                                    });
                                    return Expected<void>();
                                },
                            .reload = [path] { return preset::load(path); }};
        const auto ended = run_live(*loaded.preset, request);
        EXPECT_TRUE(ended) << (ended ? "" : to_string(ended.error().errors.front()));
        return said;
    }

    void write_tone(const std::string& name, float sign)
    {
        test::Audio audio;
        audio.channels.resize(2);
        for (auto& channel : audio.channels)
            for (std::size_t i = 0; i < 20 * 48'000; ++i) channel.push_back(sign * 0.2f * test::noise(i));
        test::write_audio(folder_.file(name), audio);
    }

    test::PrivatePipeWire pipewire_;
    test::TemporaryFolder folder_;
};

TEST_F(LiveSessions, inverted_copies_are_silent_through_seeks_loops_and_pauses)
{
    write_tone("up.wav", 1.0f);
    write_tone("down.wav", -1.0f);
    std::string nodes;
    std::string channels;
    std::string links;
    for (int track = 0; track < 8; ++track) {
        const std::string name = "t" + std::to_string(track);
        nodes += "  " + name + ": { type: track, file: " + (track % 2 == 0 ? "up.wav" : "down.wav") + " }\n";
        channels += " " + name + ": {},";
        links += "  - " + name + " -> mix:" + name + "\n";
    }
    test::Recording recording(pipewire_);
    ASSERT_TRUE(recording.linked());
    std::mt19937 generator(3);
    const auto random = [&](int below) { return static_cast<int>(generator() % static_cast<unsigned>(below)); };
    int wishes = 0;
    int answered = 0;
    std::uint64_t missing = 0;
    const auto count = [&](const Expected<void>& result) {
        EXPECT_TRUE(result);
        ++answered;
    };
    const auto said = run("stemwire: 1\nnodes:\n" + nodes + "  mix: { type: mixer, channels: {" + channels + " } }\nexternal: { speakers: { sink: default } }\nlinks:\n" + links +
                              "  - mix -> speakers\n",
                          [&](SessionControl& session) {
                              missing = session.status().missing_frames;
                              if (wishes > answered && random(4) > 0) return false;
                              if (wishes == 200) return answered == wishes;
                              ++wishes;
                              const double place = random(19'000) / 1000.0;
                              switch (random(8)) {
                              case 0: session.pause(count); break;
                              case 1: session.start(count); break;
                              case 2: session.loop(std::pair{place, place + 0.05 + random(500) / 1000.0}, count); break;
                              case 3: session.loop(std::nullopt, count); break;
                              default: session.seek(place, count); break;
                              }
                              return false;
                          });
    const auto heard = recording.stop(true);
    ASSERT_TRUE(heard);
    EXPECT_EQ(answered, 200);
    EXPECT_EQ(missing, 0u);
    for (const auto& channel : heard->channels)
        EXPECT_LT(20 * std::log10(*std::ranges::max_element(channel, {}, [](float sample) { return std::abs(sample); }) + 1e-30f), -130.0f);
}

}  // namespace
}  // namespace stemwire::session
