// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stemwire/settings.hpp"

namespace stemwire::nodes {

inline constexpr std::array<NamedValue, 2> offload_words{{{"false", 0.0}, {"true", 1.0}}};

/// The row of whatever can work in a thread of its own.
inline constexpr Parameter offload_row{
    .name = "offload", .kind = Kind::integer,
    .description = "works in a thread of its own, so many quanta later; true is one, false none: inside the cycle", .minimum = 0.0, .maximum = 16.0,
    .fallback_text = "false", .named = offload_words};

/// The table with that row at its end.
template <std::size_t rows>
constexpr std::array<Parameter, rows + 1> with_offload(const std::array<Parameter, rows>& table)
{
    std::array<Parameter, rows + 1> more{};
    for (std::size_t row = 0; row < rows; ++row) more[row] = table[row];
    more[rows] = offload_row;
    return more;
}

/// Quanta; 0 where nothing is offloaded.
[[nodiscard]] inline std::uint32_t offload_quanta(const Settings& settings)
{
    return static_cast<std::uint32_t>(settings.number("offload"));
}

}  // namespace stemwire::nodes
