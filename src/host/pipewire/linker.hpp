// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "host/pipewire/connection.hpp"
#include "host/pipewire/foreign_links.hpp"
#include "host/pipewire/link_proxy.hpp"
#include "host/pipewire/wanted_links.hpp"

namespace stemwire::host {

/// A link that waits for a fade before it is made or taken away.
struct PendingLink {
    std::string from;
    std::string to;
    GlobalId output_port = 0;
    GlobalId input_port = 0;
};

/// Makes the links that are there into those that are wanted, with the smallest change; called again after every change.
/// A link that somebody cut while both its ports stayed is left so, unless it is to be enforced.
class Linker {
public:
    /// Which links may be there at the moment.
    enum class Scope { none, own, all };
    using Clock = std::chrono::steady_clock;

    /// `changed` may only take note. `say` is told what a user should know.
    Linker(Connection& connection, std::function<void()> changed, std::function<void(const std::string&)> say)
        : connection_(connection), changed_(std::move(changed)), say_(std::move(say)) {}

    /// Links beyond the scope are taken away by the next reconcile.
    void set_scope(Scope scope) noexcept { scope_ = scope; }
    /// Whether links that are heard may be made and taken away; else they are pending.
    void permit(bool permitted) noexcept { permitted_ = permitted; }
    void reconcile(const std::vector<WantedLink>& wanted, const Registry& registry, Clock::time_point now = Clock::now());
    /// Whether what others cut is made again.
    void enforce(bool enforced) noexcept { enforced_ = enforced; }
    /// Links that others cut: they are left so when their ports come back.
    void remember(std::set<LinkName> cut) { cut_ = std::move(cut); }
    [[nodiscard]] const std::set<LinkName>& cut() const noexcept { return cut_; }
    /// Links that are ours to make and to take away.
    [[nodiscard]] std::set<LinkEnds> ends() const;
    /// What the latest reconcile would have made and taken away.
    [[nodiscard]] const std::vector<PendingLink>& pending() const noexcept { return pending_; }
    /// True when every link of the scope whose ports are there is made, or was cut by somebody.
    [[nodiscard]] bool complete() const noexcept { return unfinished_ == 0; }
    /// True when audio flows through all of ours.
    [[nodiscard]] bool active() const;
    /// True when a refused link waits to be tried again.
    [[nodiscard]] bool retrying() const noexcept { return retrying_; }
    /// As of the latest reconcile, in the order of the wanted links.
    [[nodiscard]] const std::vector<LinkStatus>& status() const noexcept { return status_; }

private:
    enum class Phase {
        absent,     ///< not there
        requested,  ///< the server was asked
        made,
        vanished,   ///< it was there, and nobody knows yet whether its ports will follow
        cut,        ///< somebody took it away
        dropped,    ///< we took it away, and the server may still show it
        refused,    ///< to be tried again at `next_try`
    };
    struct Record {
        Phase phase = Phase::absent;
        GlobalId output_port = 0;
        GlobalId input_port = 0;
        std::unique_ptr<LinkProxy> proxy{};
        int ticket = 0;               ///< vanished, dropped: the answer that decides
        int attempts = 0;
        Clock::time_point next_try{};  ///< requested: when to give up waiting
        int cuts = 0;                  ///< by others, one soon after the other
        Clock::time_point cut_at{};
        bool wanted = false;
    };
    void step(Record& record, const WantedLink& link, const Registry& registry, Clock::time_point now);
    void follow_ports(Record& record, const WantedLink& link);
    void request(Record& record, const WantedLink& link, Clock::time_point now);
    void refuse(Record& record, const WantedLink& link, Clock::time_point now);
    void vanish(Record& record, const WantedLink& link, Clock::time_point now);
    void heal(Record& record, const WantedLink& link, Clock::time_point now);
    void drop(Record& record);
    [[nodiscard]] bool in_scope(const WantedLink& link) const noexcept { return scope_ == Scope::all || (scope_ == Scope::own && link.own); }
    void sweep(const Registry& registry);

    Connection& connection_;
    std::function<void()> changed_;
    std::function<void(const std::string&)> say_;
    Scope scope_ = Scope::none;
    bool permitted_ = true;
    bool enforced_ = false;
    std::set<LinkName> cut_;
    std::vector<PendingLink> pending_;
    std::map<LinkName, Record> records_;
    std::vector<LinkStatus> status_;
    std::size_t unfinished_ = 0;
    std::size_t in_flight_ = 0;
    bool retrying_ = false;
};

}  // namespace stemwire::host
