// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>

#include "host/live_host.hpp"
#include "rt/published.hpp"

namespace stemwire::host {

/// Sees in every cycle where the server's own transport is, and tells control when it was moved.
class TransportWatch {
public:
    /// A cycle of so many frames. Several clients of one process may see the same one. Guarantee: wait-free. Thread: a data loop.
    void see(const CycleStart& start, std::uint32_t frames) noexcept;

    /// As of the latest cycle; before the first, it stands at 0. Guarantee: lock-free. Thread: control.
    [[nodiscard]] GraphTransport latest() const noexcept { return published_.get(); }

private:
    std::atomic<bool> seeing_{false};
    std::atomic<Frames> seen_{endless};  ///< the latest cycle that somebody saw
    // Of who sees.
    GraphTransport now_{};
    Frames expected_ = 0;

    rt::Published<GraphTransport> published_;
};

}  // namespace stemwire::host
