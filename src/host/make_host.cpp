// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/make_host.hpp"

#include <algorithm>
#include <array>

#ifdef STEMWIRE_HAS_JACK
#include "host/jack/jack_host.hpp"
#endif
#include "host/pipewire/pipewire_host.hpp"

namespace stemwire::host {

namespace {

#ifdef STEMWIRE_HAS_JACK
constexpr std::array all_backends{Backend::pipewire, Backend::jack};
#else
constexpr std::array all_backends{Backend::pipewire};
#endif

template <class Host>
Expected<std::unique_ptr<LiveHost>> as_live_host(Expected<std::unique_ptr<Host>> host)
{
    if (!host) return tl::unexpected(host.error());
    return std::move(*host);
}

}  // namespace

std::string_view to_string(Backend backend) noexcept
{
    switch (backend) {
    case Backend::pipewire: return "pipewire";
    case Backend::jack: return "jack";
    }
    return "";
}

std::span<const Backend> backends() noexcept
{
    return all_backends;
}

std::optional<Backend> parse_backend(std::string_view name) noexcept
{
    const auto found = std::ranges::find(all_backends, name, [](Backend backend) { return to_string(backend); });
    return found != all_backends.end() ? std::optional(*found) : std::nullopt;
}

Expected<std::unique_ptr<LiveHost>> make_live_host(const HostWishes& wishes)
{
#ifdef STEMWIRE_HAS_JACK
    if (wishes.backend == Backend::jack)
        return as_live_host(JackHost::connect({.server = wishes.remote, .session = wishes.session, .one_client = wishes.one_jack_client}));
#endif
    return as_live_host(PipeWireHost::connect({.remote = wishes.remote,
                                               .session = wishes.session,
                                               .quantum = wishes.quantum,
                                               .rate_hz = wishes.rate_hz,
                                               .private_server = wishes.private_server}));
}

}  // namespace stemwire::host
