// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <pipewire/pipewire.h>

#include "host/pipewire/hook.hpp"
#include "host/pipewire/local_wakes.hpp"

namespace stemwire::host {

/// Lets our own nodes wake each other without the server (decision 0030): learns from the server's messages to the nodes of this connection
/// which file each waits for and which file each writes to for whom, and keeps what goes from one of them to another in the data loop.
/// Main loop only; to be made before the first node. At the end: `stop_meeting`, then the core is disconnected, then this ends, then the context.
class DirectSignals {
public:
    DirectSignals(pw_core* core, pw_data_loop* loop);
    ~DirectSignals();
    DirectSignals(const DirectSignals&) = delete;
    DirectSignals& operator=(const DirectSignals&) = delete;

    /// While the core is still there.
    void stop_meeting();

private:
    struct Node;
    void meet(std::uint32_t proxy, std::uint32_t global);
    void leave(Node& node);
    [[nodiscard]] Node* known(std::uint32_t global) const;

    pw_core* core_;
    LocalWakes wakes_;
    Hook core_listener_;
    std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace stemwire::host
