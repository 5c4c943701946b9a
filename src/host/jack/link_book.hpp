// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "host/jack/link_wishes.hpp"
#include "host/jack/port_map.hpp"
#include "host/live_host.hpp"

namespace stemwire::host {

/// Knows of every link at our ports what became of it, and says what is to be done next. Asks no server, and outlives them: what was cut by hand or
/// drawn by hand is so again when a server or a program comes back.
class LinkBook {
public:
    using Clock = std::chrono::steady_clock;
    /// `say` is told what a user should know.
    explicit LinkBook(std::function<void(const std::string&)> say) : say_(std::move(say)) {}

    struct Change {
        LinkKey link;
        bool connect = true;  ///< false: disconnect
        friend bool operator==(const Change&, const Change&) = default;
    };
    /// What to do now to come from what is to what is wished, in the order in which to do it: links are made before others are taken away.
    /// Every change is to be asked for at once, or by `refused` be said to have failed.
    [[nodiscard]] std::vector<Change> plan(const std::vector<LinkWish>& wishes, const PortMap& map, LinkPolicy policy, Clock::time_point now = Clock::now());
    void refused(const Change& change, Clock::time_point now = Clock::now());
    /// Ports and links are all about to go with the server: none is cut by that.
    void forget_server();

    /// As of the latest plan: the wished links in their order, then those that others drew.
    [[nodiscard]] const std::vector<LinkStatus>& status() const noexcept { return status_; }
    /// True when every link whose ports are there is made, or was cut by somebody.
    [[nodiscard]] bool complete() const noexcept { return unfinished_ == 0; }
    /// True when time alone may bring another plan.
    [[nodiscard]] bool waiting() const noexcept { return waiting_; }

private:
    enum class Phase {
        absent,    ///< not there
        asked,     ///< the server was asked for it, or to take it away
        made,
        vanished,  ///< it was there, and nobody knows yet whether its ports will follow
        cut,       ///< somebody took it away
        refused,   ///< to be tried again at `next_try`
    };
    enum class Wish { none, ours, theirs };
    struct Record {
        Phase phase = Phase::absent;
        Wish wish = Wish::none;
        bool dropping = false;         ///< we took it away, or are about to
        Clock::time_point since{};     ///< made, vanished, dropped
        Clock::time_point next_try{};
        int attempts = 0;
        std::uint64_t unregistered = 0;  ///< made: ports that had gone away by then
    };

    void note_wishes(const std::vector<LinkWish>& wishes, const PortMap& map);
    void step(const LinkKey& link, Record& record, const PortMap& map, bool makeable, Clock::time_point now);
    void lose(const LinkKey& link, Record& record, const PortMap& map, Clock::time_point now);
    void drop(const LinkKey& link, Record& record, Clock::time_point now);
    void ask(const LinkKey& link, Record& record, bool connect, Clock::time_point now);
    void back_off(const LinkKey& link, Record& record, const std::string& why, Clock::time_point now);
    void report(const std::vector<LinkWish>& wishes);

    std::function<void(const std::string&)> say_;
    LinkPolicy policy_ = LinkPolicy::keep;
    std::map<LinkKey, Record> records_;
    std::vector<Change> changes_;
    std::vector<LinkStatus> status_;
    std::size_t unfinished_ = 0;
    bool waiting_ = false;
};

}  // namespace stemwire::host
