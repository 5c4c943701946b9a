// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/direct_signals.hpp"

#include <algorithm>
#include <string_view>

#include <fcntl.h>

#include <pipewire/extensions/client-node.h>

namespace stemwire::host {

/// A node of this connection, as the server names it.
struct DirectSignals::Node {
    Node(DirectSignals& of, pw_proxy* proxy, std::uint32_t global);
    ~Node() { move_to(-1); }

    void move_to(int fd);
    void signal(std::uint32_t peer, int file);

    DirectSignals& owner;
    const std::uint32_t id;
    LocalWakes::Source* source = nullptr;  ///< once it is known what it waits for
    Hook proxy_listener;
    Hook node_listener;
};

DirectSignals::Node::Node(DirectSignals& of, pw_proxy* proxy, std::uint32_t global) : owner(of), id(global)
{
    static const pw_proxy_events proxy_events = [] {
        pw_proxy_events table{};
        table.version = PW_VERSION_PROXY_EVENTS;
        table.destroy = [](void* data) { static_cast<Node*>(data)->owner.leave(*static_cast<Node*>(data)); };
        return table;
    }();
    static const pw_client_node_events node_events = [] {
        pw_client_node_events table{};
        table.version = PW_VERSION_CLIENT_NODE_EVENTS;
        table.transport = [](void* data, int read, int write, std::uint32_t, std::uint32_t, std::uint32_t) {
            static_cast<Node*>(data)->owner.wakes_.forget(write);
            static_cast<Node*>(data)->move_to(read);
            return 0;
        };
        table.set_activation = [](void* data, std::uint32_t peer, int file, std::uint32_t memory, std::uint32_t, std::uint32_t) {
            if (memory != SPA_ID_INVALID) static_cast<Node*>(data)->signal(peer, file);
            return 0;
        };
        return table;
    }();
    pw_proxy_add_listener(proxy, proxy_listener.get(), &proxy_events, this);
    pw_proxy_add_object_listener(proxy, node_listener.get(), &node_events, this);
}

/// Waits for another file from now on; -1: for none.
void DirectSignals::Node::move_to(int fd)
{
    if (source != nullptr) owner.wakes_.remove(source);
    source = fd < 0 ? nullptr : owner.wakes_.add(fd);
}

/// The library's own listener, which was there before this one, has taken the file, or closed it if it could not use it.
void DirectSignals::Node::signal(std::uint32_t peer, int file)
{
    owner.wakes_.forget(file);
    const Node* const woken = owner.known(peer);
    if (woken != nullptr && woken != this && woken->source != nullptr && fcntl(file, F_GETFD) != -1) owner.wakes_.route(file, woken->source);
}

DirectSignals::DirectSignals(pw_core* core, pw_data_loop* loop) : core_(core), wakes_(loop)
{
    static const pw_core_events events = [] {
        pw_core_events table{};
        table.version = PW_VERSION_CORE_EVENTS;
        table.bound_id = [](void* data, std::uint32_t proxy, std::uint32_t global) {
            static_cast<DirectSignals*>(data)->meet(proxy, global);
        };
        return table;
    }();
    if (wakes_.active()) pw_core_add_listener(core, core_listener_.get(), &events, this);
}

DirectSignals::~DirectSignals() = default;

void DirectSignals::stop_meeting()
{
    core_listener_.remove();
}

void DirectSignals::meet(std::uint32_t proxy, std::uint32_t global)
{
    pw_proxy* const bound = static_cast<pw_proxy*>(pw_core_find_proxy(core_, proxy));
    if (bound == nullptr) return;
    std::uint32_t version = 0;
    if (std::string_view(pw_proxy_get_type(bound, &version)) != PW_TYPE_INTERFACE_ClientNode) return;
    nodes_.push_back(std::make_unique<Node>(*this, bound, global));
}

void DirectSignals::leave(Node& node)
{
    std::erase_if(nodes_, [&](const std::unique_ptr<Node>& one) { return one.get() == &node; });
}

DirectSignals::Node* DirectSignals::known(std::uint32_t global) const
{
    const auto found = std::ranges::find(nodes_, global, [](const std::unique_ptr<Node>& node) { return node->id; });
    return found == nodes_.end() ? nullptr : found->get();
}

}  // namespace stemwire::host
