// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include "control/osc_server.hpp"
#include "input.hpp"
#include "tests/control/fake_session.hpp"

using namespace stemwire;

namespace {

/// A server of which nobody but us knows, and a socket that talks to it.
struct Stage {
    Stage()
    {
        fuzz::require(server.has_value(), "a server of OSC");
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<std::uint16_t>((*server)->port()));
        fuzz::require(connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "a socket");
    }

    test::FakeSession session;
    tl::expected<std::unique_ptr<control::OscServer>, Error> server = control::OscServer::open(session, 0);
    control::Descriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)};
};

void unpack(std::span<const std::uint8_t> bytes)
{
    std::vector<char> packet(bytes.begin(), bytes.end());
    control::unpack_osc(packet, [](const control::OscMessage& message) {
        if (control::is_osc_pattern(message.path)) static_cast<void>(control::osc_matches("/stemwire/mix/drums/gain", message.path));
        std::string again = control::pack_osc(message);
        fuzz::require(again.size() % 4 == 0, "what is packed has whole words");
    });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    unpack({data, size});
    Stage stage;
    if (send(stage.socket.get(), data, size, 0) < 0) return 0;
    stage.session.turn(std::chrono::milliseconds(100));
    std::array<char, 65536> answer{};
    while (recv(stage.socket.get(), answer.data(), answer.size(), 0) > 0) {}
    return 0;
}
