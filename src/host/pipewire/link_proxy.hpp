// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <pipewire/pipewire.h>

#include "host/pipewire/hook.hpp"
#include "host/pipewire/registry.hpp"

namespace stemwire::host {

/// A link that we asked the server for; it goes away with this object unless it lingers.
class LinkProxy {
public:
    struct Kind {
        bool passive = false;  ///< the link alone makes no node run
        bool linger = false;   ///< it stays when this object ends
    };
    /// `changed` is called from inside the server's messages: it may only take note.
    [[nodiscard]] static std::unique_ptr<LinkProxy> make(pw_core* core, GlobalId output_port, GlobalId input_port, Kind kind, std::function<void()> changed);
    ~LinkProxy();
    LinkProxy(const LinkProxy&) = delete;
    LinkProxy& operator=(const LinkProxy&) = delete;

    /// Formats and buffers are agreed: audio flows as soon as both nodes run.
    [[nodiscard]] bool ready() const noexcept { return !gone_ && state_ >= PW_LINK_STATE_PAUSED; }
    [[nodiscard]] bool active() const noexcept { return !gone_ && state_ == PW_LINK_STATE_ACTIVE; }
    /// The server would not make it, or gave it up; a link that somebody took away is not refused.
    [[nodiscard]] bool refused() const noexcept { return !error_.empty(); }
    /// The server had it, and has it no more.
    [[nodiscard]] bool gone() const noexcept { return gone_; }
    [[nodiscard]] const std::string& error() const noexcept { return error_; }

private:
    LinkProxy(pw_proxy* proxy, std::function<void()> changed) : proxy_(proxy), changed_(std::move(changed)) {}
    void listen();
    void heard_state(const pw_link_info& info);
    void refuse(const char* why);

    pw_proxy* proxy_;
    std::function<void()> changed_;
    Hook proxy_listener_;
    Hook link_listener_;
    pw_link_state state_ = PW_LINK_STATE_INIT;
    bool gone_ = false;
    std::string error_;
};

}  // namespace stemwire::host
