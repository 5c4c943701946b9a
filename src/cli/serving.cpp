// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/serving.hpp"

#include "cli/command.hpp"
#include "control/control_server.hpp"
#include "control/osc_server.hpp"

namespace stemwire::cli {

namespace {

struct OscWish {
    int port = control::default_osc_port;
    std::string address = "127.0.0.1";
};

struct Servers {
    std::unique_ptr<control::ControlServer> socket;
    std::unique_ptr<control::OscServer> osc;
};

Expected<std::optional<OscWish>> osc_wish(const Arguments& arguments)
{
    if (!arguments.has("osc") && !arguments.has("osc-bind")) return std::optional<OscWish>();
    OscWish wish;
    wish.address = arguments.value("osc-bind").value_or(wish.address);
    const auto port = arguments.value("osc");
    if (!port) return std::optional(wish);
    const auto number = parse_count("osc", *port, 1, 65535);
    if (!number) return tl::unexpected(number.error());
    wish.port = static_cast<int>(*number);
    return std::optional(wish);
}

}  // namespace

std::vector<Option> serving_options()
{
    return {{"osc", "PORT", "listen for OSC on this UDP port (9951 is customary), on this machine's own address only"},
            {"osc-bind", "ADDRESS", "listen for OSC on this address (port 9951, or that of --osc): everyone who can reach it can change what is heard"}};
}

std::optional<int> refuse_serving_options(const Usage& usage, const Arguments& arguments)
{
    if (const auto wish = osc_wish(arguments); !wish) return wrong_usage(usage.command, wish.error().message);
    return std::nullopt;
}

std::function<Expected<std::shared_ptr<void>>(session::SessionControl&)> serving(const Arguments& arguments, const std::string& name)
{
    return [wish = osc_wish(arguments).value_or(std::nullopt), name](session::SessionControl& session) -> Expected<std::shared_ptr<void>> {
        auto servers = std::make_shared<Servers>();
        auto socket = control::ControlServer::open(session, name);
        if (!socket) return tl::unexpected(socket.error());
        servers->socket = std::move(*socket);
        if (!wish) return servers;
        auto osc = control::OscServer::open(session, wish->port, wish->address);
        if (!osc) return tl::unexpected(osc.error());
        servers->osc = std::move(*osc);
        return servers;
    };
}

}  // namespace stemwire::cli
