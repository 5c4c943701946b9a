// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session_control.hpp"

namespace stemwire::cli {

/// The levels of every node's meters, and where the transport is, on the last lines of a terminal.
class MetersView {
public:
    /// Draws over what it drew before.
    void show(const session::SessionControl& session);
    /// Takes itself off the screen, so that a message can be written.
    void clear();

private:
    int lines_ = 0;
};

}  // namespace stemwire::cli
