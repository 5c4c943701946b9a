// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "host/live_host.hpp"

namespace stemwire::host {

struct JackOptions {
    std::string server;       ///< empty: as JACK_DEFAULT_SERVER says
    std::string session;      ///< the preset's name
    bool one_client = false;  ///< all nodes are parts of one client (`band:mix/main_FL`), instead of a client each (`band.mix:main_FL`)
};

/// Runs nodes in a JACK server (jackd, or PipeWire under pw-jack) through the libjack that the dynamic linker finds.
/// As LiveHost says; JACK has no properties of nodes, so parameters and descriptions are not shown.
class JackHost final : public LiveHost {
public:
    /// Connects. The error says what to install or to start.
    [[nodiscard]] static Expected<std::unique_ptr<JackHost>> connect(const JackOptions& options);
    ~JackHost() override;

    [[nodiscard]] ServerInfo server() const override;
    [[nodiscard]] std::string_view backend() const noexcept override { return "jack"; }

    Expected<void> build(Wanted wanted) override;
    Expected<void> update(Wanted wanted) override;

    [[nodiscard]] bool settled() const override;
    [[nodiscard]] Frames clock() const noexcept override;
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
    void on_parameter_wish(ParameterWish) override {}
    void on_lost(std::function<void()>) override {}
    void run() override;
    void quit() override;

    struct Impl;

private:
    explicit JackHost(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace stemwire::host
