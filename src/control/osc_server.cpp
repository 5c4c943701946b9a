// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/osc_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <system_error>

#include <netdb.h>
#include <netinet/in.h>

#include "preset/preset.hpp"

namespace stemwire::control {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t largest_packet = 65536;  // of UDP
constexpr int packets_at_a_turn = 16;
constexpr std::size_t most_subscribers = 16;
constexpr auto lease = 60s;        // a subscriber that went away is not fed for ever
constexpr auto feed_period = 50ms;
constexpr double silence_db = -200.0;  // what a meter says where there is nothing: many panels cannot show −∞

OscArgument argument_for(const session::ParameterValue& value)
{
    if (value.parameter->kind == Kind::flag) return value.value != 0.0;
    return value.value;
}

OscMessage message_for(const session::ParameterValue& value)
{
    return {osc_path(value.address), {argument_for(value), preset::format_number(*value.parameter, value.value)}};
}

std::optional<double> number_in(const OscMessage& message, std::size_t index)
{
    if (message.arguments.size() <= index) return std::nullopt;
    const double* number = std::get_if<double>(&message.arguments[index]);
    return number != nullptr && std::isfinite(*number) && *number >= 0.0 && *number <= 1e7 ? std::optional(*number) : std::nullopt;
}

Expected<session::ParameterValue> set_value(session::SessionControl& session, const std::string& address, const OscArgument& value)
{
    if (const double* number = std::get_if<double>(&value)) return session.set_number(address, *number);
    if (const bool* flag = std::get_if<bool>(&value)) return session.set(address, *flag ? "true" : "false");
    return session.set(address, std::get<std::string>(value));
}

Expected<Descriptor> bind_socket(int port, const std::string& address)
{
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
        return failure("OSC: '" + address + "' is not a numeric address such as 127.0.0.1 or 0.0.0.0");
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
    Descriptor socket(::socket(found->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket || bind(socket.get(), found->ai_addr, found->ai_addrlen) != 0)
        return failure("OSC: cannot listen on " + address + " port " + std::to_string(port) + ": " + std::generic_category().message(errno));
    return socket;
}

}  // namespace

OscServer::OscServer(session::SessionControl& session, Descriptor socket)
    : session_(session), socket_(std::move(socket)), alive_(std::make_shared<OscServer*>(this))
{
    session_.watch(socket_.get(), [this] { receive(); });
    session_.watch(pace_.descriptor(), [this] { feed(); });
}

Expected<std::unique_ptr<OscServer>> OscServer::open(session::SessionControl& session, int port, const std::string& address)
{
    auto socket = bind_socket(port, address);
    if (!socket) return tl::unexpected(socket.error());
    return std::unique_ptr<OscServer>(new OscServer(session, std::move(*socket)));
}

OscServer::~OscServer()
{
    session_.unwatch(socket_.get());
    session_.unwatch(pace_.descriptor());
}

int OscServer::port() const
{
    Peer own;
    if (getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&own.address), &own.size) != 0) return 0;
    const bool old = own.address.ss_family == AF_INET;
    return ntohs(old ? reinterpret_cast<const sockaddr_in*>(&own.address)->sin_port : reinterpret_cast<const sockaddr_in6*>(&own.address)->sin6_port);
}

void OscServer::receive()
{
    std::array<char, largest_packet> packet{};
    for (int count = 0; count < packets_at_a_turn; ++count) {
        Peer peer;
        const ssize_t size = recvfrom(socket_.get(), packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&peer.address), &peer.size);
        if (size < 0) return;
        unpack_osc({packet.data(), static_cast<std::size_t>(size)}, [&](const OscMessage& message) { obey(message, peer); });
    }
}

void OscServer::obey(const OscMessage& message, const Peer& peer)
{
    const std::string address = address_of(message.path);
    if (address.empty()) return complain(message.path, "paths begin with /stemwire/", peer);
    if (obey_word(address, message, peer)) return;
    if (!is_osc_pattern(message.path)) return get_or_set(address, message, peer);
    for (const session::ParameterValue& value : session_.parameters())
        if (osc_matches(osc_path(value.address), message.path)) get_or_set(value.address, message, peer);
}

bool OscServer::obey_word(const std::string& word, const OscMessage& message, const Peer& peer)
{
    if (word == "list") list(peer);
    else if (word == "subscribe") subscribe(peer);
    else if (word == "unsubscribe") unsubscribe(peer);
    else if (word == "start") session_.start(when_heard(message.path, peer));
    else if (word == "pause") session_.pause(when_heard(message.path, peer));
    else if (word == "seek") seek(message, peer);
    else if (word == "loop") loop(message, peer);
    else return false;
    return true;
}

void OscServer::seek(const OscMessage& message, const Peer& peer)
{
    const auto seconds = number_in(message, 0);
    if (!seconds) return complain(message.path, "a number of seconds is expected", peer);
    session_.seek(*seconds, when_heard(message.path, peer));
}

void OscServer::loop(const OscMessage& message, const Peer& peer)
{
    if (message.arguments.empty()) return session_.loop(std::nullopt, when_heard(message.path, peer));
    const auto from = number_in(message, 0);
    const auto to = number_in(message, 1);
    if (!from || !to || *from >= *to) return complain(message.path, "two numbers of seconds are expected, the first before the second; or none, to end the loop", peer);
    session_.loop(std::pair(*from, *to), when_heard(message.path, peer));
}

void OscServer::get_or_set(const std::string& address, const OscMessage& message, const Peer& peer)
{
    if (message.arguments.size() > 1) return complain(message.path, "one value is expected", peer);
    const bool asks = message.arguments.empty();
    const auto value = asks ? session_.get(address) : set_value(session_, address, message.arguments.front());
    if (!value) return complain(message.path, value.error().message, peer);
    if (asks) send(message_for(*value), peer);
}

void OscServer::list(const Peer& peer)
{
    const auto values = session_.parameters();
    for (const session::ParameterValue& value : values) send(message_for(value), peer);
    send({"/stemwire/list", {static_cast<double>(values.size())}}, peer);
}

void OscServer::subscribe(const Peer& peer)
{
    unsubscribe(peer);
    if (subscribers_.size() == most_subscribers) return complain("/stemwire/subscribe", "there are 16 subscribers already", peer);
    if (subscribers_.empty())
        for (const session::ParameterValue& value : session_.parameters()) told_[value.address] = value.value;
    subscribers_.push_back({peer, Clock::now() + lease});
    pace_.set(feed_period);
}

void OscServer::unsubscribe(const Peer& peer)
{
    std::erase_if(subscribers_, [&](const Subscriber& each) { return each.peer.size == peer.size && std::memcmp(&each.peer.address, &peer.address, peer.size) == 0; });
}

void OscServer::feed()
{
    pace_.drain();
    std::erase_if(subscribers_, [now = Clock::now()](const Subscriber& each) { return each.until < now; });
    if (subscribers_.empty()) {
        pace_.set(0ms);
        told_.clear();
        return;
    }
    std::vector<OscMessage> news;
    for (const session::ParameterValue& value : session_.parameters()) {
        const auto known = told_.find(value.address);
        if (known != told_.end() && known->second == value.value) continue;
        told_[value.address] = value.value;
        news.push_back(message_for(value));
    }
    for (const session::MeterValue& meter : session_.meters()) {
        const auto path = [&meter](const char* what) { return "/stemwire/" + std::string(what) + "/" + meter.node + "/" + meter.name; };
        news.push_back({path("meters"), {std::max(meter.peak_db, silence_db), std::max(meter.rms_db, silence_db)}});
        if (const auto& loudness = meter.loudness)
            news.push_back({path("loudness"), {std::max(loudness->momentary_lufs, silence_db), std::max(loudness->short_term_lufs, silence_db),
                                               std::max(loudness->integrated_lufs, silence_db), std::max(loudness->true_peak_dbtp, silence_db)}});
    }
    for (const Subscriber& subscriber : subscribers_)
        for (const OscMessage& message : news) send(message, subscriber.peer);
}

void OscServer::send(const OscMessage& message, const Peer& peer) const
{
    const std::string packet = pack_osc(message);
    // A peer that takes nothing misses something: UDP promises no more.
    sendto(socket_.get(), packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&peer.address), peer.size);
}

void OscServer::complain(const std::string& path, const std::string& message, const Peer& peer) const
{
    send({"/stemwire/error", {path, message}}, peer);
}

session::SessionControl::Done OscServer::when_heard(const std::string& path, const Peer& peer) const
{
    return [weak = std::weak_ptr(alive_), path, peer](const Expected<void>& done) {
        const auto server = weak.lock();
        if (server && !done) (*server)->complain(path, done.error().message, peer);
    };
}

}  // namespace stemwire::control
