// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "preset/preset.hpp"

namespace stemwire::preset {

/// One step down a preset's tree: into the entry of a map that has this key, or into this item of a list.
struct Step {
    std::string key{};
    std::optional<std::size_t> item{};
    const Value* values = nullptr;   ///< where the key is that of a gain_map: what it is worth, for one that the preset leaves out
};

/// The number that an address leads to, and how to get there from the preset's root. Lives as long as the preset, which keeps its size.
struct Place {
    const Parameter* row = nullptr;
    std::vector<Step> steps;
    double* number = nullptr;
    bool* given = nullptr;
};

/// Every number of a preset's nodes by its address, live or not: `mix.drums.gain`, `master.eq.bands.1.gain`, `hall.predelay`.
[[nodiscard]] std::map<std::string, Place, std::less<>> numbers_of(Preset& preset);

}  // namespace stemwire::preset
