// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <array>
#include <random>

#include <netinet/in.h>

#include "control/osc_server.hpp"
#include "tests/control/fake_session.hpp"

namespace stemwire::control {
namespace {

std::vector<OscMessage> unpacked(std::string packet)
{
    std::vector<OscMessage> messages;
    unpack_osc({packet.data(), packet.size()}, [&](const OscMessage& message) { messages.push_back(message); });
    return messages;
}

std::string bundle(const std::vector<std::string>& elements)
{
    std::string bytes("#bundle\0\0\0\0\0\0\0\0\1", 16);
    for (const std::string& element : elements) {
        const auto size = static_cast<unsigned>(element.size());
        for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes.push_back(static_cast<char>(size >> shift & 0xffU));
        bytes += element;
    }
    return bytes;
}

TEST(OscMessage, is_packed_as_the_specification_shows)
{
    // OSC 1.0, "OSC Message Examples": /oscillator/4/frequency, ",f", 440.0.
    const std::string packet = pack_osc({"/oscillator/4/frequency", {440.0}});
    EXPECT_EQ(packet, std::string("/oscillator/4/frequency\0,f\0\0\x43\xdc\0\0", 32));
    const auto messages = unpacked(packet);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(messages[0].path, "/oscillator/4/frequency");
    EXPECT_EQ(messages[0].arguments, std::vector<OscArgument>{440.0});
}

TEST(OscMessage, bundles_hold_messages_and_bundles)
{
    const std::string a = pack_osc({"/a", {true, std::string("x")}}), b = pack_osc({"/b", {false}});
    const auto messages = unpacked(bundle({a, bundle({b}), a}));
    ASSERT_EQ(messages.size(), 3u);
    EXPECT_EQ(messages[1].path, "/b");
    std::string deep = a;
    for (int depth = 0; depth < 9; ++depth) deep = bundle({deep});
    EXPECT_TRUE(unpacked(deep).empty());
}

TEST(OscMessage, damage_never_reads_past_the_packet)
{
    std::mt19937 random(3);
    const std::string whole = bundle({pack_osc({"/stemwire/mix/drums/gain", {-3.0, std::string("text"), true}}), pack_osc({"/stemwire/list", {}})});
    for (int round = 0; round < 20000; ++round) {
        std::string packet = whole.substr(0, random() % (whole.size() + 1));
        for (unsigned change = random() % 4; change > 0 && !packet.empty(); --change) packet[random() % packet.size()] = static_cast<char>(random());
        unpacked(packet);
    }
}

class Osc : public ::testing::Test {
protected:
    void SetUp() override
    {
        server_ = OscServer::open(session_, 0).value();
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(server_->port()));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ASSERT_EQ(connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    }
    void send(const std::string& packet)
    {
        ASSERT_EQ(::send(socket_.get(), packet.data(), packet.size(), 0), static_cast<ssize_t>(packet.size()));
        session_.turn();
    }
    void tell(const std::string& path, std::vector<OscArgument> arguments = {}) { send(pack_osc({path, std::move(arguments)})); }
    /// The next message that comes back, if one does within some turns.
    std::optional<OscMessage> heard(int turns = 20)
    {
        for (int turn = 0; turn < turns; ++turn) {
            std::array<char, 65536> packet{};
            const ssize_t size = recv(socket_.get(), packet.data(), packet.size(), MSG_DONTWAIT);
            if (size > 0) return unpacked({packet.data(), static_cast<std::size_t>(size)}).at(0);
            session_.turn();
        }
        return std::nullopt;
    }

    test::FakeSession session_;
    std::unique_ptr<OscServer> server_;
    Descriptor socket_{::socket(AF_INET, SOCK_DGRAM, 0)};
};

TEST_F(Osc, sets_numbers_texts_and_flags)
{
    tell("/stemwire/mix/drums/gain", {-6.0});
    EXPECT_EQ(session_.get("mix.drums.gain")->value, -6.0);
    tell("/stemwire/mix/drums/gain", {std::string("off")});
    EXPECT_EQ(session_.get("mix.drums.gain")->value, gain_off);
    tell("/stemwire/mix/drums/mute", {true});
    EXPECT_EQ(session_.get("mix.drums.mute")->value, 1.0);
    tell("/stemwire/mix/drums/mute", {0.0});
    EXPECT_EQ(session_.get("mix.drums.mute")->value, 0.0);
    EXPECT_FALSE(heard(2)) << "what goes well is not answered";
}

TEST_F(Osc, answers_a_path_without_arguments_with_value_and_text)
{
    tell("/stemwire/drums/gain");
    const auto answer = heard();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->path, "/stemwire/drums/gain");
    EXPECT_EQ(answer->arguments, (std::vector<OscArgument>{-3.0, std::string("-3 dB")}));
}

TEST_F(Osc, wildcards_mean_every_parameter_that_matches)
{
    tell("/stemwire/mix/*/mute", {true});
    EXPECT_EQ(session_.get("mix.drums.mute")->value, 1.0);
    EXPECT_EQ(session_.get("mix.bass.mute")->value, 1.0);
    EXPECT_EQ(session_.get("mix.bass.solo")->value, 0.0);
}

TEST_F(Osc, says_what_was_wrong)
{
    for (const OscMessage& message : {OscMessage{"/stemwire/drums/gain", {99.0}}, {"/stemwire/drums/gain", {std::nan("")}}, {"/stemwire/nothing", {}}, {"/elsewhere", {1.0}},
                                      {"/stemwire/seek", {std::string("x")}}, {"/stemwire/seek", {-1.0}}, {"/stemwire/loop", {2.0, 1.0}}, {"/stemwire/drums/gain", {1.0, 2.0}}}) {
        tell(message.path, message.arguments);
        const auto answer = heard();
        ASSERT_TRUE(answer) << message.path;
        EXPECT_EQ(answer->path, "/stemwire/error");
        EXPECT_EQ(std::get<std::string>(answer->arguments.at(0)), message.path);
    }
    EXPECT_EQ(session_.get("drums.gain")->value, -3.0);
}

TEST_F(Osc, moves_the_transport)
{
    tell("/stemwire/pause");
    EXPECT_EQ(session_.state, session::TransportState::stopped);
    tell("/stemwire/start");
    EXPECT_EQ(session_.state, session::TransportState::playing);
    tell("/stemwire/seek", {12.0});
    EXPECT_EQ(session_.seconds, 12.0);
    tell("/stemwire/loop", {8.0, 24.0});
    EXPECT_EQ(session_.loop_seconds, (std::pair{8.0, 24.0}));
    tell("/stemwire/loop");
    EXPECT_FALSE(session_.loop_seconds);
}

TEST_F(Osc, lists_every_parameter_and_says_how_many)
{
    tell("/stemwire/list");
    std::size_t count = 0;
    for (auto message = heard(); message; message = heard()) {
        if (message->path == "/stemwire/list") {
            EXPECT_EQ(message->arguments, std::vector<OscArgument>{static_cast<double>(count)});
            EXPECT_EQ(count, session_.parameters().size());
            return;
        }
        ++count;
    }
    FAIL() << "no end";
}

TEST_F(Osc, subscribers_hear_changes_and_meters)
{
    tell("/stemwire/subscribe");
    ASSERT_TRUE(session_.set("drums.gain", "-9 dB"));
    bool changed = false, metered = false;
    for (int index = 0; index < 20 && !(changed && metered); ++index) {
        const auto message = heard();
        ASSERT_TRUE(message);
        if (message->path == "/stemwire/drums/gain") changed = std::get<double>(message->arguments.at(0)) == -9.0;
        if (message->path == "/stemwire/meters/mix/bass") metered = std::get<double>(message->arguments.at(0)) == -200.0;
    }
    EXPECT_TRUE(changed);
    EXPECT_TRUE(metered);
    tell("/stemwire/unsubscribe");
    while (heard(2)) {}
    EXPECT_FALSE(heard(15));
}

TEST_F(Osc, garbage_changes_nothing)
{
    std::mt19937 random(4);
    for (int round = 0; round < 2000; ++round) {
        std::string packet(random() % 200, '\0');
        for (char& byte : packet) byte = static_cast<char>(random());
        send(round % 2 == 0 ? packet : "/stemwire/" + packet);
    }
    while (heard(1)) {}
    tell("/stemwire/drums/gain");
    EXPECT_TRUE(heard());
    EXPECT_EQ(session_.get("drums.gain")->value, -3.0);
}

TEST_F(Osc, refuses_a_port_that_is_taken_and_a_name_for_an_address)
{
    EXPECT_FALSE(OscServer::open(session_, server_->port()));
    EXPECT_FALSE(OscServer::open(session_, 0, "localhost"));
}

}  // namespace
}  // namespace stemwire::control
