// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/jack/link_book.hpp"

#include <algorithm>
#include <utility>

namespace stemwire::host {

namespace {

using namespace std::chrono_literals;

/// A program that ends takes its links away before its ports: a link without which both ports stay this long was cut.
constexpr auto cut_after = 100ms;
/// How long the server's own picture may lag behind what it was asked.
constexpr auto answer_patience = 1s;
constexpr auto first_retry = 100ms;
constexpr auto longest_retry = 5s;
/// A link that has stayed for this long is no longer fought over.
constexpr auto peace_after = 10s;
constexpr int attempts_before_message = 3;

LinkBook::Clock::duration retry_after(int attempts)
{
    return std::min<LinkBook::Clock::duration>(first_retry * (1 << std::min(attempts, 10)), longest_retry);
}

std::string text(const LinkKey& link)
{
    return link.first + " -> " + link.second;
}

}  // namespace

std::vector<LinkBook::Change> LinkBook::plan(const std::vector<LinkWish>& wishes, const PortMap& map, LinkPolicy policy, Clock::time_point now)
{
    changes_.clear();
    unfinished_ = 0;
    waiting_ = false;
    policy_ = policy;
    note_wishes(wishes, map);
    for (const LinkWish& wish : wishes) {
        Record& record = records_[wish.link];
        step(wish.link, record, map, wish.makeable, now);
        if (wish.makeable && record.phase != Phase::made && record.phase != Phase::cut) ++unfinished_;
    }
    for (auto& [link, record] : records_) {
        if (record.wish == Wish::theirs) step(link, record, map, map.has(link.first) && map.has(link.second), now);
        if (record.wish == Wish::none && map.linked(link)) drop(link, record, now);
        else if (record.wish == Wish::none) record.phase = Phase::absent;
    }
    std::erase_if(records_, [&](const auto& entry) {
        const Record& record = entry.second;
        return (record.wish == Wish::none && !map.linked(entry.first) && now - record.since > peace_after) || (record.wish == Wish::theirs && record.phase == Phase::cut);
    });
    report(wishes);
    return changes_;
}

/// A link that nobody wished for was drawn by somebody; one that was wished for, and is no more, is ours to take away.
void LinkBook::note_wishes(const std::vector<LinkWish>& wishes, const PortMap& map)
{
    const bool keep = policy_ == LinkPolicy::keep;
    for (const LinkKey& link : map.links) {
        const auto [found, is_new] = records_.try_emplace(link);
        Record& record = found->second;
        const bool drawn = is_new || (record.wish == Wish::none && record.phase == Phase::absent);
        if (keep && drawn) record = {.wish = Wish::theirs};
    }
    for (auto& [link, record] : records_)
        if (record.wish == Wish::ours || !keep) record.wish = Wish::none;
    for (const LinkWish& wish : wishes) {
        Record& record = records_[wish.link];
        record.wish = Wish::ours;
        if (std::exchange(record.dropping, false)) record.phase = Phase::absent;
        if (!keep && record.phase == Phase::cut) record.phase = Phase::refused;
    }
}

void LinkBook::step(const LinkKey& link, Record& record, const PortMap& map, bool makeable, Clock::time_point now)
{
    if (map.linked(link)) {
        if (record.phase != Phase::made) record.since = now;
        else if (now - record.since > peace_after) record.attempts = 0;
        record.phase = Phase::made;
        record.unregistered = map.unregistered;
        return;
    }
    if (!makeable) {
        if (record.phase != Phase::cut) record.phase = Phase::absent;
        return;
    }
    switch (record.phase) {
    case Phase::absent: return ask(link, record, true, now);
    case Phase::asked:
        if (now >= record.next_try) back_off(link, record, "no answer", now);
        break;
    case Phase::made:
        record.phase = Phase::vanished;
        record.since = now;
        break;
    case Phase::vanished:
        if (now - record.since >= cut_after) lose(link, record, map, now);
        break;
    case Phase::refused:
        if (now >= record.next_try) return ask(link, record, true, now);
        break;
    case Phase::cut: return;
    }
    waiting_ = true;
}

/// Both ports are there, but are they the same? One that went away and came back between two looks has lost its links without anybody's wish.
void LinkBook::lose(const LinkKey& link, Record& record, const PortMap& map, Clock::time_point now)
{
    if (map.unregistered != record.unregistered) return ask(link, record, true, now);
    if (policy_ == LinkPolicy::enforce && record.wish == Wish::ours) return back_off(link, record, "somebody cuts it again and again", now);
    record.phase = Phase::cut;
    if (record.wish == Wish::ours) say_("the link " + text(link) + " was cut by hand, and is left so");
}

void LinkBook::drop(const LinkKey& link, Record& record, Clock::time_point now)
{
    waiting_ = true;
    if (record.dropping && now < record.next_try) return;
    if (record.attempts == attempts_before_message) say_("the link " + text(link) + " is not in the preset, and somebody draws it again and again");
    record.dropping = true;
    record.since = now;
    ask(link, record, false, now);
    record.next_try = now + retry_after(record.attempts++);
}

void LinkBook::ask(const LinkKey& link, Record& record, bool connect, Clock::time_point now)
{
    record.phase = Phase::asked;
    record.next_try = now + answer_patience;
    waiting_ = true;
    // Made before others are taken away.
    const auto place = connect ? std::ranges::find(changes_, false, &Change::connect) : changes_.end();
    changes_.insert(place, {link, connect});
}

void LinkBook::refused(const Change& change, Clock::time_point now)
{
    if (const auto found = records_.find(change.link); found != records_.end()) back_off(change.link, found->second, "the server refuses it", now);
}

void LinkBook::back_off(const LinkKey& link, Record& record, const std::string& why, Clock::time_point now)
{
    record.phase = Phase::refused;
    record.next_try = now + retry_after(record.attempts);
    waiting_ = true;
    if (++record.attempts == attempts_before_message) say_("the link " + text(link) + " cannot be kept (" + why + "); trying on");
}

void LinkBook::forget_server()
{
    for (auto& [link, record] : records_)
        if (record.phase != Phase::cut) record = {.wish = record.wish};
}

void LinkBook::report(const std::vector<LinkWish>& wishes)
{
    status_.clear();
    const auto state = [](const Record& record) {
        return record.phase == Phase::made ? LinkState::made : record.phase == Phase::cut ? LinkState::cut : LinkState::waiting;
    };
    for (const LinkWish& wish : wishes) status_.push_back({wish.link.first, wish.link.second, state(records_.at(wish.link))});
    for (const auto& [link, record] : records_)
        if (record.wish == Wish::theirs && record.phase == Phase::made) status_.push_back({link.first, link.second, LinkState::drawn});
}

}  // namespace stemwire::host
