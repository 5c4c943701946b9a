// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/make_host.hpp"
#include "preset/preset.hpp"
#include "session/session_control.hpp"
#include "stemwire/error.hpp"

namespace stemwire::session {

struct LiveRequest {
    host::Backend backend = host::Backend::pipewire;
    bool one_jack_client = false;              ///< in JACK, all nodes are parts of one client
    std::string remote;                        ///< the server's name; empty: as the environment says
    bool private_server = false;               ///< start a PipeWire of our own
    std::optional<double> duration_seconds;    ///< leave after this much of the timeline; of time, where the transport does not start by itself
    std::vector<std::string> own_nodes;        ///< only these nodes of the preset, the rest being run by other processes; empty: all
    std::vector<std::string> command;          ///< begins the process of an isolated node of the same preset; empty: they have none, and work here
    bool exit_at_end = false;                  ///< leave when all tracks have ended and the tails have died away
    std::function<void(const std::string&)> say;   ///< one line for the user
    /// Called ten times a second on the main loop; may be empty.
    std::function<void(const SessionControl&)> view;
    /// Called once, before any node is on the graph, for who serves the session; what it returns lives until the session ends. An error ends the session. May be empty.
    std::function<Expected<std::shared_ptr<void>>(SessionControl&)> attach;
    /// Reads the preset again after its file was saved; empty: the file is not watched.
    std::function<preset::Loaded()> reload;
};

struct LiveFailure {
    Errors errors;
    bool no_server = false;
};

/// Runs a preset in a sound server until it is told to end (SIGINT, SIGTERM: with a fade), or the request says so. Everything but
/// processing, decoding and building what an edit needs happens on the calling thread. Blocking.
[[nodiscard]] tl::expected<void, LiveFailure> run_live(const preset::Preset& preset, const LiveRequest& request);

}  // namespace stemwire::session
