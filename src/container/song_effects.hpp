// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "container/song.hpp"

namespace stemwire::container {

/// A unit of an effects chain, as it is written: `limiter: { ceiling: -1 dB }`.
struct ChainUnit {
    std::string yaml;
};

/// A reverb. `impulse` names the impulse response as the song does.
struct ReverbUnit {
    std::string impulse;
    double mix;       ///< 0 … 1, linear: wet × mix + dry × (1 − mix)
    double tail_db;   ///< at most 0
};

/// What is not heard.
struct SilentUnit {
    std::string reason;   ///< `is off`; or, with `is_missed`, why it cannot be done
    bool is_missed;       ///< the song sounds otherwise without it
};

using EffectUnit = std::variant<ChainUnit, ReverbUnit, SilentUnit>;

/// What of ours does what this effect does. Values out of our range are brought into it.
[[nodiscard]] EffectUnit translate(const SongEffect& effect);

}  // namespace stemwire::container
