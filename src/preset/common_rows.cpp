// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/common_rows.hpp"

#include <array>

namespace stemwire::preset {

namespace {

constexpr std::array<Parameter, 1> rows{{
    {.name = "isolate", .kind = Kind::flag, .description = "runs in a process of its own, which may fail alone"},
}};

std::vector<std::string_view> keys()
{
    std::vector<std::string_view> names{"type"};
    for (const Parameter& row : rows) names.push_back(row.name);
    return names;
}

}  // namespace

std::span<const Parameter> common_rows() noexcept
{
    return rows;
}

const std::vector<std::string_view>& common_keys()
{
    static const std::vector<std::string_view> names = keys();
    return names;
}

}  // namespace stemwire::preset
