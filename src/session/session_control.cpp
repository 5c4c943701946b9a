// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/session_control.hpp"

namespace stemwire::session {

std::string_view to_string(TransportState state) noexcept
{
    switch (state) {
    case TransportState::stopped: return "stopped";
    case TransportState::starting: return "starting";
    case TransportState::playing: break;
    }
    return "playing";
}

}  // namespace stemwire::session
