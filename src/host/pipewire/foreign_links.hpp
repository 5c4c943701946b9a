// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "host/live_host.hpp"
#include "host/pipewire/connection.hpp"
#include "host/pipewire/link_proxy.hpp"
#include "host/pipewire/registry.hpp"

namespace stemwire::host {

/// A link by the names of its ports, `node:port`.
using LinkName = std::pair<std::string, std::string>;
/// A link by the server's ids of its ports, the output first.
using LinkEnds = std::pair<GlobalId, GlobalId>;

/// Links at our ports that others made. By LinkPolicy::keep they are remembered, and made again when a port of theirs was away and is back; by
/// LinkPolicy::enforce they are taken away, more and more slowly where somebody makes them again and again.
class ForeignLinks {
public:
    using Clock = std::chrono::steady_clock;

    ForeignLinks(Connection& connection, std::function<void()> changed, std::function<void(const std::string&)> say)
        : connection_(connection), changed_(std::move(changed)), say_(std::move(say)) {}

    /// Links that somebody drew in another server's life: they are made once their ports are there.
    void remember(const std::set<LinkName>& drawn);
    [[nodiscard]] std::set<LinkName> drawn() const;

    /// `ours`: our nodes; `known`: links that are wanted, or were and are about to go.
    void reconcile(const std::set<GlobalId>& ours, const std::set<LinkEnds>& known, LinkPolicy policy, Registry& registry, Clock::time_point now = Clock::now());
    /// True where there is something to be tried again.
    [[nodiscard]] bool retrying() const noexcept { return retrying_; }
    /// What others drew and is there.
    [[nodiscard]] std::vector<LinkStatus> status() const;

private:
    struct Drawn {
        LinkEnds ends{SPA_ID_INVALID, SPA_ID_INVALID};  ///< when it was last there, or asked for
        bool there = false;
        bool vanished = false;               ///< and `ticket` decides whether its ports stayed
        int ticket = 0;
        std::unique_ptr<LinkProxy> proxy{};  ///< while it is asked for
    };
    struct Fight {
        int attempts = 0;
        Clock::time_point next_try{};
    };

    void meet(const LinkEnds& ends, LinkPolicy policy, Registry& registry, Clock::time_point now);
    void remove(const LinkName& name, const LinkEnds& ends, Registry& registry, Clock::time_point now);
    /// True where somebody took it away while both its ports stayed: it is to be forgotten.
    [[nodiscard]] bool follow(const LinkName& name, Drawn& drawn, const Registry& registry);

    Connection& connection_;
    std::function<void()> changed_;
    std::function<void(const std::string&)> say_;
    std::map<LinkName, Drawn> drawn_;
    std::map<LinkName, Fight> fights_;
    bool retrying_ = false;
};

}  // namespace stemwire::host
