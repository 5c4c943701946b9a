// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/control_client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/socket.h>

#include "control/session_folder.hpp"

namespace stemwire::control {

namespace {

constexpr std::chrono::seconds answer_patience{60};

std::string listed(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "'" : ", '") + name + "'";
    return text;
}

tl::expected<std::string, NoSession> pick_session(const std::optional<std::string>& name)
{
    const std::vector<std::string> running = running_sessions();
    if (running.empty()) return tl::unexpected(NoSession{"no session is running ('stemwire run PRESET' starts one)"});
    if (!name && running.size() > 1) return tl::unexpected(NoSession{"several sessions are running: " + listed(running) + "; choose one with --session NAME", true});
    if (!name) return running.front();
    if (std::ranges::find(running, *name) != running.end()) return *name;
    return tl::unexpected(NoSession{"no session named '" + *name + "' is running; there is " + listed(running)});
}

}  // namespace

tl::expected<ControlClient, NoSession> ControlClient::connect(const std::optional<std::string>& name)
{
    const auto session = pick_session(name);
    if (!session) return tl::unexpected(session.error());
    const auto path = socket_path(*session);
    Descriptor socket(path ? connect_to_session(*path) : -1);
    if (!socket) return tl::unexpected(NoSession{"the session '" + *session + "' does not answer"});
    return ControlClient(std::move(socket), *session);
}

Expected<void> ControlClient::send(const Json& request)
{
    const std::string line = to_line(request) + "\n";
    for (std::size_t sent = 0; sent < line.size();) {
        const ssize_t size = ::send(socket_.get(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return failure("the session '" + session_ + "' has ended");
        sent += static_cast<std::size_t>(size);
    }
    return {};
}

Expected<Json> ControlClient::receive(Clock::time_point until)
{
    for (;;) {
        if (const auto end = input_.find('\n'); end != std::string::npos) {
            Json json = Json::parse(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
            input_.erase(0, end + 1);
            if (json.is_object()) return json;
            return failure("the session '" + session_ + "' answers what is no JSON object");
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        pollfd wait{socket_.get(), POLLIN, 0};
        const int ready = poll(&wait, 1, static_cast<int>(std::max<long>(left, 0)));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return failure("the session '" + session_ + "' does not answer");
        std::array<char, 65536> bytes{};
        const ssize_t size = recv(socket_.get(), bytes.data(), bytes.size(), 0);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return failure("the session '" + session_ + "' has ended");
        input_.append(bytes.data(), static_cast<std::size_t>(size));
    }
}

RpcResult ControlClient::call(const std::string& method, Json parameters)
{
    const auto posted = post(method, std::move(parameters));
    if (!posted) return tl::unexpected(RpcError{rpc_failed, posted.error().message});
    const int id = latest_id_;
    const auto until = Clock::now() + answer_patience;
    for (;;) {
        auto message = receive(until);
        if (!message) return tl::unexpected(RpcError{rpc_failed, message.error().message});
        const bool failed = message->contains("error");
        const std::string reason = failed ? (*message)["error"].value("message", "") : "";
        if (message->value("id", Json()) == id) {
            if (failed) return tl::unexpected(RpcError{(*message)["error"].value("code", static_cast<int>(rpc_failed)), reason});
            return message->value("result", Json());
        }
        // An error without an id is about the connection itself: there will be no other answer.
        if (failed && message->value("id", Json()).is_null()) return tl::unexpected(RpcError{rpc_failed, reason});
        if (failed && on_failure) on_failure(reason);
    }
}

Expected<void> ControlClient::post(const std::string& method, Json parameters)
{
    return send({{"jsonrpc", "2.0"}, {"id", ++latest_id_}, {"method", method}, {"params", std::move(parameters)}});
}

Expected<Json> ControlClient::next_notification(std::chrono::milliseconds patience)
{
    const auto until = Clock::now() + patience;
    for (;;) {
        auto message = receive(until);
        if (!message) return message;
        if (message->contains("method")) return message->value("params", Json());
    }
}

bool ControlClient::wait_for_end(std::chrono::milliseconds patience)
{
    const auto until = Clock::now() + patience;
    while (receive(until)) {}
    return Clock::now() < until;
}

}  // namespace stemwire::control
