// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "host/live_host.hpp"
#include "session/hosted_graph.hpp"
#include "session/instance.hpp"
#include "session/session_control.hpp"

/// Between an instance and a live host: what the host is to have, and what there is to be said of both.
namespace stemwire::session {

/// What the host's graph shall be. `name`: of the session, in front of every node's.
[[nodiscard]] host::Wanted wanted_graph(const Instance& instance, const HostedGraph& hosted, const std::string& name);

/// The address `NODE.PARAM` of what a server calls parameter `address` of node `graph_name`: in a fused node, the address has the member's name already.
[[nodiscard]] std::string parameter_address(const HostedGraph& hosted, const std::string& name, const std::string& graph_name, const std::string& address);

/// All of a session's status that can be read off nodes and host; transport and name are the session's.
[[nodiscard]] SessionStatus live_status(const Instance& instance, const HostedGraph& hosted, const host::LiveHost& host);

/// Which frames were silent because somebody was late, and who: `frames that were not decoded in time: 0, not worked out in time by a thread of its own
/// (voice): 256`. The first number is always there.
[[nodiscard]] std::string missed_frames(const Instance& instance);

/// What a start does without when it does not wait any longer, as words for the user.
[[nodiscard]] std::string not_ready(const Instance& instance, const HostedGraph& hosted, const host::LiveHost& host, Epoch epoch);

}  // namespace stemwire::session
