// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/xrun_log.hpp"

#include <utility>

namespace stemwire::session {

namespace {

constexpr std::size_t most_records = 16;

}  // namespace

XrunRecord XrunLog::longest(const Instance& instance)
{
    XrunRecord record;
    for (host::NodeRunner* runner : instance.runners()) {
        const host::Spike spike = runner->take_spike();
        if (spike.us <= record.node_us) continue;
        record.node = runner->name();
        record.node_us = spike.us;
        record.clock_frame = spike.clock;
    }
    return record;
}

void XrunLog::look(const Instance& instance, const Cycle& cycle)
{
    XrunRecord record = longest(instance);
    // Who was late was so before anybody missed the cycle: perhaps before the last look.
    std::swap(record, before_);
    if (before_.node_us > record.node_us) record = before_;
    if (cycle.xruns <= xruns_) return;
    before_ = {};
    record.missed_cycles = cycle.xruns - xruns_;
    xruns_ = cycle.xruns;
    record.timeline_seconds = cycle.timeline_seconds;
    if (cycle.rate_hz > 0) record.budget_us = 1e6 * cycle.quantum / cycle.rate_hz;
    records_.push_back(std::move(record));
    if (records_.size() > most_records) records_.pop_front();
}

}  // namespace stemwire::session
