// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "control/dispatcher.hpp"
#include "tests/control/fake_session.hpp"

namespace stemwire::control {
namespace {

class Dispatcher : public ::testing::Test {
protected:
    /// What comes back for one line, once everything has been heard.
    std::string answer(const std::string& line)
    {
        answers_.clear();
        answer_line(session_, line, {.send = [this](const std::string& text) { answers_.push_back(text); }, .follow = [this](double rate) { followed_ = rate; }});
        for (int turn = 0; turn < 3; ++turn) session_.turn(std::chrono::milliseconds(0));
        EXPECT_EQ(answers_.size(), 1u) << line;
        return answers_.empty() ? "" : answers_.front();
    }
    Json call(const std::string& method, const Json& parameters = Json::object())
    {
        return Json::parse(answer(to_line({{"jsonrpc", "2.0"}, {"id", 7}, {"method", method}, {"params", parameters}})));
    }
    int error_code(const std::string& line) { return Json::parse(answer(line))["error"]["code"].get<int>(); }

    test::FakeSession session_;
    std::vector<std::string> answers_;
    double followed_ = -1;
};

TEST_F(Dispatcher, answers_status_with_every_field_that_scripts_read)
{
    const Json answer = call("status");
    EXPECT_EQ(answer["jsonrpc"], "2.0");
    EXPECT_EQ(answer["id"], 7);
    const Json& status = answer["result"];
    for (const char* field : {"session", "preset", "backend", "server", "rate", "quantum", "transport", "xruns", "missing_frames", "nodes", "links"})
        EXPECT_TRUE(status.contains(field)) << field;
    for (const char* field : {"state", "seconds", "frame", "loop"}) EXPECT_TRUE(status["transport"].contains(field)) << field;
    for (const char* field : {"name", "type", "state", "load_mean_us", "load_worst_us", "latency_frames", "buffer_seconds", "missing_frames"})
        EXPECT_TRUE(status["nodes"][0].contains(field)) << field;
    EXPECT_FALSE(status["nodes"][2].contains("buffer_seconds")) << "a mixer decodes nothing";
    EXPECT_EQ(status["links"][1]["state"], "waiting");
    EXPECT_EQ(status["transport"]["frame"], 83.5 * 48000);
}

TEST_F(Dispatcher, gets_and_sets_with_units)
{
    EXPECT_EQ(call("get", {{"address", "drums.gain"}})["result"]["text"], "-3 dB");
    EXPECT_EQ(call("set", {{"address", "drums.gain"}, {"value", "-6 dB"}})["result"]["value"], -6.0);
    EXPECT_EQ(call("set", {{"address", "drums.gain"}, {"value", 2}})["result"]["text"], "2 dB");
    EXPECT_EQ(call("set", {{"address", "mix.drums.mute"}, {"value", true}})["result"]["value"], true);
    EXPECT_EQ(call("set", Json::array({"hall.predelay", "35 ms"}))["result"]["value"], 0.035);
    EXPECT_TRUE(call("get", {{"address", "mix.bass.gain"}})["result"]["value"].is_null()) << "off is no number";
}

TEST_F(Dispatcher, says_the_range_of_a_value_that_is_out_of_it)
{
    const Json answer = call("set", {{"address", "drums.gain"}, {"value", "99 dB"}});
    EXPECT_EQ(answer["error"]["code"], rpc_wrong_parameters);
    EXPECT_NE(answer["error"]["message"].get<std::string>().find("-120 dB … 24 dB"), std::string::npos);
    EXPECT_EQ(call("get", {{"address", "drums.gain"}})["result"]["text"], "-3 dB");
}

TEST_F(Dispatcher, answers_a_seek_when_it_has_been_heard)
{
    session_.holds_back = true;
    answer_line(session_, R"({"jsonrpc":"2.0","id":1,"method":"seek","params":{"to":"0:05"}})", {.send = [this](const std::string& text) { answers_.push_back(text); }, .follow = {}});
    session_.turn(std::chrono::milliseconds(0));
    EXPECT_TRUE(answers_.empty());
    session_.holds_back = false;
    session_.turn(std::chrono::milliseconds(0));
    ASSERT_EQ(answers_.size(), 1u);
    EXPECT_EQ(Json::parse(answers_[0])["result"]["seconds"], 5.0);
}

TEST_F(Dispatcher, moves_the_transport)
{
    EXPECT_EQ(call("pause")["result"]["state"], "stopped");
    EXPECT_EQ(call("start")["result"]["state"], "playing");
    EXPECT_EQ(call("seek", {{"to", 12.5}})["result"]["seconds"], 12.5);
    EXPECT_EQ(call("seek", {{"by", "-5 s"}})["result"]["seconds"], 7.5);
    EXPECT_EQ(call("seek", {{"by", -100}})["result"]["seconds"], 0.0);
    EXPECT_EQ(call("loop", {{"from", "8 s"}, {"to", "0:24"}})["result"]["loop"], Json::array({8.0, 24.0}));
    EXPECT_TRUE(call("loop", {{"off", true}})["result"]["loop"].is_null());
}

TEST_F(Dispatcher, refuses_times_that_make_no_sense)
{
    for (const Json& parameters : {Json{{"to", -1}}, Json{{"to", "x"}}, Json{{"to", nullptr}}, Json{{"to", 1e300}}, Json{{"to", 1}, {"by", 1}}, Json{{"by", "5 s"}}, Json::object()})
        EXPECT_EQ(call("seek", parameters)["error"]["code"], rpc_wrong_parameters) << parameters;
    for (const Json& parameters : {Json{{"from", 2}, {"to", 1}}, Json{{"from", 1}, {"to", 1}}, Json{{"from", -1}, {"to", 1}}, Json{{"from", 1}}, Json{{"off", false}}, Json{{"off", true}, {"from", 1}}})
        EXPECT_EQ(call("loop", parameters)["error"]["code"], rpc_wrong_parameters) << parameters;
    EXPECT_EQ(session_.seconds, 83.5);
    EXPECT_FALSE(session_.loop_seconds);
}

TEST_F(Dispatcher, lists_parameters_with_what_a_panel_needs)
{
    const Json list = call("list")["result"]["parameters"];
    ASSERT_EQ(list.size(), session_.parameters().size());
    EXPECT_EQ(list[0]["address"], "drums.gain");
    EXPECT_EQ(list[0]["unit"], "dB");
    EXPECT_EQ(list[0]["minimum"], -120.0);
    EXPECT_EQ(list[0]["maximum"], 24.0);
    EXPECT_EQ(list[0]["description"], "how loud");
}

TEST_F(Dispatcher, silence_has_no_level)
{
    const Json meters = call("meters")["result"]["meters"];
    EXPECT_EQ(meters[0]["peak_db"], -6.0);
    EXPECT_TRUE(meters[1]["peak_db"].is_null());
}

TEST_F(Dispatcher, help_names_every_method)
{
    EXPECT_EQ(call("help")["result"]["methods"].size(), methods().size());
}

TEST_F(Dispatcher, answers_a_batch_in_one_line)
{
    const Json answers = Json::parse(answer(R"([{"jsonrpc":"2.0","id":1,"method":"get","params":["drums.gain"]},
        {"jsonrpc":"2.0","method":"set","params":["drums.gain",-9]}, {"jsonrpc":"2.0","id":"b","method":"nothing"}, 5,
        {"jsonrpc":"2.0","id":3,"method":"seek","params":{"to":1}}])"));
    ASSERT_EQ(answers.size(), 4u) << "a notification is not answered";
    EXPECT_EQ(answers[0]["id"], 1);
    EXPECT_EQ(answers[1]["error"]["code"], rpc_no_such_method);
    EXPECT_EQ(answers[2]["error"]["code"], rpc_invalid_request);
    EXPECT_EQ(answers[3]["result"]["seconds"], 1.0);
    EXPECT_EQ(session_.get("drums.gain")->value, -9.0);
}

TEST_F(Dispatcher, a_notification_is_not_answered)
{
    EXPECT_EQ(answer(R"({"jsonrpc":"2.0","method":"set","params":{"address":"drums.gain","value":1}})"), "");
    EXPECT_EQ(session_.get("drums.gain")->value, 1.0);
}

TEST_F(Dispatcher, wrong_lines_have_the_codes_of_the_specification)
{
    EXPECT_EQ(error_code("{"), rpc_parse_error);
    EXPECT_EQ(error_code("\xff\xfe"), rpc_parse_error);
    EXPECT_EQ(error_code("\"\xc3\x28\""), rpc_parse_error);
    EXPECT_EQ(error_code(std::string(60000, '[')), rpc_parse_error);
    EXPECT_EQ(error_code(std::string(30000, '[') + std::string(30000, ']')), rpc_parse_error);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1e999,"method":"status"})"), rpc_parse_error);
    EXPECT_EQ(error_code("5"), rpc_invalid_request);
    EXPECT_EQ(error_code("[]"), rpc_invalid_request);
    EXPECT_EQ(error_code("{}"), rpc_invalid_request);
    EXPECT_EQ(error_code(R"({"jsonrpc":"1.0","id":1,"method":"status"})"), rpc_invalid_request);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":{},"method":"status"})"), rpc_invalid_request);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"method":5})"), rpc_invalid_request);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"method":"status","params":5})"), rpc_invalid_request);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"method":"stauts"})"), rpc_no_such_method);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"method":"status","params":{"x":1}})"), rpc_wrong_parameters);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"method":"status","params":[1]})"), rpc_wrong_parameters);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"method":"get"})"), rpc_wrong_parameters);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"method":"get","params":[5]})"), rpc_wrong_parameters);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"method":"set","params":["drums.gain",null]})"), rpc_wrong_parameters);
    EXPECT_EQ(error_code(R"({"jsonrpc":"2.0","id":1,"method":"meters.follow","params":[31]})"), rpc_wrong_parameters);
}

}  // namespace
}  // namespace stemwire::control
