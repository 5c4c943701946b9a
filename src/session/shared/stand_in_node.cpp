// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/shared/stand_in_node.hpp"

#include <algorithm>
#include <cstring>

#include "session/shared/shared_session.hpp"

namespace stemwire::session {

const shared::NodeRecord* StandInNode::owned() const noexcept
{
    const shared::NodeRecord* said = record();
    return said != nullptr && SharedSession::owner(*said) ? said : nullptr;
}

/// Also of an owner that died: it will be back, and delays that come and go with it would be heard.
std::uint32_t StandInNode::latency() const noexcept
{
    const shared::NodeRecord* said = record();
    return said != nullptr ? said->latency.load(std::memory_order_relaxed) : 0;
}

Frames StandInNode::tail() const noexcept
{
    const shared::NodeRecord* said = owned();
    return said != nullptr ? said->tail.load(std::memory_order_relaxed) : 0;
}

bool StandInNode::cued(Epoch epoch) const noexcept
{
    const shared::NodeRecord* said = owned();
    return said == nullptr || said->cued_epoch.load(std::memory_order_acquire) == epoch;
}

std::optional<Frames> StandInNode::end() const noexcept
{
    const shared::NodeRecord* said = owned();
    return said != nullptr && said->has_end.load(std::memory_order_acquire) ? std::optional(said->end.load(std::memory_order_relaxed)) : std::nullopt;
}

bool StandInNode::end_known() const noexcept
{
    const shared::NodeRecord* said = owned();
    return said == nullptr || said->end_known.load(std::memory_order_relaxed);
}

std::uint64_t StandInNode::missing_frames() const noexcept
{
    const shared::NodeRecord* said = record();
    return said != nullptr ? said->missing_frames.load(std::memory_order_relaxed) : 0;
}

std::optional<double> StandInNode::buffered_seconds() const noexcept
{
    const shared::NodeRecord* said = owned();
    const double seconds = said != nullptr ? said->buffered_seconds.load(std::memory_order_relaxed) : -1.0;
    return seconds >= 0 ? std::optional(seconds) : std::nullopt;
}

void StandInNode::refresh_meters()
{
    const shared::NodeRecord* said = record();
    if (said == nullptr) return;
    const auto levels = meter_records();
    const auto used = std::min<std::size_t>(said->meters_used.load(std::memory_order_acquire), levels.size());
    for (std::size_t index = 0; index < used; ++index) {
        const shared::MeterRecord& level = levels[index];
        if (index == meters_.size()) {
            Meter& meter = meters_.emplace_back();
            meter.name = std::string(level.name.data(), strnlen(level.name.data(), level.name.size()));
            meter.is_output = level.is_output.load();
        }
        meters_[index].peak.store(level.peak.load(std::memory_order_relaxed), std::memory_order_relaxed);
        meters_[index].mean_square.store(level.mean_square.load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
}

void StandInNode::tell(NodeStatus& status) const
{
    const shared::NodeRecord* said = record();
    if (said == nullptr) return;
    const bool lives = owned() != nullptr;
    status.cycles = said->cycles.load(std::memory_order_relaxed);
    status.state = lives ? (status.cycles > 0 ? "running" : "waiting") : said->owner.load() != 0 ? "lost" : "waiting";
    status.load_mean_us = said->load_mean_us.load(std::memory_order_relaxed);
    status.load_worst_us = said->load_worst_us.load(std::memory_order_relaxed);
}

void publish(Node& node, Epoch cued_epoch, shared::NodeRecord& record, std::span<shared::MeterRecord> meters) noexcept
{
    record.latency.store(node.latency(), std::memory_order_relaxed);
    record.tail.store(node.tail(), std::memory_order_relaxed);
    record.end.store(node.end().value_or(endless), std::memory_order_relaxed);
    record.has_end.store(node.end().has_value(), std::memory_order_release);
    record.end_known.store(node.end_known(), std::memory_order_relaxed);
    record.missing_frames.store(node.missing_frames(), std::memory_order_relaxed);
    record.buffered_seconds.store(node.buffered_seconds().value_or(-1.0), std::memory_order_relaxed);
    if (node.cued(cued_epoch)) record.cued_epoch.store(cued_epoch, std::memory_order_release);
    const std::size_t used = std::min(node.meters().size(), meters.size());
    for (std::size_t index = 0; index < used; ++index) {
        const Meter& meter = node.meters()[index];
        shared::MeterRecord& said = meters[index];
        if (said.name[0] == '\0') meter.name.copy(said.name.data(), shared::name_length - 1);
        said.is_output.store(meter.is_output, std::memory_order_relaxed);
        said.peak.store(meter.peak.load(std::memory_order_relaxed), std::memory_order_relaxed);
        said.mean_square.store(meter.mean_square.load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
    record.meters_used.store(static_cast<std::uint32_t>(used), std::memory_order_release);
}

}  // namespace stemwire::session
