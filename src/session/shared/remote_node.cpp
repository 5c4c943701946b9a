// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/shared/remote_node.hpp"

#include <algorithm>

namespace stemwire::session {

void RemoteNode::process(const Block& block) noexcept
{
    for (float* output : block.outputs) std::fill_n(output, block.frames, 0.0f);
}

const shared::NodeRecord* RemoteNode::owned() const noexcept
{
    const shared::NodeRecord* record = session_.find(name_);
    return record != nullptr && SharedSession::owner(*record) ? record : nullptr;
}

/// Also of an owner that died: it will be back, and delays that come and go with it would be heard.
std::uint32_t RemoteNode::latency() const noexcept
{
    const shared::NodeRecord* record = session_.find(name_);
    return record != nullptr ? record->latency.load(std::memory_order_relaxed) : 0;
}

Frames RemoteNode::tail() const noexcept
{
    const shared::NodeRecord* record = owned();
    return record != nullptr ? record->tail.load(std::memory_order_relaxed) : 0;
}

bool RemoteNode::cued(Epoch epoch) const noexcept
{
    const shared::NodeRecord* record = owned();
    return record == nullptr || record->cued_epoch.load(std::memory_order_acquire) == epoch;
}

std::optional<Frames> RemoteNode::end() const noexcept
{
    const shared::NodeRecord* record = owned();
    return record != nullptr && record->has_end.load(std::memory_order_acquire) ? std::optional(record->end.load(std::memory_order_relaxed)) : std::nullopt;
}

bool RemoteNode::end_known() const noexcept
{
    const shared::NodeRecord* record = owned();
    return record == nullptr || record->end_known.load(std::memory_order_relaxed);
}

std::uint64_t RemoteNode::missing_frames() const noexcept
{
    const shared::NodeRecord* record = session_.find(name_);
    return record != nullptr ? record->missing_frames.load(std::memory_order_relaxed) : 0;
}

std::optional<double> RemoteNode::buffered_seconds() const noexcept
{
    const shared::NodeRecord* record = owned();
    const double seconds = record != nullptr ? record->buffered_seconds.load(std::memory_order_relaxed) : -1.0;
    return seconds >= 0 ? std::optional(seconds) : std::nullopt;
}

void RemoteNode::refresh_meters()
{
    const shared::NodeRecord* record = session_.find(name_);
    if (record == nullptr) return;
    const std::uint32_t used = std::min(record->meters_used.load(std::memory_order_acquire), record->meters);
    for (std::uint32_t index = 0; index < used; ++index) {
        const shared::MeterRecord& said = session_.layout().meters[record->first_meter + index];
        if (index == meters_.size()) {
            Meter& meter = meters_.emplace_back();
            meter.name = said.name.data();
            meter.is_output = said.is_output.load();
        }
        meters_[index].peak.store(said.peak.load(std::memory_order_relaxed), std::memory_order_relaxed);
        meters_[index].mean_square.store(said.mean_square.load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
}

void publish(Node& node, Epoch cued_epoch, SharedSession& session, shared::NodeRecord& record) noexcept
{
    record.latency.store(node.latency(), std::memory_order_relaxed);
    record.tail.store(node.tail(), std::memory_order_relaxed);
    record.end.store(node.end().value_or(endless), std::memory_order_relaxed);
    record.has_end.store(node.end().has_value(), std::memory_order_release);
    record.end_known.store(node.end_known(), std::memory_order_relaxed);
    record.missing_frames.store(node.missing_frames(), std::memory_order_relaxed);
    record.buffered_seconds.store(node.buffered_seconds().value_or(-1.0), std::memory_order_relaxed);
    if (node.cued(cued_epoch)) record.cued_epoch.store(cued_epoch, std::memory_order_release);
    const auto meters = static_cast<std::uint32_t>(std::min<std::size_t>(node.meters().size(), record.meters));
    for (std::uint32_t index = 0; index < meters; ++index) {
        const Meter& meter = node.meters()[index];
        shared::MeterRecord& said = session.layout().meters[record.first_meter + index];
        if (said.name[0] == '\0') meter.name.copy(said.name.data(), shared::name_length - 1);
        said.is_output.store(meter.is_output, std::memory_order_relaxed);
        said.peak.store(meter.peak.load(std::memory_order_relaxed), std::memory_order_relaxed);
        said.mean_square.store(meter.mean_square.load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
    record.meters_used.store(meters, std::memory_order_release);
}

}  // namespace stemwire::session
