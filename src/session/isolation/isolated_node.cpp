// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/isolation/isolated_node.hpp"

#include <utility>

#include "session/isolation/isolation.hpp"

namespace stemwire::session {

using isolation::LineHead;

IsolatedNode::IsolatedNode(const preset::NodeModel& model, std::shared_ptr<const std::string> preset_text, Isolation& isolation)
    : StandInNode(model.settings), name_(model.name), inputs_(static_cast<std::uint32_t>(channel_count(model.ports.inputs))),
      outputs_(static_cast<std::uint32_t>(channel_count(model.ports.outputs))), preset_text_(std::move(preset_text)), isolation_(isolation)
{
}

IsolatedNode::~IsolatedNode()
{
    isolation_.leave(*this);
}

Expected<void> IsolatedNode::prepare(const Preparation& preparation)
{
    auto memory = isolation::LineMemory::make({.inputs = inputs_, .outputs = outputs_, .latency = preparation.quantum,
                                               .values = static_cast<std::uint32_t>(live().all().size()), .meters = inputs_ + outputs_,
                                               .quantum = preparation.quantum, .rate_hz = preparation.rate_hz},
                                              *preset_text_);
    if (!memory) return tl::unexpected(memory.error());
    memory_ = std::move(*memory);
    sender_.prepare(memory_);
    cues_ = 0;
    comes_ = true;
    exchange(true);
    isolation_.enter(*this, memory_);
    return {};
}

std::uint32_t IsolatedNode::latency() const noexcept
{
    return (outputs_ > 0 ? memory_->shape().latency : 0) + StandInNode::latency();
}

void IsolatedNode::cue(const Cue& cue)
{
    memory_->head().cue.set({cue, ++cues_});
}

bool IsolatedNode::cued(Epoch epoch) const noexcept
{
    const LineHead& head = memory_->head();
    if (head.lives.load(std::memory_order_acquire) == 0) return !comes_;
    return owned() == nullptr || (head.cue_answered.load(std::memory_order_acquire) == cues_ && StandInNode::cued(epoch));
}

void IsolatedNode::exchange(bool comes)
{
    comes_ = comes;
    const auto values = memory_->values();
    for (std::size_t index = 0; index < values.size(); ++index) values[index].store(live().all()[index].get(), std::memory_order_relaxed);
    refresh_meters();
}

}  // namespace stemwire::session
