// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/program.hpp"

namespace stemwire {
namespace {

using nlohmann::json;
using test::Outcome;

/// Sessions without sound that run as programs, and the commands that talk to them.
class ControlCommands : public ::testing::Test {
protected:
    Outcome stemwire(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), test::stemwire_program());
        return test::run_program(std::move(arguments), environment());
    }
    /// Stands on its own feet when this returns.
    test::Program& run_session(const std::string& name)
    {
        sessions_.push_back(std::make_unique<test::Program>(std::vector<std::string>{std::getenv("FAKE_SESSION"), name}, environment()));
        while (sessions_.back()->out() != "ready\n") usleep(1000);
        return *sessions_.back();
    }
    std::vector<std::string> environment() const { return {"XDG_RUNTIME_DIR=" + folder_.path().string()}; }

    test::TemporaryFolder folder_;
    std::vector<std::unique_ptr<test::Program>> sessions_;
};

TEST_F(ControlCommands, no_session_is_status_4)
{
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"status"}, {"get", "a.b"}, {"set", "a.b", "1"}, {"start"}, {"seek", "1"}, {"meters"}, {"stop"}, {"save"}}) {
        const Outcome outcome = stemwire(arguments);
        EXPECT_EQ(outcome.status, 4) << arguments[0];
        EXPECT_NE(outcome.err.find("no session is running"), std::string::npos) << outcome.err;
    }
}

TEST_F(ControlCommands, of_several_sessions_one_must_be_named)
{
    run_session("band");
    run_session("choir");
    const Outcome outcome = stemwire({"get", "drums.gain"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.err.find("'band', 'choir'"), std::string::npos) << outcome.err;
    EXPECT_EQ(stemwire({"get", "drums.gain", "--session", "choir"}).out, "-3 dB\n");
    const Outcome absent = stemwire({"get", "drums.gain", "--session", "solo"});
    EXPECT_EQ(absent.status, 4);
    EXPECT_NE(absent.err.find("'solo'"), std::string::npos);
}

TEST_F(ControlCommands, get_prints_the_unit_and_set_takes_it)
{
    run_session("band");
    EXPECT_EQ(stemwire({"set", "drums.gain", "-6 dB"}).status, 0);
    EXPECT_EQ(stemwire({"get", "drums.gain"}).out, "-6 dB\n");
    EXPECT_EQ(stemwire({"set", "drums.gain", "-1.5", "dB"}).status, 0);
    EXPECT_EQ(stemwire({"get", "drums.gain"}).out, "-1.5 dB\n");
    EXPECT_EQ(stemwire({"set", "drums.gain", "off"}).status, 0);
    EXPECT_EQ(stemwire({"get", "drums.gain"}).out, "off\n");
    EXPECT_NE(stemwire({"get"}).out.find("hall.predelay: 20 ms\n"), std::string::npos);
    EXPECT_EQ(json::parse(stemwire({"get", "hall.predelay", "--json"}).out)["value"], 0.02);
}

TEST_F(ControlCommands, a_wrong_value_is_status_2_and_says_the_range)
{
    run_session("band");
    const Outcome outcome = stemwire({"set", "drums.gain", "99", "dB"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.err.find("-120 dB … 24 dB"), std::string::npos) << outcome.err;
    EXPECT_EQ(stemwire({"get", "drums.gian"}).status, 2);
    EXPECT_EQ(stemwire({"set", "drums.gain"}).status, 2);
}

TEST_F(ControlCommands, the_transport_moves)
{
    run_session("band");
    EXPECT_EQ(stemwire({"pause"}).out, "stopped at 1:23.5\n");
    EXPECT_EQ(stemwire({"start"}).out, "playing at 1:23.5\n");
    EXPECT_EQ(stemwire({"seek", "1:02.5"}).out, "playing at 1:02.5\n");
    EXPECT_EQ(stemwire({"seek", "-5 s"}).out, "playing at 0:57.5\n");
    EXPECT_EQ(stemwire({"seek", "-5", "s"}).out, "playing at 0:52.5\n");
    EXPECT_EQ(stemwire({"seek", "+5 s"}).out, "playing at 0:57.5\n");
    EXPECT_EQ(stemwire({"loop", "8 s", "0:24"}).status, 0);
    EXPECT_EQ(json::parse(stemwire({"status", "--json"}).out)["transport"]["loop"], json::array({8.0, 24.0}));
    EXPECT_EQ(stemwire({"loop", "8", "s", "30", "s"}).status, 0);
    EXPECT_EQ(json::parse(stemwire({"status", "--json"}).out)["transport"]["loop"], json::array({8.0, 30.0}));
    EXPECT_EQ(stemwire({"loop", "off"}).status, 0);
    EXPECT_TRUE(json::parse(stemwire({"status", "--json"}).out)["transport"]["loop"].is_null());
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"seek", "x"}, {"seek", "1", "2"}, {"loop", "5", "1"}, {"loop", "5"}, {"seek"}})
        EXPECT_EQ(stemwire(arguments).status, 2) << arguments[0];
}

TEST_F(ControlCommands, status_reads_well)
{
    run_session("band");
    const std::string text = stemwire({"status"}).out;
    for (const char* part : {"band: playing at 1:23.5 of 3:20.0\n", "48000 Hz, quantum 256", "drums ", "links: 1 of 2 made", "waiting: band.mix:main_FL -> speakers"})
        EXPECT_NE(text.find(part), std::string::npos) << part << text;
}

TEST_F(ControlCommands, meters_and_save_answer)
{
    run_session("band");
    EXPECT_NE(stemwire({"meters"}).out.find("peak  -6.0 dB"), std::string::npos);
    EXPECT_EQ(json::parse(stemwire({"meters", "--json"}).out)["meters"].size(), 3u);
    EXPECT_EQ(stemwire({"save"}).out, "drums.gain: -3 dB\n");
}

TEST_F(ControlCommands, top_needs_a_terminal)
{
    run_session("band");
    const Outcome outcome = stemwire({"top"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.err.find("needs a terminal"), std::string::npos);
}

TEST_F(ControlCommands, stop_returns_when_the_session_has_ended)
{
    test::Program& session = run_session("band");
    EXPECT_EQ(stemwire({"stop"}).status, 0);
    EXPECT_EQ(session.wait().status, 0);
    EXPECT_EQ(stemwire({"status"}).status, 4);
}

}  // namespace
}  // namespace stemwire
