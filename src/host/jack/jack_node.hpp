// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/jack/jack_client.hpp"
#include "host/jack/link_wishes.hpp"
#include "host/live_host.hpp"

namespace stemwire::host {

/// One of our nodes on the JACK graph: a client of its own (`band.mix:main_FL`), or a part of one that all share (`band:mix/main_FL`).
/// Thread: the main loop.
class JackNode {
public:
    /// With the ports that `hosted` has, and what it runs; `open`: whether they are heard from the start. `common` outlives it; null: a client of its own.
    [[nodiscard]] static Expected<std::unique_ptr<JackNode>> make(const HostedNode& hosted, JackClient* common, const JackClient::Shared& shared, bool open);
    ~JackNode();
    JackNode(const JackNode&) = delete;
    JackNode& operator=(const JackNode&) = delete;

    /// Registers the ports that are new, closed.
    [[nodiscard]] Expected<void> grow(const HostedNode& hosted);
    /// Ports that `hosted` has not, and those that it has.
    [[nodiscard]] std::vector<std::shared_ptr<JackPort>> ports_beyond(const HostedNode& hosted) const;
    [[nodiscard]] std::vector<std::shared_ptr<JackPort>> ports() const;
    /// Gives up the ports that `hosted` has not; they are unregistered once the data loop has left them.
    void shrink(const HostedNode& hosted);

    /// Its ports by the indices of `hosted`.
    [[nodiscard]] OwnPorts names(const HostedNode& hosted) const;
    [[nodiscard]] JackShift shift(const HostedNode& hosted) const;
    [[nodiscard]] JackLatencies::Node latencies(const HostedNode& hosted) const;

    [[nodiscard]] JackClient& client() const noexcept { return *client_; }
    [[nodiscard]] std::uint64_t cycles() const noexcept { return cycles_->load(std::memory_order_relaxed); }

private:
    using PortKey = std::pair<bool, std::string>;  ///< is_input, the port's name in `hosted`

    JackNode(std::unique_ptr<JackClient> own, JackClient* client, std::string prefix);
    [[nodiscard]] Expected<void> add(const std::vector<HostedPort>& ports, bool is_input, bool open);
    [[nodiscard]] static bool has(const HostedNode& hosted, const PortKey& key);
    [[nodiscard]] std::vector<std::shared_ptr<JackPort>> by_slot(const std::vector<HostedPort>& ports, bool is_input) const;

    std::unique_ptr<JackClient> own_client_;  ///< before the ports, which belong to it
    JackClient* client_;
    std::string prefix_;
    std::map<PortKey, std::shared_ptr<JackPort>> ports_;
    std::shared_ptr<std::atomic<std::uint64_t>> cycles_ = std::make_shared<std::atomic<std::uint64_t>>(0);
};

}  // namespace stemwire::host
