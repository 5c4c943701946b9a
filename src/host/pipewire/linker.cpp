// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/linker.hpp"

#include <algorithm>

namespace stemwire::host {

namespace {

using namespace std::chrono_literals;

/// Links that are asked for at a time. One brings about 1.9 KiB from the server (measured), and 0.3.65 loses file descriptors where
/// more than 32 KiB come in one burst: decision 0010.
constexpr std::size_t most_in_flight = 12;
constexpr auto answer_patience = 5s;
constexpr auto first_retry = 100ms;
constexpr auto longest_retry = 5s;
/// A refusal that goes away by itself (a port that has just appeared) is no news.
constexpr int attempts_before_message = 3;
/// Who has let go for as long does not fight.
constexpr auto peace = 10s;
constexpr int cuts_before_message = 4;

}  // namespace

void Linker::reconcile(const std::vector<WantedLink>& wanted, const Registry& registry, Clock::time_point now)
{
    for (auto& [key, record] : records_) record.wanted = false;
    for (const WantedLink& link : wanted) records_[{link.from, link.to}].wanted = true;
    pending_.clear();
    sweep(registry);
    in_flight_ = static_cast<std::size_t>(std::ranges::count(records_, Phase::requested, [](const auto& entry) { return entry.second.phase; }));
    status_.clear();
    unfinished_ = 0;
    retrying_ = false;
    for (const WantedLink& link : wanted) {
        Record& record = records_[{link.from, link.to}];
        step(record, link, registry, now);
        const bool done = record.phase == Phase::made || record.phase == Phase::cut;
        if (in_scope(link) && link.makeable() && !done) ++unfinished_;
        retrying_ |= record.phase == Phase::refused || record.phase == Phase::requested;
        status_.push_back({link.from, link.to, record.phase == Phase::made ? LinkState::made : record.phase == Phase::cut ? LinkState::cut : LinkState::waiting});
    }
}

/// Takes away what nobody wants any more, and forgets it once the server has.
void Linker::sweep(const Registry& registry)
{
    for (auto& [key, record] : records_) {
        if (record.wanted || record.phase == Phase::dropped) continue;
        const bool heard = record.proxy && registry.has_link(record.output_port, record.input_port);
        if (permitted_ || !heard) drop(record);
        else pending_.push_back({key.first, key.second, record.output_port, record.input_port});
    }
    std::erase_if(records_, [&](const auto& entry) { return !entry.second.wanted && entry.second.phase == Phase::dropped && connection_.synced(entry.second.ticket); });
}

void Linker::step(Record& record, const WantedLink& link, const Registry& registry, Clock::time_point now)
{
    follow_ports(record, link);
    if (record.phase == Phase::dropped && connection_.synced(record.ticket)) record.phase = Phase::absent;
    if (record.phase == Phase::dropped) return;
    if (enforced_ && record.phase == Phase::cut) record.phase = Phase::absent;
    if (!in_scope(link)) {
        if (record.phase != Phase::absent && record.phase != Phase::cut) drop(record);
        return;
    }
    if (!link.makeable()) return;
    if (record.proxy && record.proxy->refused()) return refuse(record, link, now);
    if (record.proxy && record.proxy->gone()) {
        // Perhaps before it was ready: then it was made all the same.
        if (record.phase == Phase::requested) --in_flight_;
        record.phase = Phase::made;
        record.proxy.reset();
    }
    if (registry.has_link(record.output_port, record.input_port)) {
        if (record.proxy && !record.proxy->ready()) return;
        if (record.phase == Phase::requested) --in_flight_;
        record.phase = Phase::made;
        record.attempts = 0;
        cut_.erase({link.from, link.to});
        return;
    }
    switch (record.phase) {
    case Phase::made:
    case Phase::vanished: return vanish(record, link, now);
    case Phase::requested:
        if (now >= record.next_try) refuse(record, link, now);
        return;
    case Phase::refused:
        if (now < record.next_try) return;
        [[fallthrough]];
    case Phase::absent: return request(record, link, now);
    case Phase::cut:
    case Phase::dropped: return;
    }
}

/// A link whose ports are gone, or others of the same name by now, begins anew; but what somebody cut stays cut.
void Linker::follow_ports(Record& record, const WantedLink& link)
{
    const bool same = link.makeable() && record.output_port == *link.output_port && record.input_port == *link.input_port;
    if (same) return;
    record.proxy.reset();
    record.output_port = link.output_port.value_or(0);
    record.input_port = link.input_port.value_or(0);
    if (record.phase != Phase::cut) record.phase = Phase::absent;
    record.attempts = 0;
}

void Linker::request(Record& record, const WantedLink& link, Clock::time_point now)
{
    if (!enforced_ && cut_.contains({link.from, link.to})) {
        record.phase = Phase::cut;
        return;
    }
    if (!permitted_) return pending_.push_back({link.from, link.to, record.output_port, record.input_port});
    if (in_flight_ >= most_in_flight) return;
    // Passive between our own: while nothing drives us, nodes stay idle until all links are there.
    record.proxy = LinkProxy::make(connection_.core(), record.output_port, record.input_port, {.passive = link.own}, changed_);
    record.phase = Phase::requested;
    record.next_try = now + answer_patience;
    ++in_flight_;
    if (!record.proxy) refuse(record, link, now);
}

void Linker::refuse(Record& record, const WantedLink& link, Clock::time_point now)
{
    const std::string why = record.proxy && !record.proxy->error().empty() ? record.proxy->error() : "no answer";
    record.proxy.reset();
    if (record.phase == Phase::requested) --in_flight_;
    record.phase = Phase::refused;
    record.next_try = now + std::min<Clock::duration>(first_retry * (1 << std::min(record.attempts, 10)), longest_retry);
    if (++record.attempts == attempts_before_message) say_("the server refuses the link " + link.text() + " (" + why + "); trying on");
}

/// When a port goes away its links are announced first: only after the server's next answer is it known that both ports stayed.
void Linker::vanish(Record& record, const WantedLink& link, Clock::time_point now)
{
    record.proxy.reset();
    if (record.phase == Phase::made) {
        record.phase = Phase::vanished;
        record.ticket = connection_.sync();
    } else if (connection_.synced(record.ticket)) {
        if (enforced_) return heal(record, link, now);
        record.phase = Phase::cut;
        cut_.insert({link.from, link.to});
        say_("the link " + link.text() + " was cut by hand, and is left so");
    }
}

/// Made again, but less and less often where somebody cuts it again and again.
void Linker::heal(Record& record, const WantedLink& link, Clock::time_point now)
{
    record.cuts = now - record.cut_at > peace ? 1 : record.cuts + 1;
    record.cut_at = now;
    record.phase = Phase::refused;
    record.next_try = now + std::min<Clock::duration>(first_retry * (1 << std::min(record.cuts - 1, 10)), longest_retry);
    if (record.cuts == 1) say_("the link " + link.text() + " was cut by others; making it again");
    else if (record.cuts == cuts_before_message) say_("somebody cuts the link " + link.text() + " again and again; making it less and less often");
}

std::set<LinkEnds> Linker::ends() const
{
    std::set<LinkEnds> all;
    for (const auto& [name, record] : records_) all.insert({record.output_port, record.input_port});
    return all;
}

void Linker::drop(Record& record)
{
    record.proxy.reset();
    record.phase = Phase::dropped;
    record.ticket = connection_.sync();
}

bool Linker::active() const
{
    return std::ranges::all_of(records_, [](const auto& entry) { return !entry.second.proxy || entry.second.proxy->active(); });
}

}  // namespace stemwire::host
