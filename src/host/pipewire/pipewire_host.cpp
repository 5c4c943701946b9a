// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/pipewire_host.hpp"

#include <utility>

#include "host/pipewire/data_loop.hpp"
#include "host/pipewire/pipewire_host_impl.hpp"

namespace stemwire::host {

PipeWireHost::PipeWireHost(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PipeWireHost::~PipeWireHost() = default;

Expected<std::unique_ptr<PipeWireHost>> PipeWireHost::connect(const HostOptions& options)
{
    auto impl = std::make_unique<Impl>(options);
    if (auto connected = impl->connect(); !connected) return tl::unexpected(connected.error());
    return std::unique_ptr<PipeWireHost>(new PipeWireHost(std::move(impl)));
}

ServerInfo PipeWireHost::server() const
{
    ServerInfo info = impl_->server;
    info.rate_hz = impl_->clock.rate_hz() != 0 ? impl_->clock.rate_hz() : impl_->setting("clock.force-rate", "clock.rate");
    info.quantum = impl_->clock.quantum() != 0 ? impl_->clock.quantum()
                                               : static_cast<std::uint32_t>(impl_->setting("clock.force-quantum", "clock.quantum"));
    return info;
}

void PipeWireHost::begin_build(Wanted wanted, const std::function<void()>& meanwhile)
{
    impl_->begin_build(std::move(wanted), meanwhile);
}

Expected<void> PipeWireHost::build(Wanted wanted)
{
    return impl_->build(std::move(wanted));
}

Expected<void> PipeWireHost::update(Wanted wanted)
{
    return impl_->update(std::move(wanted));
}

bool PipeWireHost::settled() const
{
    if (impl_->graph && impl_->graph->coming_up()) impl_->keep_house();  // who asks now waits for it
    return impl_->graph && impl_->graph->settled();
}

Frames PipeWireHost::clock() const noexcept
{
    return impl_->clock.end();
}

/// All nodes are on one data loop.
bool PipeWireHost::between_cycles(const std::function<void()>& call)
{
    if (!impl_->connection) return false;
    run_on(impl_->connection->data_loop(), call);
    return true;
}

void PipeWireHost::share_clock(const SharedClock& clock)
{
    impl_->clock.share(clock);
}

std::uint64_t PipeWireHost::xruns() const noexcept
{
    return impl_->clock.xruns();
}

std::vector<LinkStatus> PipeWireHost::links() const
{
    return impl_->graph ? impl_->graph->links() : impl_->last_links;
}

std::optional<std::string> PipeWireHost::external_of(const std::string& port, bool is_input) const
{
    return impl_->graph ? impl_->graph->external_of(port, is_input) : std::nullopt;
}

std::vector<bool> PipeWireHost::running() const
{
    if (impl_->graph) return impl_->graph->running();
    return std::vector<bool>(impl_->absent ? impl_->absent->nodes.size() : 0, false);
}

std::optional<GraphTransport> PipeWireHost::graph_transport() const noexcept
{
    return impl_->graph ? std::optional(impl_->transport.latest()) : std::nullopt;
}

Expected<void> PipeWireHost::request_roll(bool rolling)
{
    return impl_->transport_client().map([&](TransportClient* client) { client->roll(rolling); });
}

Expected<void> PipeWireHost::request_locate(Frames frame)
{
    return impl_->transport_client().map([&](TransportClient* client) { client->locate(frame); });
}

void PipeWireHost::every(std::chrono::milliseconds period, std::function<void()> callback)
{
    impl_->loop->every(period, std::move(callback));
}

void PipeWireHost::watch(int fd, std::function<void()> callback)
{
    impl_->loop->watch(fd, std::move(callback));
}

void PipeWireHost::unwatch(int fd)
{
    impl_->loop->unwatch(fd);
}

void PipeWireHost::on_signal(int signal, std::function<void()> callback)
{
    impl_->loop->on_signal(signal, std::move(callback));
}

void PipeWireHost::on_message(std::function<void(const std::string&)> callback)
{
    impl_->message = std::move(callback);
    for (const std::string& text : std::exchange(impl_->unsaid, {})) impl_->message(text);
}

void PipeWireHost::on_parameter_wish(ParameterWish callback)
{
    impl_->wished = std::move(callback);
}

void PipeWireHost::on_lost(std::function<void()> callback)
{
    impl_->lost = std::move(callback);
}

void PipeWireHost::run()
{
    impl_->loop->run();
}

void PipeWireHost::quit()
{
    impl_->loop->quit();
}

}  // namespace stemwire::host
