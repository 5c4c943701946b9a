// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "rt/published.hpp"
#include "stemwire/units.hpp"

namespace stemwire::host {

/// Where a driver's clock stands on the session's: what lets several processes count the same frames.
struct ClockMap {
    std::uint32_t driver = UINT32_MAX;  ///< the driver's clock; UINT32_MAX: none yet
    std::uint64_t position = 0;         ///< on the driver's clock, in frames
    Frames frame = 0;                   ///< the session's clock there
};

/// Lies in memory that processes share: one of them says, the others follow.
struct SharedClock {
    enum class Role { leads, follows };
    rt::Published<ClockMap>* map = nullptr;  ///< null: the session has one process
    Role role = Role::leads;
};

}  // namespace stemwire::host
