// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>

#include "stemwire/node.hpp"

namespace stemwire {

// A node type is added here, and in its own folder.
extern const NodeType track_type;
extern const NodeType mixer_type;
extern const NodeType effects_type;
extern const NodeType reverb_type;
extern const NodeType generator_type;
extern const NodeType recorder_type;
extern const NodeType lv2_type;

namespace {

constexpr std::array<const NodeType*, 7> types{&track_type, &mixer_type, &effects_type, &reverb_type, &generator_type,
                                             &recorder_type, &lv2_type};

}  // namespace

std::span<const NodeType* const> node_types() noexcept
{
    return types;
}

const NodeType* find_node_type(std::string_view name) noexcept
{
    const auto found = std::ranges::find(types, name, [](const NodeType* type) { return type->name; });
    return found == types.end() ? nullptr : *found;
}

}  // namespace stemwire
