// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/control_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "control/session_folder.hpp"

namespace stemwire::control {

namespace {

using Clock = Connection::Clock;
using namespace std::chrono_literals;

constexpr std::size_t most_clients = 64;
constexpr int most_pending = 32;      // starts, seeks … that one client waits for
constexpr int most_events = 16;       // of one turn of the main loop; what is left comes with the next
constexpr int backlog = 16;
constexpr auto idle_pace = 1s;        // looks for clients that take nothing
constexpr auto meter_pace = 33ms;     // 30 a second

tl::unexpected<Error> no_socket(const std::string& path)
{
    return failure("cannot make the control socket " + path + ": " + std::generic_category().message(errno));
}

bool may_connect(int descriptor)
{
    ucred peer{};
    socklen_t size = sizeof(peer);
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
    return peer.uid == geteuid() || peer.uid == 0;
}

Descriptor make_spare()
{
    return Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

}  // namespace

ControlServer::ControlServer(session::SessionControl& session, SessionLock lock, std::string path)
    : session_(session), lock_(std::move(lock)), path_(std::move(path)), spare_(make_spare())
{
}

Expected<std::unique_ptr<ControlServer>> ControlServer::open(session::SessionControl& session, const std::string& name)
{
    auto path = socket_path(name);
    if (!path) return tl::unexpected(path.error());
    auto lock = SessionLock::take(std::filesystem::path(*path).parent_path().string(), name);
    if (!lock) return tl::unexpected(lock.error());
    std::unique_ptr<ControlServer> server(new ControlServer(session, std::move(*lock), std::move(*path)));
    if (auto listening = server->listen(); !listening) return tl::unexpected(listening.error());
    return server;
}

Expected<void> ControlServer::listen()
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
    // The name is ours: what lies here is left from a process that died.
    unlink(path_.c_str());
    listener_ = Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    events_ = Descriptor(epoll_create1(EPOLL_CLOEXEC));
    if (!listener_ || !events_ || bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return no_socket(path_);
    if (chmod(path_.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(listener_.get(), backlog) != 0) return no_socket(path_);
    if (!watch_events(listener_.get(), EPOLLIN, true) || !watch_events(pace_.descriptor(), EPOLLIN, true)) return no_socket(path_);
    session_.watch(events_.get(), [this] { serve(); });
    return {};
}

ControlServer::~ControlServer()
{
    if (events_) session_.unwatch(events_.get());
    if (listener_) unlink(path_.c_str());
}

bool ControlServer::watch_events(int descriptor, std::uint32_t events, bool first)
{
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    return epoll_ctl(events_.get(), first ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event) == 0;
}

void ControlServer::serve()
{
    std::array<epoll_event, most_events> happened{};
    const int count = epoll_wait(events_.get(), happened.data(), most_events, 0);
    for (int index = 0; index < count; ++index) {
        const epoll_event& event = happened[static_cast<std::size_t>(index)];
        if (event.data.fd == listener_.get()) accept_client();
        else if (event.data.fd == pace_.descriptor()) tick();
        else serve_client(event.data.fd, event.events);
    }
}

void ControlServer::accept_client()
{
    Descriptor socket(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket && (errno == EMFILE || errno == ENFILE)) {
        spare_ = Descriptor();
        Descriptor turned_away(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        turned_away = Descriptor();
        spare_ = make_spare();
        return;
    }
    if (!socket || !may_connect(socket.get())) return;
    const int descriptor = socket.get();
    auto client = std::make_shared<Connection>(std::move(socket));
    if (clients_.size() >= most_clients) return client->send(error_line(rpc_busy, "this session has 64 clients already"));
    if (!watch_events(descriptor, EPOLLIN, true)) return;
    clients_.emplace(descriptor, std::move(client));
    set_pace();
}

void ControlServer::serve_client(int descriptor, std::uint32_t events)
{
    const auto found = clients_.find(descriptor);
    if (found == clients_.end()) return;
    const std::shared_ptr<Connection> client = found->second;
    const auto now = Clock::now();
    if ((events & EPOLLOUT) != 0) client->flush(now);
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && client->wants_input()) client->receive();
    answer_lines(client);
    // A peer that closed both ways is told about again and again, whatever is asked of epoll.
    if ((events & EPOLLHUP) != 0 && !client->wants_input()) let_go(descriptor);
    else settle(*client, now);
}

ClientSide ControlServer::side_of(const std::shared_ptr<Connection>& client)
{
    const auto send = [this, weak = std::weak_ptr(client)](const std::string& line) {
        const auto there = weak.lock();
        if (!there) return;
        --there->pending;
        if (!line.empty()) there->send(line);
        if (there.get() != serving_) settle(*there, Clock::now());
    };
    const auto follow = [this, weak = std::weak_ptr(client)](double per_second) {
        const auto there = weak.lock();
        if (!there) return;
        there->follow_period = per_second > 0.0 ? std::chrono::nanoseconds(static_cast<long long>(1e9 / per_second)) : 0ns;
        set_pace();
    };
    return {send, follow};
}

void ControlServer::answer_lines(const std::shared_ptr<Connection>& client)
{
    const ClientSide side = side_of(client);
    serving_ = client.get();
    while (client->keeps_up()) {
        const auto line = client->next_line();
        if (!line) break;
        if (line->empty()) continue;
        if (client->pending >= most_pending) {
            client->send(error_line(rpc_busy, "32 requests are not yet answered"));
            continue;
        }
        ++client->pending;
        answer_line(session_, *line, side);
    }
    serving_ = nullptr;
    if (client->take_too_long()) client->send(error_line(rpc_parse_error, "a line has 64 KiB at most"));
}

void ControlServer::tick()
{
    pace_.drain();
    const auto now = Clock::now();
    send_meters(now);
    std::vector<std::shared_ptr<Connection>> clients;
    for (const auto& [descriptor, client] : clients_) clients.push_back(client);
    for (const auto& client : clients) settle(*client, now);
}

void ControlServer::send_meters(Clock::time_point now)
{
    std::string line;
    for (const auto& [descriptor, client] : clients_) {
        if (client->follow_period == 0ns || client->follow_next > now + meter_pace / 2 || !client->keeps_up()) continue;
        if (line.empty()) line = to_line({{"jsonrpc", "2.0"}, {"method", "meters"}, {"params", {{"meters", meters_json(session_.meters())}}}});
        client->follow_next = std::max(client->follow_next + client->follow_period, now);
        client->send(line, now);
    }
}

void ControlServer::settle(const Connection& client, Clock::time_point now)
{
    if (!clients_.contains(client.descriptor())) return;
    if (client.finished(now)) return let_go(client.descriptor());
    watch_events(client.descriptor(), (client.wants_input() ? EPOLLIN : 0U) | (client.wants_output() ? EPOLLOUT : 0U), false);
}

void ControlServer::let_go(int descriptor)
{
    clients_.erase(descriptor);
    set_pace();
}

void ControlServer::set_pace()
{
    const bool followed = std::ranges::any_of(clients_, [](const auto& each) { return each.second->follow_period > 0ns; });
    pace_.set(followed ? std::chrono::milliseconds(meter_pace) : clients_.empty() ? 0ms : std::chrono::milliseconds(idle_pace));
}

}  // namespace stemwire::control
