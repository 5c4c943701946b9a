// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <random>

#include "tests/control/socket_client.hpp"

namespace stemwire::control {
namespace {

using test::SocketClient;
using test::Stage;

constexpr std::string_view get_line = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"get\",\"params\":[\"drums.gain\"]}\n";

void expect_alive(Stage& stage)
{
    EXPECT_EQ(SocketClient(stage).ask("status")["result"]["session"], "band");
}

TEST(HostileClients, a_request_may_come_byte_by_byte)
{
    Stage stage;
    SocketClient client(stage);
    for (const char byte : get_line) {
        client.send({&byte, 1});
        stage.session.turn(std::chrono::milliseconds(0));
    }
    EXPECT_EQ(Json::parse(client.line().value())["result"]["text"], "-3 dB");
}

TEST(HostileClients, garbage_is_answered_or_dropped_and_disturbs_nobody)
{
    Stage stage;
    std::mt19937 random(1);
    const std::string alphabet = "{}[]\",:\n\\ 0123456789.eE+-\xff\xc3truefalsnjsonrpcidmethodparams";
    for (int round = 0; round < 300; ++round) {
        SocketClient client(stage);
        std::string bytes(random() % 3000, '\0');
        for (char& byte : bytes) byte = round % 2 == 0 ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
        client.send(bytes + "\n");
        for (int turn = 0; turn < 3; ++turn) stage.session.turn(std::chrono::milliseconds(0));
    }
    expect_alive(stage);
}

TEST(HostileClients, damaged_requests_are_answered_line_for_line)
{
    Stage stage;
    std::mt19937 random(2);
    SocketClient client(stage);
    const std::size_t id_begin = get_line.find("\"id\""), id_end = get_line.find(":1");
    for (int round = 0; round < 1000; ++round) {
        std::string line(get_line.substr(0, get_line.size() - 1));
        const std::size_t at = random() % line.size();
        if (at >= id_begin && at < id_end) continue;  // without an id it is a notification
        line[at] = static_cast<char>(33 + random() % 94);
        client.send(line + "\n");
        const auto answer = client.line();
        ASSERT_TRUE(answer) << line;
        EXPECT_EQ(Json::parse(*answer)["jsonrpc"], "2.0");
    }
}

TEST(HostileClients, a_line_without_end_is_cut_off)
{
    Stage stage;
    SocketClient client(stage);
    const std::string piece(4096, 'x');
    std::size_t sent = 0;
    for (int round = 0; round < 1000; ++round) {
        sent += client.send(piece);
        stage.session.turn(std::chrono::milliseconds(0));
    }
    EXPECT_LT(sent, 1024u * 1024u) << "nobody reads on";
    EXPECT_EQ(Json::parse(client.line().value())["error"]["code"], rpc_parse_error);
    EXPECT_FALSE(client.line());
    expect_alive(stage);
}

TEST(HostileClients, two_hundred_connections_leave_room_when_they_go)
{
    Stage stage;
    {
        std::vector<std::unique_ptr<SocketClient>> crowd;
        int served = 0;
        for (int index = 0; index < 200; ++index) {
            crowd.push_back(std::make_unique<SocketClient>(stage));
            const Json answer = crowd.back()->ask("status");
            if (answer.contains("result")) ++served;
            else EXPECT_EQ(answer["error"]["code"], rpc_busy);
        }
        EXPECT_EQ(served, 64);
        EXPECT_EQ(crowd.front()->ask("status")["result"]["session"], "band");
    }
    for (int turn = 0; turn < 50; ++turn) stage.session.turn(std::chrono::milliseconds(0));
    expect_alive(stage);
}

TEST(HostileClients, one_that_never_reads_is_not_asked_for_more)
{
    Stage stage;
    const SocketClient client(stage);
    const std::string line = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"list\"}\n";
    std::size_t taken = 0;
    for (int round = 0; round < 20000; ++round) {
        taken += client.send(line);
        stage.session.turn(std::chrono::milliseconds(0));
    }
    EXPECT_LT(taken, 10000 * line.size());
    expect_alive(stage);
}

TEST(HostileClients, one_that_reads_late_gets_every_answer)
{
    Stage stage;
    SocketClient client(stage);
    std::string unsent;
    constexpr int requests = 2000;
    for (int index = 0; index < requests; ++index) unsent += "{\"jsonrpc\":\"2.0\",\"id\":" + std::to_string(index) + ",\"method\":\"list\"}\n";
    for (int round = 0; round < 200; ++round) {
        unsent.erase(0, client.send(unsent));
        stage.session.turn(std::chrono::milliseconds(0));
    }
    for (int index = 0; index < requests; ++index) {
        if (!unsent.empty()) unsent.erase(0, client.send(unsent));
        const auto answer = client.line();
        ASSERT_TRUE(answer);
        ASSERT_EQ(Json::parse(*answer)["id"], index);
    }
}

TEST(HostileClients, one_that_asks_for_too_much_at_once_is_told)
{
    Stage stage;
    SocketClient client(stage);
    stage.session.holds_back = true;
    for (int index = 0; index < 33; ++index) client.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"start\"}\n");
    EXPECT_EQ(Json::parse(client.line().value())["error"]["code"], rpc_busy);
    stage.session.holds_back = false;
    for (int index = 0; index < 32; ++index) EXPECT_EQ(Json::parse(client.line().value())["result"]["state"], "playing");
}

}  // namespace
}  // namespace stemwire::control
