// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <pipewire/filter.h>
#include <pipewire/pipewire.h>

namespace stemwire::bench {

/// A plain PipeWire client, at PIPEWIRE_REMOTE, with the names of what is on the graph. Throws std::runtime_error where the server does not
/// answer. One at a time: the first SIGINT or SIGTERM from its begin on is its end.
class Client {
public:
    Client();
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    [[nodiscard]] pw_core* core() const noexcept { return core_; }
    /// Handles what comes until the server has answered all that was asked.
    void settle();
    /// Handles what comes until this returns true, looking at least every 20 ms; false when `seconds` have passed before.
    bool run_until(const std::function<bool()>& done, double seconds);
    /// Handles what comes until SIGINT or SIGTERM.
    void run_until_ended();

    [[nodiscard]] std::optional<std::uint32_t> port(const std::string& node, const std::string& port) const;
    /// An output that is linked to this node.
    [[nodiscard]] std::optional<std::uint32_t> feeds(const std::string& node) const;
    /// Asks for a link of two ports.
    void link(std::uint32_t output, std::uint32_t input);

private:
    void heard(std::uint32_t id, const char* type, const spa_dict& properties);

    pw_main_loop* loop_;
    pw_context* context_;
    pw_core* core_ = nullptr;
    pw_registry* registry_ = nullptr;
    spa_hook core_listener_{};
    spa_hook registry_listener_{};
    int answered_ = -1;
    bool failed_ = false;
    std::map<std::string, std::uint32_t> nodes_;
    std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> ports_;  ///< node, name
    std::map<std::uint32_t, std::uint32_t> feeds_;                          ///< node, an output that is linked to it
};

/// A filter that is on the graph once it is connected.
[[nodiscard]] pw_filter* new_filter(pw_core* core, const std::string& name);
/// One port of it, for sound.
void* add_port(pw_filter* filter, pw_direction direction, const std::string& name);

}  // namespace stemwire::bench
