// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "preset/preset.hpp"
#include "stemwire/node.hpp"

namespace stemwire::session {

/// Bytes that the nodes of a preset may take together: what its user says (`--memory`), or in proportion to what they are made of, so that a kilobyte from
/// somebody else cannot have hundreds of megabytes, and a show of a hundred tracks and ten long reverbs has four times what it needs. At most 1 GiB by itself.
[[nodiscard]] std::size_t memory_allowance(const preset::Preset& preset);

/// What the nodes of a preset may still take from here on. Thread: any.
class MemoryBudget {
public:
    explicit MemoryBudget(const preset::Preset& preset);

    /// Prepares a node; an error that says so where it and those before it have taken more, or there is not enough memory.
    [[nodiscard]] Expected<void> prepare(Node& node, const Preparation& preparation) const;

private:
    std::size_t allowance_;
    std::size_t most_taken_;
};

}  // namespace stemwire::session
