// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>

#include "tests/live/recording.hpp"
#include "tests/live/session_programs.hpp"
#include "tests/support/mortal_server.hpp"

namespace stemwire {
namespace {

using test::wait_until;

class Restart : public test::SessionPrograms {
protected:
    void SetUp() override
    {
        write_noise("stem.wav", 0.1f, 200 * 48'000);
        folder_.write("band.yaml", "stemwire: 1\n"
                                   "nodes:\n"
                                   "  stem: { type: track, file: stem.wav }\n"
                                   "  mix: { type: mixer, channels: { stem: {} } }\n"
                                   "external: { speakers: { sink: default } }\n"
                                   "links: [ stem -> mix:stem, mix -> speakers ]\n");
    }
    [[nodiscard]] bool is_up() const
    {
        const auto now = status();
        return transport_of(now) == "playing" && state_of(now, "stem") == "running" && state_of(now, "mix") == "running" && all_made(now);
    }
    [[nodiscard]] double seconds() const { return status().value("transport", nlohmann::json::object()).value("seconds", -1.0); }

    test::MortalServer server_;
};

/// 20 by hand: STEMWIRE_RESTARTS.
int wanted_restarts()
{
    const char* wanted = std::getenv("STEMWIRE_RESTARTS");
    return wanted != nullptr ? std::atoi(wanted) : 3;
}

TEST_F(Restart, nodes_links_parameters_and_position_are_back_when_the_server_is)
{
    const auto program = run(server_.remote());
    ASSERT_TRUE(wait_until([&] { return is_up(); })) << program->err();
    double before = 0;
    for (int restart = 0; restart < wanted_restarts(); ++restart) {
        const std::string gain = "-" + std::to_string(restart + 1) + " dB";
        ASSERT_EQ(ask({"set", "--session", "band", "mix.stem.gain", gain}).status, 0);
        server_.end();
        ASSERT_TRUE(wait_until([&] { return state_of(status(), "mix") == "waiting"; })) << status().dump(1);
        const double stood = seconds();
        EXPECT_GE(stood, before);
        server_.begin();
        ASSERT_TRUE(wait_until([&] { return is_up(); })) << status().dump(1) << program->err();
        ASSERT_TRUE(wait_until([&] { return seconds() > stood; }));
        // On from where it was, not from the beginning, nor from where it would be by now.
        EXPECT_LT(seconds(), stood + 30);
        EXPECT_NE(ask({"get", "--session", "band", "mix.stem.gain"}).out.find(gain), std::string::npos);
        before = stood;
    }
    program->signal(SIGTERM);
    const auto outcome = program->wait();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
}

TEST_F(Restart, a_second_session_of_one_name_is_refused_and_the_first_plays_on)
{
    const auto program = run(server_.remote());
    ASSERT_TRUE(wait_until([&] { return is_up(); })) << program->err();
    const auto second = run(server_.remote())->wait();
    EXPECT_NE(second.status, 0);
    EXPECT_NE(second.err.find("a session named 'band' is already running"), std::string::npos) << second.err;
    EXPECT_TRUE(is_up());
}

}  // namespace
}  // namespace stemwire
