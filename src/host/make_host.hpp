// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "host/live_host.hpp"

namespace stemwire::host {

enum class Backend { pipewire, jack };

[[nodiscard]] std::string_view to_string(Backend backend) noexcept;
/// The backends that are built in, by name.
[[nodiscard]] std::optional<Backend> parse_backend(std::string_view name) noexcept;
/// All that are built in.
[[nodiscard]] std::span<const Backend> backends() noexcept;

/// Where a session plays.
struct HostWishes {
    Backend backend = Backend::pipewire;
    std::string remote;                    ///< the server's name; empty: as the environment says (PIPEWIRE_REMOTE, JACK_DEFAULT_SERVER)
    std::string session;                   ///< the preset's name
    std::optional<std::uint32_t> quantum;  ///< asked for where a client may ask: in PipeWire
    std::optional<double> rate_hz;
    bool private_server = false;           ///< the server is ours alone: when it goes away it does not come back
    bool one_jack_client = false;          ///< in JACK, all nodes are parts of one client
};

/// Connects to the sound server. The error says what a user can do. Thread: the one that will run the host's loop; blocking.
[[nodiscard]] Expected<std::unique_ptr<LiveHost>> make_live_host(const HostWishes& wishes);

}  // namespace stemwire::host
