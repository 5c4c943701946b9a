// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/shared/remote_node.hpp"

#include <algorithm>

namespace stemwire::session {

void RemoteNode::process(const Block& block) noexcept
{
    for (float* output : block.outputs) std::fill_n(output, block.frames, 0.0f);
}

std::span<const shared::MeterRecord> RemoteNode::meter_records() const noexcept
{
    const shared::NodeRecord* said = record();
    return said != nullptr ? session_.meters(*said) : std::span<const shared::MeterRecord>();
}

}  // namespace stemwire::session
