// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/link_proxy.hpp"

#include <memory>

namespace stemwire::host {

std::unique_ptr<LinkProxy> LinkProxy::make(pw_core* core, GlobalId output_port, GlobalId input_port, Kind kind, std::function<void()> changed)
{
    pw_properties* properties = pw_properties_new(nullptr, nullptr);
    pw_properties_setf(properties, PW_KEY_LINK_OUTPUT_PORT, "%u", output_port);
    pw_properties_setf(properties, PW_KEY_LINK_INPUT_PORT, "%u", input_port);
    pw_properties_set(properties, PW_KEY_OBJECT_LINGER, kind.linger ? "true" : "false");
    if (kind.passive) pw_properties_set(properties, PW_KEY_LINK_PASSIVE, "true");
    void* proxy = pw_core_create_object(core, "link-factory", PW_TYPE_INTERFACE_Link, PW_VERSION_LINK, &properties->dict, 0);
    pw_properties_free(properties);
    if (proxy == nullptr) return nullptr;
    std::unique_ptr<LinkProxy> link(new LinkProxy(static_cast<pw_proxy*>(proxy), std::move(changed)));
    link->listen();
    return link;
}

void LinkProxy::listen()
{
    static const pw_proxy_events proxy_events = [] {
        pw_proxy_events table{};
        table.version = PW_VERSION_PROXY_EVENTS;
        table.removed = [](void* data) {
            auto& self = *static_cast<LinkProxy*>(data);
            self.gone_ = true;
            self.changed_();
        };
        table.error = [](void* data, int, int, const char* message) { static_cast<LinkProxy*>(data)->refuse(message); };
        return table;
    }();
    static const pw_link_events link_events = [] {
        pw_link_events table{};
        table.version = PW_VERSION_LINK_EVENTS;
        table.info = [](void* data, const pw_link_info* info) { static_cast<LinkProxy*>(data)->heard_state(*info); };
        return table;
    }();
    pw_proxy_add_listener(proxy_, proxy_listener_.get(), &proxy_events, this);
    pw_link_add_listener(reinterpret_cast<pw_link*>(proxy_), link_listener_.get(), &link_events, this);
}

LinkProxy::~LinkProxy()
{
    link_listener_.remove();
    proxy_listener_.remove();
    pw_proxy_destroy(proxy_);
}

void LinkProxy::heard_state(const pw_link_info& info)
{
    if ((info.change_mask & PW_LINK_CHANGE_MASK_STATE) == 0) return;
    state_ = info.state;
    if (state_ == PW_LINK_STATE_ERROR) refuse(info.error != nullptr ? info.error : "refused");
    else changed_();
}

void LinkProxy::refuse(const char* why)
{
    error_ = why;
    changed_();
}

}  // namespace stemwire::host
