// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <numbers>
#include <random>
#include <span>

#include <sys/socket.h>

#include "control/descriptor.hpp"
#include "control/session_folder.hpp"
#include "tests/live/recording.hpp"
#include "tests/live/session_programs.hpp"

namespace stemwire {
namespace {

using test::wait_until;

constexpr double frequency_hz = 100;

/// A program that means no good to a session's socket; it waits for nothing.
class Hostile {
public:
    Hostile(std::string path, unsigned seed) : path_(std::move(path)), generator_(seed) {}

    void do_something()
    {
        switch (random(6)) {
        case 0: say(noise(random(4'000)) + "\n"); break;
        case 1: say(noise(random(4'000))); break;                                          // half of a line
        case 2: say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sta"); break;              // half of a request
        case 3: say(std::string(2'000'000, '[')); break;                                   // huge, and deep
        case 4: say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"set\",\"params\":[\"tone.level\",\"" + noise(20) + "\"]}\n"); break;
        default: crowd(); break;
        }
    }

private:
    [[nodiscard]] unsigned random(unsigned below) { return static_cast<unsigned>(generator_() % below); }
    [[nodiscard]] std::string noise(unsigned length)
    {
        std::string bytes(length, ' ');
        for (char& byte : bytes) byte = static_cast<char>(random(256));
        return bytes;
    }
    void say(std::string_view bytes)
    {
        const control::Descriptor socket(control::connect_to_session(path_));
        for (int attempt = 0; attempt < 50 && !bytes.empty(); ++attempt) {
            const ssize_t sent = send(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// More than are let in, each with many requests whose answers nobody reads.
    void crowd()
    {
        std::string requests;
        for (int request = 0; request < 200; ++request) requests += "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}\n";
        std::vector<control::Descriptor> sockets;
        for (int client = 0; client < 80; ++client) sockets.emplace_back(control::connect_to_session(path_));
        for (const auto& socket : sockets) static_cast<void>(send(socket.get(), requests.data(), requests.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
    }

    std::string path_;
    std::mt19937 generator_;
};

class HostileControl : public test::SessionPrograms {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(pipewire_.runs()) << pipewire_.error();
        folder_.write("band.yaml", "stemwire: 1\n"
                                   "nodes: { tone: { type: generator, signal: sine, frequency: 100 Hz, level: -12 dB } }\n"
                                   "external: { speakers: { sink: default } }\n"
                                   "links: [ tone -> speakers ]\n");
    }

    struct Heard {
        std::vector<float> tone;            ///< from its first full sound on
        std::uint64_t missed_cycles = 0;    ///< by the session, or by the tape
    };

    /// What is heard while somebody does its worst.
    Heard play()
    {
        test::Recording recording(pipewire_);
        EXPECT_TRUE(recording.linked());
        const auto program = run(pipewire_.remote());
        EXPECT_TRUE(wait_until([&] { return all_made(status()); })) << program->err();
        EXPECT_TRUE(recording.hears(9'600));
        const std::size_t from = recording.frames();
        Hostile hostile(folder_.path() / "stemwire" / "band.sock", 1);
        for (int deed = 0; deed < 60; ++deed) hostile.do_something();
        EXPECT_TRUE(recording.hears(4'800));
        const std::size_t until = recording.frames();
        const auto now = status();
        EXPECT_EQ(state_of(now, "tone"), "running") << program->err();
        program->signal(SIGTERM);
        const auto outcome = program->wait();
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        const auto audio = recording.stop(true);
        const auto& channel = audio->channels[0];
        return {{channel.begin() + static_cast<std::ptrdiff_t>(from), channel.begin() + static_cast<std::ptrdiff_t>(until)}, now["xruns"].get<std::uint64_t>() + recording.xruns()};
    }

    test::PrivatePipeWire pipewire_;
};

/// A period of the sine, in full: x[n+1] = 2 cos ω x[n] − x[n−1], which one sample more or less breaks, and the level.
bool is_whole(std::span<const float> period)
{
    const double turn = 2 * std::cos(2 * std::numbers::pi * frequency_hz / 48'000);
    for (std::size_t i = 1; i + 1 < period.size(); ++i)
        if (std::abs(period[i + 1] - (turn * period[i] - period[i - 1])) > 1e-5) return false;
    return std::abs(*std::ranges::max_element(period) - std::pow(10, -12 / 20.0)) < 1e-3;
}

TEST_F(HostileControl, a_tone_goes_on_without_a_step_or_a_gap_whatever_is_said_to_the_session)
{
    constexpr std::size_t period = 480;
    constexpr std::size_t near = 5;  // periods: a cycle that the machine missed is heard for two or three of its own length
    const Heard heard = play();
    ASSERT_FALSE(HasFailure());
    std::uint64_t gaps = 0;
    std::size_t whole = 0;
    std::size_t since_broken = near;
    const std::size_t periods = heard.tone.size() / period;
    for (std::size_t i = 0; i < periods; ++i, ++since_broken) {
        if (is_whole(std::span(heard.tone).subspan(i * period, period))) {
            ++whole;
            continue;
        }
        if (since_broken >= near) ++gaps;
        since_broken = 0;
    }
    EXPECT_LE(gaps, heard.missed_cycles) << whole << " of " << periods << " periods are whole";
    EXPECT_GT(whole, periods / 2) << "where this machine missed no cycle, the tone is whole";
}

}  // namespace
}  // namespace stemwire
