// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/pipewire/pipewire_host.hpp"
#include "preset/preset.hpp"
#include "session/instance.hpp"
#include "stemwire/error.hpp"

namespace stemwire::session {

enum class TransportState { stopped, starting, playing };

[[nodiscard]] std::string_view to_string(TransportState state) noexcept;

/// How a running session is, for a view.
struct LiveStatus {
    host::ServerInfo server;
    TransportState state = TransportState::stopped;
    double seconds = 0;                 ///< on the timeline, folded into the loop
    std::optional<double> end_seconds;  ///< once known
    std::uint64_t xruns = 0;
    std::uint64_t missing_frames = 0;
};

struct LiveRequest {
    std::string remote;                        ///< empty: as PIPEWIRE_REMOTE says
    bool private_server = false;               ///< start a PipeWire of our own
    std::optional<double> duration_seconds;    ///< leave after this much of the timeline
    bool exit_at_end = false;                  ///< leave when all tracks have ended and the tails have died away
    std::function<void(const std::string&)> say;   ///< one line for the user
    /// Called ten times a second on the main loop with the session's nodes and state; may be empty.
    std::function<void(Instance&, const LiveStatus&)> view;
};

struct LiveFailure {
    Errors errors;
    bool no_server = false;
};

/// Runs a preset in a PipeWire server until it is told to end (SIGINT, SIGTERM: with a fade), or the request says so. Everything but
/// processing and decoding happens on the calling thread. Blocking.
[[nodiscard]] tl::expected<void, LiveFailure> run_live(const preset::Preset& preset, const LiveRequest& request);

}  // namespace stemwire::session
