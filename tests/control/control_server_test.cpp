// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <csignal>

#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/control/socket_client.hpp"

namespace stemwire::control {
namespace {

using test::SocketClient;
using test::Stage;

mode_t mode_of(const std::string& path)
{
    struct stat found {};
    EXPECT_EQ(stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 0777;
}

TEST(ControlServer, is_closed_to_other_users)
{
    Stage stage;
    EXPECT_EQ(stage.server->path(), stage.folder.file("stemwire/band.sock"));
    EXPECT_EQ(mode_of(stage.folder.file("stemwire")), 0700u);
    EXPECT_EQ(mode_of(stage.server->path()), 0600u);
}

TEST(ControlServer, answers_and_goes_without_a_trace)
{
    Stage stage;
    EXPECT_EQ(SocketClient(stage).ask("status")["result"]["session"], "band");
    EXPECT_EQ(running_sessions(), std::vector<std::string>{"band"});
    stage.server.reset();
    EXPECT_TRUE(running_sessions().empty());
    EXPECT_TRUE(std::filesystem::is_empty(stage.folder.path() / "stemwire"));
}

TEST(ControlServer, refuses_a_second_session_of_the_name)
{
    Stage stage;
    test::FakeSession other;
    const auto second = ControlServer::open(other, "band");
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("already running (pid "), std::string::npos);
    EXPECT_EQ(SocketClient(stage).ask("status")["result"]["session"], "band") << "the first goes on";
}

TEST(ControlServer, takes_over_the_socket_of_a_killed_session)
{
    Stage stage;
    stage.server.reset();
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        const auto server = ControlServer::open(stage.session, "band");
        if (write(ready[1], "x", 1) != 1) _exit(1);
        pause();
    }
    char byte = 0;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(ready[0]);
    close(ready[1]);
    ASSERT_TRUE(std::filesystem::exists(stage.folder.file("stemwire/band.sock"))) << "a killed process takes nothing away";
    EXPECT_TRUE(running_sessions().empty());
    auto taken = ControlServer::open(stage.session, "band");
    ASSERT_TRUE(taken) << taken.error().message;
    stage.server = std::move(*taken);
    EXPECT_EQ(SocketClient(stage).ask("status")["result"]["session"], "band");
}

TEST(ControlServer, refuses_names_that_lead_out_of_the_folder_and_paths_that_are_too_long)
{
    Stage stage;
    for (const std::string& name : {std::string(), std::string("../x"), std::string("a/b"), std::string("."), std::string(200, 'n')})
        EXPECT_FALSE(ControlServer::open(stage.session, name)) << name;
}

TEST(ControlServer, refuses_a_folder_that_is_a_link)
{
    const test::TemporaryFolder folder, elsewhere;
    setenv("XDG_RUNTIME_DIR", folder.path().c_str(), 1);
    std::filesystem::create_directory_symlink(elsewhere.path(), folder.path() / "stemwire");
    test::FakeSession session;
    EXPECT_FALSE(ControlServer::open(session, "band"));
    EXPECT_TRUE(std::filesystem::is_empty(elsewhere.path()));
}

TEST(ControlServer, sends_meters_until_told_to_stop)
{
    Stage stage;
    SocketClient client(stage);
    client.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"meters.follow\",\"params\":[30]}\n");
    EXPECT_EQ(Json::parse(client.line().value())["result"]["rate"], 30);
    for (int index = 0; index < 5; ++index) {
        const Json notification = Json::parse(client.line().value());
        EXPECT_EQ(notification["method"], "meters");
        EXPECT_FALSE(notification.contains("id"));
        EXPECT_EQ(notification["params"]["meters"].size(), 3u);
    }
    client.send("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"meters.follow\",\"params\":[0]}\n");
    Json last;
    while (!last.contains("id")) last = Json::parse(client.line().value());
    for (int turn = 0; turn < 20; ++turn) stage.session.turn();
    EXPECT_EQ(client.ask("status")["id"], 1) << "no notification in between";
}

TEST(ControlServer, answers_a_client_that_has_said_all_it_has_to_say)
{
    Stage stage;
    SocketClient client(stage);
    client.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"seek\",\"params\":{\"to\":3}}\n");
    shutdown(client.descriptor(), SHUT_WR);
    EXPECT_EQ(Json::parse(client.line().value())["result"]["seconds"], 3.0);
    EXPECT_FALSE(client.line()) << "then the connection ends";
}

TEST(ControlServer, does_what_a_client_asked_that_did_not_wait)
{
    Stage stage;
    {
        const SocketClient client(stage);
        client.send("{\"jsonrpc\":\"2.0\",\"method\":\"set\",\"params\":[\"drums.gain\",-9]}\n");
    }
    for (int turn = 0; turn < 5; ++turn) stage.session.turn();
    EXPECT_EQ(stage.session.get("drums.gain")->value, -9.0);
}

TEST(ControlServer, an_answer_that_comes_after_the_server_has_gone_goes_nowhere)
{
    Stage stage;
    SocketClient client(stage);
    stage.session.holds_back = true;
    client.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"start\"}\n");
    for (int turn = 0; turn < 5; ++turn) stage.session.turn();
    stage.server.reset();
    stage.session.holds_back = false;
    stage.session.turn();
}

}  // namespace
}  // namespace stemwire::control
