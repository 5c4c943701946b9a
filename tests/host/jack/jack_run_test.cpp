// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/host/jack/jack_server.hpp"
#include "tests/host/jack/jack_stage.hpp"
#include "tests/support/program.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/wav.hpp"

namespace stemwire {
namespace {

using namespace std::chrono_literals;
using test::Ear;
using test::JackServer;
using test::Program;

/// Two tracks of noise and an effect into an ear, played by the program.
class JackRun : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override
    {
        if (!server.error().empty()) GTEST_SKIP() << "no JACK server can be started here: " << server.error();
        for (const std::uint64_t seed : {1u, 2u}) {
            test::Audio audio;
            audio.channels.resize(2);
            for (std::size_t channel = 0; channel < 2; ++channel)
                for (std::size_t frame = 0; frame < 24'000; ++frame) audio.channels[channel].push_back(0.3f * test::noise(frame, seed * 2 + channel));
            test::write_audio(folder.file("stem" + std::to_string(seed) + ".wav"), audio);
        }
        folder.write("band.yaml", "stemwire: 1\n"
                                  "nodes:\n"
                                  "  low: { type: track, file: stem1.wav }\n"
                                  "  high: { type: track, file: stem2.wav }\n"
                                  "  mix: { type: mixer, channels: { low: { gain: -3 dB }, high: { pan: L30 } } }\n"
                                  "  master: { type: effects, chain: [ eq: { bands: [ { type: highpass, frequency: 80 Hz } ] } ] }\n"
                                  "external: { ear: { node: ear, ports: \"in_*\" } }\n"
                                  "links: [ low -> mix:low, high -> mix:high, mix -> master -> ear ]\n");
    }

    [[nodiscard]] std::vector<std::vector<float>> render() const
    {
        const auto rendered = test::run_program({test::stemwire_program(), "render", "band.yaml", "-o", "render.wav", "--format", "f32"}, {}, folder.path().string());
        EXPECT_EQ(rendered.status, 0) << rendered.err;
        return test::read_audio(folder.file("render.wav")).channels;
    }
    [[nodiscard]] std::vector<std::string> run() const
    {
        return {test::stemwire_program(), "run", "band.yaml", "--backend", "jack", "--jack-clients", GetParam(), "--remote", server.name(), "--exit-at-end"};
    }

    JackServer server;
    test::TemporaryFolder folder;
};

INSTANTIATE_TEST_SUITE_P(Clients, JackRun, testing::Values("each", "one"), [](const auto& clients) { return std::string(clients.param); });

/// Whether all that was computed is found in what was heard, exactly, from the first sound of both on.
bool found_in(const std::vector<std::vector<float>>& heard, std::size_t frames, const std::vector<std::vector<float>>& computed)
{
    const auto sounds = [](float sample) { return sample != 0.0f; };
    for (std::size_t channel = 0; channel < computed.size(); ++channel) {
        const auto end = heard[channel].begin() + static_cast<std::ptrdiff_t>(frames);
        const auto first = std::find_if(heard[channel].begin(), end, sounds);
        const auto expected = std::ranges::find_if(computed[channel], sounds);
        if (end - first < computed[channel].end() - expected || !std::equal(expected, computed[channel].end(), first)) return false;
    }
    return true;
}

TEST_P(JackRun, sounds_like_the_render)
{
    const auto computed = render();
    // Until no cycle is late, in which a server lets old samples be heard.
    bool same = false;
    for (int attempt = 0; attempt < 10 && !same; ++attempt) {
        Ear ear(server.name(), 2);
        ASSERT_TRUE(ear.there());
        ear.listen();
        const auto outcome = test::run_program(run(), {}, folder.path().string());
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_NE(outcome.err.find("JACK "), std::string::npos) << outcome.err;
        same = found_in(ear.heard, ear.frames(), computed);
    }
    EXPECT_TRUE(same);
}

constexpr std::size_t place = 6'000;

/// Stays until the server has taken it up: PipeWire 1.6 forgets what is asked by a client that leaves at once.
bool locate(const host::Libjack& jack, jack_client_t* client)
{
    jack.transport_stop(client);
    if (jack.transport_locate(client, place) != 0) return false;
    jack_position_t position{};
    for (int wait = 0; wait < 2000 && position.frame != place; ++wait) {
        std::this_thread::sleep_for(1ms);
        jack.transport_query(client, &position);
    }
    return position.frame == place;
}

TEST_P(JackRun, follows_the_servers_transport_to_the_very_frame)
{
    constexpr std::size_t faded = 2'400;  // longer than a track fades in
    folder.write("band.yaml", "stemwire: 1\n"
                              "nodes: { low: { type: track, file: stem1.wav } }\n"
                              "external: { ear: { node: ear, ports: \"in_*\" } }\n"
                              "links: [ low -> ear ]\n"
                              "transport: { follow: graph }\n");
    const auto stem = test::read_audio(folder.file("stem1.wav")).channels[0];
    bool exact = false;
    // Until no cycle is late, in which a server lets old samples be heard.
    for (int attempt = 0; attempt < 10 && !exact; ++attempt) {
        ASSERT_TRUE(server.with_client(locate));
        Ear ear(server.name(), 2);
        ASSERT_TRUE(ear.there());
        Program program(run(), {}, folder.path().string());
        const auto wait_for = [](const auto& so) {
            for (int wait = 0; wait < 2000 && !so(); ++wait) std::this_thread::sleep_for(10ms);
        };
        wait_for([&] { return program.err().find("JACK ") != std::string::npos; });
        ear.listen();
        wait_for([&] { return ear.frames() > 48'000; });
        server.with_client([](const host::Libjack& jack, jack_client_t* client) { return jack.transport_start(client), true; });
        ASSERT_EQ(program.wait().status, 0);
        // The first sample of all is faded to nothing.
        const auto end = ear.heard[0].begin() + static_cast<std::ptrdiff_t>(ear.frames());
        const auto first = std::find_if(ear.heard[0].begin(), end, [](float sample) { return sample != 0.0f; });
        const auto expected = stem.begin() + static_cast<std::ptrdiff_t>(place + 1 + faded);
        exact = end - first > static_cast<std::ptrdiff_t>(stem.size() - place) && std::equal(expected, stem.end(), first + faded);
    }
    EXPECT_TRUE(exact);
}

TEST_P(JackRun, ends_in_order_when_told_to)
{
    Ear ear(server.name(), 2);
    Program program(run(), {}, folder.path().string());
    ear.listen();
    for (int wait = 0; wait < 1000 && program.err().find("JACK ") == std::string::npos; ++wait) std::this_thread::sleep_for(10ms);
    program.signal(SIGINT);
    const auto outcome = program.wait();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(server.with_client([](const host::Libjack& jack, jack_client_t* client) {
        const char** ports = jack.get_ports(client, "^band", nullptr, 0);
        return ports == nullptr;
    })) << "no client of ours is left";
}

TEST_P(JackRun, says_what_to_start_without_a_server)
{
    auto arguments = run();
    *std::ranges::find(arguments, server.name()) = "stemwire-test-none";
    const auto outcome = test::run_program(arguments, {}, folder.path().string());
    EXPECT_EQ(outcome.status, 4);
    EXPECT_NE(outcome.err.find("jackd -d"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("--private"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace stemwire
