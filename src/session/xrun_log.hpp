// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "session/instance.hpp"
#include "session/session_control.hpp"

namespace stemwire::session {

/// Remembers the latest cycles that were missed, and which node was at work longest around them.
class XrunLog {
public:
    struct Cycle {
        std::uint64_t xruns = 0;     ///< so far
        Frames clock = 0;
        double timeline_seconds = 0;
        double rate_hz = 0;
        std::uint32_t quantum = 0;
    };
    /// To be called several times a second; looks at what every node's longest cycle was since the last call.
    void look(const Instance& instance, const Cycle& cycle);
    [[nodiscard]] std::vector<XrunRecord> latest() const { return {records_.begin(), records_.end()}; }

private:
    /// The longest cycle of any node since the last look.
    [[nodiscard]] static XrunRecord longest(const Instance& instance);

    std::uint64_t xruns_ = 0;
    XrunRecord before_;  ///< the longest up to the last look
    std::deque<XrunRecord> records_;
};

}  // namespace stemwire::session
