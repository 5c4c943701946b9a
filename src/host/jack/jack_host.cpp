// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/jack/jack_host.hpp"

#include <cstdlib>
#include <utility>

#include "host/jack/jack_graph.hpp"
#include "host/main_loop.hpp"

namespace stemwire::host {

namespace {

using namespace std::chrono_literals;

constexpr auto tick_period = 20ms;
constexpr int ticks_between_attempts = 5;
constexpr auto build_patience = 30s;

std::string server_name(const JackOptions& options)
{
    if (!options.server.empty()) return options.server;
    const char* name = std::getenv("JACK_DEFAULT_SERVER");
    return name != nullptr ? name : "default";
}

}  // namespace

struct JackHost::Impl {
    Impl(JackOptions wishes, const Libjack& functions) : options(std::move(wishes)), jack(functions) {}

    Expected<void> connect();
    Expected<void> build(Wanted state);
    void hear();
    void tick();
    void lose();
    void come_back();
    void check();
    void say(const std::string& text);
    [[nodiscard]] JackGraph::Parts parts();

    JackOptions options;
    const Libjack& jack;
    std::unique_ptr<MainLoop> loop;
    JackNews news;
    FrameClock clock;
    TransportWatch transport;
    LinkBook book{[this](const std::string& text) { say(text); }};
    std::unique_ptr<JackGraph> graph;
    std::optional<Wanted> wanted;
    int ticks = 0;
    bool priority_told = false;
    bool quantum_told = false;
    std::string refusal;  ///< why the server that is back does not take us
    std::vector<std::string> unsaid;
    std::function<void(const std::string&)> message;
};

JackGraph::Parts JackHost::Impl::parts()
{
    return {{jack, clock, transport, news, options.server}, book, options.session, options.one_client, [this](const std::string& text) { say(text); }};
}

Expected<void> JackHost::Impl::connect()
{
    loop = MainLoop::make();
    if (!loop || news.fd < 0) return failure("cannot make an event loop: too many open files");
    auto opened = JackGraph::open(parts());
    if (!opened) return tl::unexpected(opened.error());
    graph = std::move(*opened);
    loop->watch(news.fd, [this] { hear(); });
    loop->every(tick_period, [this] { tick(); });
    return {};
}

Expected<void> JackHost::Impl::build(Wanted state)
{
    if (!graph) return failure("the JACK server went away");
    if (auto updated = graph->update(state); !updated) return updated;
    wanted = std::move(state);
    if (!loop->run_until([this] { return !graph || graph->built(); }, build_patience)) return failure("the JACK server does not show our ports or links");
    if (!graph) return failure("the JACK server went away");
    return {};
}

void JackHost::Impl::hear()
{
    news.hear();
    if (news.lost) return lose();
    if (graph && news.latencies.exchange(false)) graph->answer_latencies();
    if (graph && news.changed.exchange(false)) graph->reconcile();
}

void JackHost::Impl::tick()
{
    if (!graph) {
        if (++ticks % ticks_between_attempts == 0) come_back();
        return;
    }
    // What our own requests changed, without waiting for JACK's word.
    if (news.changed.exchange(false)) graph->reconcile();
    graph->tick();
    check();
}

void JackHost::Impl::lose()
{
    if (!graph) return;
    graph.reset();
    book.forget_server();
    clock.restart();
    news.lost = false;
    say("the JACK server went away, or threw us out; waiting for it");
}

void JackHost::Impl::come_back()
{
    auto opened = JackGraph::open(parts());
    if (!opened) return;
    graph = std::move(*opened);
    auto updated = wanted ? graph->update(*wanted) : Expected<void>{};
    if (updated) {
        refusal.clear();
        return say("the JACK server is back");
    }
    graph.reset();
    if (std::exchange(refusal, updated.error().message) != updated.error().message) say(updated.error().message);
}

void JackHost::Impl::check()
{
    if (!std::exchange(priority_told, true) && jack.is_realtime(graph->watcher().handle()) == 0)
        say("the JACK server runs without realtime priority and may drop out under load (jackd -R, and rtprio in /etc/security/limits.d)");
    if (news.quantum > largest_quantum && !std::exchange(quantum_told, true))
        say("the JACK server's cycles are longer than " + std::to_string(largest_quantum) + " frames: changes of the graph may be heard");
}

void JackHost::Impl::say(const std::string& text)
{
    if (message) message(text);
    else unsaid.push_back(text);
}

JackHost::JackHost(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JackHost::~JackHost() = default;

Expected<std::unique_ptr<JackHost>> JackHost::connect(const JackOptions& options)
{
    const auto jack = load_libjack();
    if (!jack) return tl::unexpected(jack.error());
    auto impl = std::make_unique<Impl>(options, **jack);
    if (auto connected = impl->connect(); !connected) return tl::unexpected(connected.error());
    return std::unique_ptr<JackHost>(new JackHost(std::move(impl)));
}

ServerInfo JackHost::server() const
{
    const char* version = impl_->jack.get_version_string != nullptr ? impl_->jack.get_version_string() : "";
    return {.name = server_name(impl_->options),
            .version = version,
            .driver = impl_->graph ? impl_->graph->driver() : "",
            .rate_hz = static_cast<double>(impl_->news.rate_hz),
            .quantum = impl_->news.quantum};
}

Expected<void> JackHost::build(Wanted wanted)
{
    return impl_->build(std::move(wanted));
}

Expected<void> JackHost::update(Wanted wanted)
{
    if (impl_->graph)
        if (auto updated = impl_->graph->update(wanted); !updated) return updated;
    impl_->wanted = std::move(wanted);
    return {};
}

bool JackHost::settled() const
{
    return impl_->graph && impl_->graph->settled();
}

Frames JackHost::clock() const noexcept
{
    return impl_->clock.end();
}

void JackHost::share_clock(const SharedClock& clock)
{
    impl_->clock.share(clock);
}

std::uint64_t JackHost::xruns() const noexcept
{
    return impl_->news.xruns;
}

std::vector<LinkStatus> JackHost::links() const
{
    std::vector<LinkStatus> all = impl_->book.status();
    if (impl_->graph) all.insert(all.end(), impl_->graph->links_of_others().begin(), impl_->graph->links_of_others().end());
    return all;
}

std::optional<std::string> JackHost::external_of(const std::string& port, bool is_input) const
{
    return impl_->graph ? impl_->graph->external_of(port, is_input) : std::nullopt;
}

std::vector<bool> JackHost::running() const
{
    return impl_->graph ? impl_->graph->running() : std::vector<bool>(impl_->wanted ? impl_->wanted->nodes.size() : 0);
}

std::optional<GraphTransport> JackHost::graph_transport() const noexcept
{
    return impl_->graph ? std::optional(impl_->transport.latest()) : std::nullopt;
}

Expected<void> JackHost::request_roll(bool rolling)
{
    if (!impl_->graph) return failure("the JACK server is away");
    jack_client_t* client = impl_->graph->watcher().handle();
    if (rolling) impl_->jack.transport_start(client);
    else impl_->jack.transport_stop(client);
    return {};
}

Expected<void> JackHost::request_locate(Frames frame)
{
    if (!impl_->graph) return failure("the JACK server is away");
    impl_->jack.transport_locate(impl_->graph->watcher().handle(), static_cast<jack_nframes_t>(frame));
    return {};
}

void JackHost::every(std::chrono::milliseconds period, std::function<void()> callback)
{
    impl_->loop->every(period, std::move(callback));
}

void JackHost::watch(int fd, std::function<void()> callback)
{
    impl_->loop->watch(fd, std::move(callback));
}

void JackHost::unwatch(int fd)
{
    impl_->loop->unwatch(fd);
}

void JackHost::on_signal(int signal, std::function<void()> callback)
{
    impl_->loop->on_signal(signal, std::move(callback));
}

void JackHost::on_message(std::function<void(const std::string&)> callback)
{
    impl_->message = std::move(callback);
    for (const std::string& text : std::exchange(impl_->unsaid, {})) impl_->message(text);
}

void JackHost::run()
{
    impl_->loop->run();
}

void JackHost::quit()
{
    impl_->loop->quit();
}

}  // namespace stemwire::host
