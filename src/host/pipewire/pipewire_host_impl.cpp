// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/pipewire_host_impl.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <future>
#include <utility>

#include <unistd.h>

namespace stemwire::host {

namespace {

using namespace std::chrono_literals;

/// Often enough for fades of 5 ms not to be drawn out.
constexpr auto busy_period = 5ms;
constexpr auto housekeeping_period = 50ms;
constexpr auto parameter_period = 100ms;
constexpr auto build_patience = 30s;
constexpr auto longest_wait = 24h;
/// Who loses the server sooner than this after it was back waits longer and longer before the next attempt.
constexpr auto short_stay = 1s;
constexpr auto shortest_rest = 250ms;
constexpr auto longest_rest = 4s;
constexpr std::uint64_t few_files = 4;
/// Round trips after which a server has told all: once for the globals, once for the values of the metadata that the first brought.
constexpr int greetings = 2;

double to_number(const std::optional<std::string>& text)
{
    return text ? std::strtod(text->c_str(), nullptr) : 0.0;
}

constexpr const char* went_away = "the PipeWire server went away";

std::string latency_wish(const HostOptions& options, double server_rate)
{
    if (!options.quantum) return "";
    return std::to_string(*options.quantum) + "/" + std::to_string(static_cast<long>(options.rate_hz.value_or(server_rate)));
}

}  // namespace

Expected<void> PipeWireHost::Impl::connect()
{
    file_limit = raise_file_limit();
    loop = MainLoop::make();
    if (!loop) return failure("cannot make an event loop: too many open files");
    change = loop->later([this] { changed(); });
    auto opened = Connection::open(*loop, options.remote);
    if (!opened) return tl::unexpected(opened.error());
    listen(std::move(*opened));
    server.name = connection->server_name();
    server.version = connection->server_version();
    waiting = true;
    for (int trip = 0; trip < greetings; ++trip)
        if (auto done = connection->round_trip(); !done) return done;
    waiting = false;
    loop->every(housekeeping_period, [this] { keep_house(); });
    busy = loop->timer([this] {
        if (graph && graph->fading()) graph->reconcile();
        if (graph && graph->coming_up()) keep_house();
        set_pace();
    });
    loop->every(parameter_period, [this] {
        if (graph) graph->publish_parameters();
    });
    return {};
}

void PipeWireHost::Impl::begin_build(Wanted wanted, const std::function<void()>& meanwhile)
{
    std::atomic<bool> done{false};
    const auto tell = [&](void*) {
        done = true;
        loop->ask(change);
    };
    auto other = std::async(std::launch::async, [&] {
        const std::unique_ptr<void, decltype(tell)> at_the_end(this, tell);
        meanwhile();
    });
    building = true;
    if (ask_server()) {
        take_graph(std::move(wanted));
        if (graph) graph->hold(true);
    }
    loop->run_until([&] { return done.load(); }, longest_wait);
    building = false;
    other.get();
}

/// True when all that the server has told by now is known.
bool PipeWireHost::Impl::ask_server()
{
    waiting = true;
    const bool answered = connection && connection->round_trip();
    waiting = false;
    return answered;
}

Expected<void> PipeWireHost::Impl::build(Wanted wanted)
{
    check_files(wanted.nodes.size());
    building = true;
    const auto built = put_up(std::move(wanted));
    building = false;
    return built;
}

Expected<void> PipeWireHost::Impl::put_up(Wanted wanted)
{
    if (graph) {
        graph->hold(false);
        graph->update(std::move(wanted));
        set_pace();
    } else {
        if (!ask_server()) return failure(went_away);
        take_graph(std::move(wanted));
    }
    const bool done = loop->run_until([this] { return !graph || graph->alive() || !graph->error().empty(); }, build_patience);
    if (!graph) return failure(went_away);
    if (!graph->error().empty()) return failure("the PipeWire server refuses a node: " + graph->error());
    if (!done) return failure("the PipeWire server does not show our nodes' ports");
    return {};
}

void PipeWireHost::Impl::take_graph(Wanted wanted)
{
    FilterNode::Shared shared{*connection, clock, transport, [this] { loop->ask(change); },
                              [this](const std::string& node, const std::string& address, double value) { take_wish(node, address, value); },
                              latency_wish(options, setting("clock.force-rate", "clock.rate"))};
    graph = std::make_unique<HostedGraph>(std::move(wanted), "stemwire." + options.session + "." + std::to_string(getpid()), by_hand, std::move(shared), *registry, [this](const std::string& text) { say(text); });
    graph->reconcile();
    set_pace();
}

Expected<void> PipeWireHost::Impl::update(Wanted wanted)
{
    check_files(wanted.nodes.size());
    if (graph) graph->update(std::move(wanted));
    else absent = std::move(wanted);
    set_pace();
    return {};
}

/// In this order: links, nodes, what listens, the connection.
void PipeWireHost::Impl::disconnect()
{
    mover.reset();
    graph.reset();
    registry.reset();
    connection.reset();
    greeting.reset();
}

void PipeWireHost::Impl::lose()
{
    if (graph) {
        absent = graph->wanted();
        by_hand = graph->by_hand();
        last_links = graph->links();
        for (LinkStatus& link : last_links)
            if (link.state == LinkState::made) link.state = LinkState::waiting;
    }
    const bool was_up = graph != nullptr;
    const bool without_files = files_left() < few_files;
    disconnect();
    clock.begin_anew();
    driver = SPA_ID_INVALID;
    server.driver.clear();
    if (building) return;
    if (options.private_server && lost) return lost();
    if (was_up) say(went_away + std::string(without_files ? ", since too many files are open (ulimit -Hn, or nofile in /etc/security/limits.d)" : "") + "; waiting for it");
    const bool stayed = Clock::now() - back_since > short_stay;
    between_tries = stayed ? Clock::duration() : std::clamp<Clock::duration>(2 * between_tries, shortest_rest, longest_rest);
    try_again_at = Clock::now() + between_tries;
}

/// Looks whether the server is back, and connects without waiting for it.
void PipeWireHost::Impl::try_again()
{
    if (connection || building || options.private_server || !absent || Clock::now() < try_again_at || !Connection::reachable(options.remote)) return;
    if (auto begun = Connection::begin(*loop, options.remote)) listen(std::move(*begun));
    else return;
    greeting = connection->sync();
    greetings_left = greetings;
}

void PipeWireHost::Impl::listen(std::unique_ptr<Connection> opened)
{
    connection = std::move(opened);
    connection->on_change([this] { loop->ask(change); });
    registry = std::make_unique<Registry>(connection->core(), [this] { loop->ask(change); });
}

/// The server has told what it has, and so it is back.
void PipeWireHost::Impl::greet()
{
    if (!connection->synced(*greeting)) return;
    if (--greetings_left > 0) {
        greeting = connection->sync();
        return;
    }
    greeting.reset();
    server.name = connection->server_name();
    server.version = connection->server_version();
    back_since = Clock::now();
    say("the PipeWire server is back");
    take_graph(std::move(*std::exchange(absent, std::nullopt)));
}

void PipeWireHost::Impl::take_wish(const std::string& node, const std::string& address, double value)
{
    heard_wishes.push_back({node, address, value});
    loop->ask(change);
}

Expected<TransportClient*> PipeWireHost::Impl::transport_client()
{
    if (!graph) return failure("the PipeWire server is away");
    if (!mover) {
        auto opened = TransportClient::open(options.remote, options.session);
        if (!opened) return tl::unexpected(opened.error());
        mover = std::move(*opened);
    }
    return mover.get();
}

void PipeWireHost::Impl::changed()
{
    if (waiting) return;
    for (const Wish& wish : std::exchange(heard_wishes, {}))
        if (wished) wished(wish.node, wish.address, wish.value);
    if (connection && connection->lost()) return lose();
    if (greeting) return greet();
    if (graph) graph->reconcile();
    set_pace();
}

/// Looks often while something is waited for that nobody tells, and else leaves this thread asleep.
void PipeWireHost::Impl::set_pace()
{
    loop->set_period(busy, graph && (graph->fading() || graph->coming_up()) ? busy_period : 0ms);
}

void PipeWireHost::Impl::keep_house()
{
    try_again();
    if (!graph) return;
    if (graph->busy()) graph->reconcile();
    graph->look_after();
    check_priority();
    check_driver();
    check_quantum();
    set_pace();
}

void PipeWireHost::Impl::say(const std::string& text)
{
    if (message) message(text);
    else unsaid.push_back(text);
}

double PipeWireHost::Impl::setting(const char* forced, const char* usual) const
{
    if (!registry) return 0;
    const double value = to_number(registry->metadata("settings", forced));
    return value > 0 ? value : to_number(registry->metadata("settings", usual));
}

}  // namespace stemwire::host
