// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/transport_client.hpp"

#include <cstdlib>
#include <utility>

#ifdef STEMWIRE_HAS_JACK
#include "host/jack/libjack.hpp"
#include "host/pipewire/blocked_signals.hpp"
#endif

namespace stemwire::host {

#ifdef STEMWIRE_HAS_JACK

struct TransportClient::Impl {
    const Libjack& jack;
    jack_client_t* handle;
};

Expected<std::unique_ptr<TransportClient>> TransportClient::open(const std::string& remote, const std::string& session)
{
    const char* wins = std::getenv("PIPEWIRE_REMOTE");
    if (!remote.empty() && wins != nullptr && *wins != '\0' && remote != wins)
        return failure("PIPEWIRE_REMOTE names another server than --remote, and PipeWire's libjack follows it: unset it");
    const auto jack = load_pipewires_libjack();
    if (!jack) return tl::unexpected(jack.error());
    const BlockedSignals guard;
    jack_status_t status{};
    const std::string name = session + ".transport";
    jack_client_t* handle = remote.empty() ? (*jack)->client_open(name.c_str(), JackNoStartServer, &status)
                                           : (*jack)->client_open(name.c_str(), static_cast<jack_options_t>(JackNoStartServer | JackServerName), &status, remote.c_str());
    if (handle == nullptr) return failure("the PipeWire server accepts no JACK client, which moving its transport takes");
    std::unique_ptr<TransportClient> client(new TransportClient(std::make_unique<Impl>(Impl{**jack, handle})));
    if ((*jack)->activate(handle) != 0) return failure("the PipeWire server does not activate a JACK client, which moving its transport takes");
    return client;
}

TransportClient::~TransportClient()
{
    impl_->jack.client_close(impl_->handle);
}

void TransportClient::roll(bool rolling)
{
    if (rolling) impl_->jack.transport_start(impl_->handle);
    else impl_->jack.transport_stop(impl_->handle);
}

void TransportClient::locate(Frames frame)
{
    impl_->jack.transport_locate(impl_->handle, static_cast<jack_nframes_t>(frame));
}

#else

struct TransportClient::Impl {};

Expected<std::unique_ptr<TransportClient>> TransportClient::open(const std::string&, const std::string&)
{
    return failure("PipeWire's transport is moved by way of JACK, which this stemwire was built without");
}

TransportClient::~TransportClient() = default;
void TransportClient::roll(bool) {}
void TransportClient::locate(Frames) {}

#endif

TransportClient::TransportClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

}  // namespace stemwire::host
