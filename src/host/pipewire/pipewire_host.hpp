// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/live_host.hpp"

namespace stemwire::host {

struct HostOptions {
    std::string remote;             ///< empty: PIPEWIRE_REMOTE, else the default
    std::string session;            ///< the preset's name: node.group and messages
    std::optional<std::uint32_t> quantum;  ///< asked for as node.latency
    std::optional<double> rate_hz;         ///< for node.latency
    bool private_server = false;    ///< the server is ours alone: when it goes away it does not come back
};

/// Runs our nodes in a PipeWire server, each a pw_filter of its own, and keeps the links.
class PipeWireHost final : public LiveHost {
public:
    /// Connects. The error says what to do (`--private` needs no server). Raises RLIMIT_NOFILE.
    [[nodiscard]] static Expected<std::unique_ptr<PipeWireHost>> connect(const HostOptions& options);
    ~PipeWireHost() override;

    [[nodiscard]] ServerInfo server() const override;
    [[nodiscard]] std::string_view backend() const noexcept override { return "pipewire"; }

    void begin_build(Wanted wanted, const std::function<void()>& meanwhile) override;
    Expected<void> build(Wanted wanted) override;
    Expected<void> update(Wanted wanted) override;

    [[nodiscard]] bool settled() const override;
    [[nodiscard]] Frames clock() const noexcept override;
    bool between_cycles(const std::function<void()>& call) override;
    void share_clock(const SharedClock& clock) override;
    [[nodiscard]] std::uint64_t xruns() const noexcept override;
    [[nodiscard]] std::vector<LinkStatus> links() const override;
    [[nodiscard]] std::optional<std::string> external_of(const std::string& port, bool is_input) const override;
    [[nodiscard]] std::vector<bool> running() const override;

    [[nodiscard]] std::optional<GraphTransport> graph_transport() const noexcept override;
    Expected<void> request_roll(bool rolling) override;
    Expected<void> request_locate(Frames frame) override;

    void every(std::chrono::milliseconds period, std::function<void()> callback) override;
    void watch(int fd, std::function<void()> callback) override;
    void unwatch(int fd) override;
    void on_signal(int signal, std::function<void()> callback) override;
    void on_message(std::function<void(const std::string&)> callback) override;
    void on_parameter_wish(ParameterWish callback) override;
    void on_lost(std::function<void()> callback) override;
    void run() override;
    void quit() override;

    struct Impl;

private:
    explicit PipeWireHost(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace stemwire::host
