// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <random>

#include "tests/faults/faults.hpp"

namespace stemwire::test {
namespace {

TEST_F(Faults, a_server_that_stands_still_for_a_while_is_waited_for)
{
    start();
    ASSERT_TRUE(wait_until([&] { return plays(); })) << program_->err();
    kill(pipewire_.server().pid(), SIGSTOP);
    const auto seconds = [&] { return status()["transport"]["seconds"].get<double>(); };
    // It has stopped once two answers in a row are the same; the answers themselves must go on.
    EXPECT_TRUE(wait_until([&, last = -1.0]() mutable { return std::exchange(last, seconds()) == last; }));
    for (int i = 0; i < 50; ++i) EXPECT_EQ(ask({"status"}).status, 0);
    kill(pipewire_.server().pid(), SIGCONT);
    EXPECT_TRUE(goes_on()) << program_->err();
    expect_ordered_end();
}

TEST_F(Faults, what_is_asked_of_a_server_that_stands_still_is_answered)
{
    start();
    ASSERT_TRUE(wait_until([&] { return plays(); })) << program_->err();
    kill(pipewire_.server().pid(), SIGSTOP);
    EXPECT_EQ(ask({"set", "tone.level", "-50 dB"}).status, 0);
    // Nothing is heard of it, and so this comes back without success, but it does come back.
    const Outcome sought = ask({"seek", "2 s"});
    EXPECT_EQ(sought.status, 1) << sought.out;
    EXPECT_NE(sought.err.find("the graph stands still"), std::string::npos) << sought.err;
    kill(pipewire_.server().pid(), SIGCONT);
    EXPECT_TRUE(goes_on()) << program_->err();
    EXPECT_NE(ask({"get", "tone.level"}).out.find("-50 dB"), std::string::npos);
    EXPECT_EQ(ask({"seek", "2 s"}).status, 0) << program_->err();
    expect_ordered_end();
}

/// 100 by hand: STEMWIRE_CLOCK_CHANGES.
int wanted_clock_changes()
{
    const char* wanted = std::getenv("STEMWIRE_CLOCK_CHANGES");
    return wanted != nullptr ? std::atoi(wanted) : 20;
}

TEST_F(Faults, a_clock_whose_rate_and_quantum_change_again_and_again_is_followed)
{
    start();
    ASSERT_TRUE(wait_until([&] { return plays(); })) << program_->err();
    std::mt19937 generator(3);
    const auto one_of = [&](const std::vector<int>& values) { return values[generator() % values.size()]; };
    const auto force = [&](const std::string& what, int value) { static_cast<void>(pipewire_.command("pw-metadata -n settings 0 clock.force-" + what + " " + std::to_string(value))); };
    for (int change = 0; change < wanted_clock_changes(); ++change) {
        if (generator() % 2 == 0) force("rate", one_of({32'000, 44'100, 48'000, 96'000}));
        else force("quantum", one_of({64, 128, 333, 1000, 2048, 8192}));
        // Mostly the next one comes while everything is still being prepared for this one.
        if (generator() % 8 == 0) {
            EXPECT_TRUE(goes_on()) << "change " << change << ": " << program_->err();
        }
    }
    force("rate", 44'100);
    force("quantum", 512);
    EXPECT_TRUE(wait_until([&] {
        const auto now = status();
        return now.is_object() && now["rate"] == 44'100.0 && now["quantum"] == 512 && now["transport"]["state"] == "playing";
    })) << status().dump(1);
    EXPECT_TRUE(goes_on()) << program_->err();
    // It has never stood still by its own will.
    EXPECT_EQ(program_->err().find("autostart"), std::string::npos) << program_->err();
    expect_ordered_end();
}

TEST_F(Faults, two_sessions_that_want_one_link_differently_both_play_on_and_say_so_once)
{
    folder_.write("band.yaml", "stemwire: 1\nnodes:\n  tone: { type: generator, channels: stereo }\nexternal: { speakers: { sink: default } }\n"
                               "links: { policy: enforce, list: [ tone -> speakers ] }\n");
    folder_.write("rival.yaml", "stemwire: 1\nnodes:\n  mix: { type: mixer, channels: { in: {} } }\n"
                                "external: { speakers: { sink: default }, theirs: { node: band.tone, ports: \"output_*\" } }\n"
                                "links: { policy: enforce, list: [ 'theirs -> mix:in', mix -> speakers ] }\n");
    start();
    ASSERT_TRUE(wait_until([&] { return plays(); })) << program_->err();
    Program rival({stemwire_program(), "run", "--remote", pipewire_.remote(), "rival.yaml"}, environment(), folder_.path().string());
    const std::string gives_in = "somebody makes the link band.tone:output_FL -> rival.mix:in_FL again and again";
    EXPECT_TRUE(says(gives_in)) << program_->err();
    const auto seconds = [&](const std::string& session) { return nlohmann::json::parse(ask({"status", "--json", "--session", session}).out)["transport"]["seconds"].get<double>(); };
    for (const std::string session : {"band", "rival"}) {
        const double from = seconds(session);
        EXPECT_TRUE(wait_until([&] { return seconds(session) > from + 1; })) << session;
    }
    rival.signal(SIGINT);
    const Outcome outcome = rival.wait();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const std::string said = program_->err();
    EXPECT_EQ(said.find(gives_in), said.rfind(gives_in)) << said;
    program_->signal(SIGINT);
    EXPECT_EQ(program_->wait().status, 0);
}

}  // namespace
}  // namespace stemwire::test
